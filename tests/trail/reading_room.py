"""People who read stories: each signed in with a role's rights."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.test import Client

from apps.trail import services as trail
from apps.trail.models import StoredEvent
from supportops import roles
from tests import make


def signed_in(*rights: str, role: str = "", now: datetime | None = None, name: str = "Reader") -> Client:
    """A client of somebody with these rights, or with a role's."""
    person = make.agent(name)
    if role and now is not None:
        roles.sync(now)
        person.groups.set([Group.objects.get(name=role)])
    for right in rights:
        app, codename = right.split(".")
        person.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client = Client()
    client.force_login(person)
    return client


def published(name: str, *about: str, now: datetime, at: datetime | None = None, **data: Any) -> StoredEvent:
    """A custom event that happened `at`."""
    recorded = trail.publish(name, data=data, about=about or ("ticket:4711",), now=max(now, at or now), occurred_at=at)
    return StoredEvent.objects.get(position=recorded.position)
