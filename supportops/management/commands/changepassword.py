"""`manage.py changepassword`: Django's, on the trail."""

from __future__ import annotations

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.db import transaction
from django.utils import timezone

from apps.people.events import PasswordSet
from apps.people.models import Agent
from apps.trail import services as trail
from apps.trail.console.commands import Operated
from apps.trail.managed import stream_of


class Command(Operated, changepassword.Command):
    """Gives an agent another password."""

    # While somebody types nothing is held: no row is locked before the password is there.
    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> str | None:
        email = options["username"] or getpass.getuser()
        said = super().handle(*args, **{**options, "username": email})
        agent = Agent.objects.get(email=email)
        event = PasswordSet(agent=agent.pk, name=str(agent), usable=agent.has_usable_password())
        trail.record(event, about=[stream_of(agent)], now=timezone.now())
        return said
