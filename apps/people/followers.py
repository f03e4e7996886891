"""What people's rights have to do with what was changed outside the application: the database tells that by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group, Permission
from django.db.models import Model

from apps.people import rights
from apps.people.events import RightsChanged
from apps.people.models import Agent
from apps.people.rights import STREAM
from apps.people.selectors import holders
from apps.trail import services as trail
from apps.trail.context import Actor, acting
from apps.trail.following import follower
from apps.trail.models import StoredEvent

OF_PERSON, OF_ROLE = "agent", "group"
# The tables that join: what the other side's column is, and which field of the owner it amounts to.
JOINS = {
    "people.agent_groups": (OF_PERSON, "group_id", "groups"),
    "people.agent_user_permissions": (OF_PERSON, "permission_id", "user_permissions"),
    "auth.group_permissions": (OF_ROLE, "permission_id", "permissions"),
}


@dataclass
class Change:
    """What one transaction gave to and took from one person or role; `event` is the first that told of it."""

    event: StoredEvent
    given: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)


@follower("rights", types=("ChangedOutside",))
def tell_what_it_means_for_rights(events: Sequence[StoredEvent]) -> None:
    """A role given by SQL, or by a script that saves past the services, is said in words as well."""
    named = _named(events)
    changes: dict[tuple[UUID, str], Change] = {}
    for event in events:
        stream = event.about[0] if event.about else ""
        given, taken = _given_and_taken(event, named)
        if given or taken:
            change = changes.setdefault((event.correlation_id, stream), Change(event))
            change.given += given
            change.taken += taken
    for (_, stream), change in changes.items():
        _tell(stream, change)


def _given_and_taken(event: StoredEvent, named: dict[tuple[str, Any], str]) -> tuple[list[str], list[str]]:
    model, before, after = event.payload["model"], event.payload["before"] or {}, event.payload["after"] or {}
    if model == rights.AGENT:
        if event.payload["op"] == "insert":
            return rights.given_and_taken(model, rights.from_nothing(after))
        if event.payload["op"] == "delete":
            return rights.given_and_taken(model, rights.to_nothing(before))
        return rights.given_and_taken(model, {name: (before.get(name), after.get(name)) for name in rights.FLAGS})
    if model not in JOINS:
        return [], []
    owner, column, of_owner = JOINS[model]
    pair = tuple([named[column, row[column]]] if column in row else [] for row in (before, after))
    return rights.given_and_taken(rights.AGENT if owner == OF_PERSON else rights.ROLE, {of_owner: pair})


def _named(events: Iterable[StoredEvent]) -> dict[tuple[str, Any], str]:
    """What the roles and rights in these events are called; one that is gone by its number."""
    found: dict[tuple[str, Any], str] = {}
    for event in events:
        if event.payload["model"] in JOINS:
            column = JOINS[event.payload["model"]][1]
            rows = (event.payload["before"] or {}, event.payload["after"] or {})
            found |= {(column, row[column]): f"number {row[column]}" for row in rows if column in row}
    roles = Group.objects.filter(pk__in=[key for column, key in found if column == "group_id"])
    permissions = Permission.objects.select_related("content_type").filter(
        pk__in=[key for column, key in found if column == "permission_id"]
    )
    found |= {("group_id", role.pk): role.name for role in roles}
    return found | {("permission_id", permission.pk): str(permission) for permission in permissions}


def _tell(stream: str, change: Change) -> None:
    kind, _, key = stream.partition(":")
    both = set(change.given) & set(change.taken)
    given = [right for right in change.given if right not in both]
    taken = [right for right in change.taken if right not in both]
    if not given and not taken:
        return
    event = change.event
    said = RightsChanged(
        kind="role" if kind == OF_ROLE else "agent",
        key=key,
        name=_called(kind, key) or event.payload["label"],
        given=given,
        taken=taken,
        holders=holders(int(key)) if kind == OF_ROLE else [],
    )
    # It is the doing of whoever changed it, not of the job that reads along.
    actor = Actor(kind=event.actor_kind, id=event.actor_id, label=event.actor_label)
    with acting(actor=actor, cause=event.event_id, correlation=event.correlation_id, metadata=event.metadata):
        trail.record(said, about=[stream, STREAM], now=event.occurred_at)


def _called(kind: str, key: str) -> str:
    model: type[Model] = Group if kind == OF_ROLE else Agent
    found = model._default_manager.filter(pk=key).first()
    return str(found) if found else ""
