"""Who may read which event."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, PermissionsMixin

from apps.trail.models import StoredEvent

READ = "trail.view_storedevent"
EXPORT = "trail.export_trail"
# Whoever may see a thing may read its story: the right that opens the streams of a kind.
OPENS = {"ticket": "tickets.view_ticket", "rfh": "rfhs.view_rfh", "incident": "incidents.view_incident"}


def may_read(user: AbstractBaseUser | AnonymousUser, event: StoredEvent) -> bool:
    """Whether the user may read the event: by the right to the trail, or to something the event is about."""
    if not (user.is_active and isinstance(user, PermissionsMixin)):
        return False
    if user.has_perm(READ):
        return True
    kinds = {stream.partition(":")[0] for stream in event.about}
    return any(kind in kinds and user.has_perm(right) for kind, right in OPENS.items())


def may_look(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether the user may read any event at all."""
    if not (user.is_active and isinstance(user, PermissionsMixin)):
        return False
    return user.has_perm(READ) or any(user.has_perm(right) for right in OPENS.values())


def may_read_stream(user: AbstractBaseUser | AnonymousUser, stream: str) -> bool:
    """Whether the user may read the story of a stream, by the right to the trail or to the thing itself."""
    if not (user.is_active and isinstance(user, PermissionsMixin)):
        return False
    right = OPENS.get(stream.partition(":")[0], READ)
    return user.has_perm(READ) or user.has_perm(right)
