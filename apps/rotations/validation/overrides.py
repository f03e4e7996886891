"""Why an override cannot be so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apps.people.models import Agent
from apps.rotations.models import Override, Role, Rotation, Touched
from apps.trail.instants import slip_in

LONGEST = timedelta(days=366)
LONGEST_REASON = 500
# More than a rotation of any size needs at once; it keeps resolving quick.
MOST_AHEAD = 1_000

Problems = dict[str, list[str]]


def override_problems(
    rotation: Rotation,
    *,
    role: Role | None,
    starts_at: datetime | None,
    ends_at: datetime | None,
    remove: Agent | None,
    add: Agent | None,
    reason: str,
    now: datetime,
) -> Problems:
    """What is wrong by field; empty when it can be. Of times what is None could not be read, and is left out."""
    found: Problems = {}
    if rotation.archived_at is not None:
        found[""] = [f"{rotation} is archived, so nobody is on duty by it."]
    if not reason.strip():
        found["reason"] = ["Say why: those whose shift moves are told."]
    elif len(reason) > LONGEST_REASON:
        found["reason"] = [f"A reason has at most {LONGEST_REASON} characters."]
    _who(rotation, role, remove, add, found)
    for name, at in (("starts_at", starts_at), ("ends_at", ends_at)):
        if at is not None and (slip := slip_in(at)):
            found[name] = [slip]
    if starts_at is None or ends_at is None or {"starts_at", "ends_at"} & found.keys():
        return found
    if ends_at <= starts_at:
        found["ends_at"] = ["The override must end after it starts."]
    elif ends_at <= now:
        found["ends_at"] = ["This is over already, and who was on duty is kept as it was."]
    elif ends_at - starts_at > LONGEST:
        found["ends_at"] = [f"An override is at most {LONGEST.days} days long. Change the roster instead."]
    elif Override.objects.filter(rotation=rotation, ends_at__gt=now).count() >= MOST_AHEAD:
        found[""] = [f"A rotation has at most {MOST_AHEAD} overrides ahead of it. Change the roster instead."]
    else:
        for name, agent in (("remove", remove), ("add", add)):
            if agent is not None and (other := overlapping(rotation, role, agent, max(starts_at, now), ends_at)):
                found[name] = [
                    f"Another override touches {agent} then: {other}, {_spell(other, rotation)}. "
                    "End that one first, or choose other times."
                ]
    return found


def overlapping(
    rotation: Rotation,
    role: Role | None,
    agent: Agent,
    starts_at: datetime,
    ends_at: datetime,
    *,
    but: Iterable[Override] = (),
) -> Override | None:
    """The first override, `but` these, that touches the person then: in the same role, or one of them in every role."""
    touched = Touched.objects.filter(rotation=rotation, agent=agent, starts_at__lt=ends_at, ends_at__gt=starts_at)
    if role is not None:
        touched = touched.filter(role=role) | touched.filter(role=None)
    touched = touched.exclude(override__in=list(but))
    first = touched.select_related("override__role", "override__add", "override__remove").order_by("starts_at").first()
    return first.override if first else None


def _who(rotation: Rotation, role: Role | None, remove: Agent | None, add: Agent | None, found: Problems) -> None:
    if remove is None and add is None:
        found["add"] = ["Say who is on, who is not, or both."]
    elif remove == add:
        found["add"] = ["Somebody cannot be on for themselves."]
    elif add is not None and not add.is_active:
        found["add"] = [f"{add} does not work here any more. Choose somebody who does."]
    if role is not None and role.rotation_id != rotation.pk:
        found["role"] = [f"{rotation} has no such role."]
    elif role is None and add is not None and remove is None and rotation.roles.count() > 1:
        names = ", ".join(other.name for other in rotation.roles.all())
        found["role"] = [f"Say in which role {add} is on: {names}."]


def _spell(override: Override, rotation: Rotation) -> str:
    zone = ZoneInfo(rotation.time_zone)
    start, end = override.starts_at.astimezone(zone), override.ends_at.astimezone(zone)
    return f"{start:%-d %b %Y %H:%M} to {end:%-d %b %Y %H:%M} {end.tzname()}"
