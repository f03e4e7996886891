"""Somebody's part of a shift goes to somebody else, also where an override put them on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from apps.people.models import Agent
from apps.rotations.models import Override, Role, Rotation
from apps.rotations.services.overrides import cut_short, put
from apps.rotations.validation.swaps import Part


def handed_on(rotation: Rotation, role: Role, giver: Agent, start: datetime, end: datetime) -> QuerySet[Override]:
    """The overrides that put the giver on in this role at some time in [start, end)."""
    found = Override.objects.filter(rotation=rotation, role=role, add=giver, starts_at__lt=end, ends_at__gt=start)
    return found.select_related("rotation", "role", "add", "remove", "made_by").order_by("starts_at")


def hand_on(
    rotation: Rotation, part: Part, role: Role, giver: Agent, taker: Agent, *, reason: str, by: Agent, now: datetime
) -> None:
    """The taker is on for the giver in the part, which begins after `now`, in a rotation whose history is kept.

    Where the giver is on for somebody by an override the taker is on for that somebody, or is on again as themselves.
    Raises OverrideRefused.
    """
    pieces: list[tuple[datetime, datetime, Agent | None]] = []
    reached = part.start
    for override in handed_on(rotation, role, giver, part.start, part.end):
        start, end = max(override.starts_at, part.start), min(override.ends_at, part.end)
        if reached < start:
            pieces.append((reached, start, giver))
        if override.remove != taker:
            pieces.append((start, end, override.remove))
        _leave_out(rotation, override, part, now=now)
        reached = end
    if reached < part.end:
        pieces.append((reached, part.end, giver))
    for start, end, away in pieces:
        put(rotation, role=role, starts_at=start, ends_at=end, remove=away, add=taker, reason=reason, by=by, now=now)


def _leave_out(rotation: Rotation, override: Override, part: Part, *, now: datetime) -> None:
    """What is left of the override is what lies before and after the part."""
    said: dict[str, Any] = {
        "role": override.role,
        "remove": override.remove,
        "add": override.add,
        "reason": override.reason,
        "by": override.made_by,
        "now": now,
    }
    before, after = override.starts_at, override.ends_at
    cut_short(override, at=part.start if before < now else before, now=now)
    if now <= before < part.start:
        put(rotation, starts_at=before, ends_at=part.start, **said)
    if after > part.end:
        put(rotation, starts_at=part.end, ends_at=after, **said)
