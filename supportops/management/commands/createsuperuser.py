"""`manage.py createsuperuser`: Django's, on the trail."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.db import transaction
from django.utils import timezone

from apps.people.models import Agent
from apps.trail.console.commands import Operated
from apps.trail.managed import record_saved, stream_of
from apps.trail.models import Link


class Command(Operated, createsuperuser.Command):
    """Makes an agent with every right."""

    # While somebody types nothing is held: no row is locked before the answers are there.
    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        known = set(Agent.objects.values_list("pk", flat=True))
        super().handle(*args, **options)
        for agent in Agent.objects.filter(is_superuser=True).exclude(pk__in=known):
            # One that somebody else made meanwhile has its story already.
            if not Link.objects.filter(stream=stream_of(agent)).exists():
                record_saved(agent, None, now=timezone.now())
