"""Telling whose coming shifts a change moved, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.people.models import Agent
from apps.rotations.effects import moved
from apps.rotations.events import ShiftsMoved
from apps.rotations.models import Rotation
from apps.rotations.schedules import book
from apps.rotations.timeline import Timeline
from apps.trail import services as trail
from apps.trail.managed import stream_of
from apps.trail.reacting import Recorded

# How far ahead the effect of a lasting change is told.
AHEAD = timedelta(weeks=8)
# What begins later than this, or goes on for longer, is a slip, which its own checks refuse.
LATEST = timedelta(days=366 * 2)
# A change of an hourly rotation moves more than anybody reads.
MOST = 200


@dataclass(frozen=True)
class Looked:
    """Who was on in a window before a change; `open_ended` when what moves may go on moving after it."""

    start: datetime
    end: datetime
    open_ended: bool
    before: Timeline | None


def look(rotation: Rotation, *, now: datetime, within: tuple[datetime, datetime]) -> Looked:
    """Who is on before a change that moves nothing outside of an interval; what is over by `now` is left out."""
    start = max(within[0], now)
    end = min(within[1], start + LATEST)
    return Looked(start, end, False, _timeline(rotation, start, end))


def look_ahead(rotation: Rotation | None, *, from_: datetime | None = None, now: datetime) -> Looked:
    """Who is on before a lasting change that begins at `from_` (None: now), up to weeks after that. None: a new one."""
    end = min(max(from_ or now, now), now + LATEST) + AHEAD
    return Looked(now, end, True, _timeline(rotation, now, end))


def tell(
    rotation: Rotation,
    looked: Looked,
    *,
    change: str,
    reason: str = "",
    by: Iterable[Agent | None] = (),
    cause: Recorded[Any] | None = None,
    now: datetime,
) -> None:
    """Record, because of `cause`, whose shifts are others than when it was looked; nothing when nobody's are.

    Those in `by` are not told of it: they did it, or hear in other words.
    """
    if looked.start >= looked.end:
        return
    after = book(rotation, looked.start, looked.end)
    moves = list(moved(looked.before, after.window(looked.start, looked.end)))
    people = list(dict.fromkeys(email for move in moves for email in sorted({*move.before} ^ {*move.after})))
    if not people:
        return
    told = moves[:MOST]
    named = {email for move in told for email in (*move.before, *move.after)} | set(people)
    agents = {agent.email: agent for agent in Agent.objects.filter(email__in=named)}
    event = ShiftsMoved(
        rotation=after.rotation.slug,
        name=after.rotation.name,
        change=change,
        reason=reason.strip(),
        since=looked.start,
        until=looked.end if looked.open_ended else None,
        people=people,
        names={email: str(agent) for email, agent in sorted(agents.items())},
        moves=[
            {
                "role": move.role,
                "start": move.start.isoformat(),
                "end": move.end.isoformat(),
                "before": list(move.before),
                "after": list(move.after),
            }
            for move in told
        ],
        more=len(moves) - len(told),
        hear_otherwise=sorted({agent.email for agent in by if agent}),
    )
    about = [after.rotation.stream, *(stream_of(agents[email]) for email in people if email in agents)]
    happening = trail.Happening(
        event=event,
        about=about,
        cause=cause.id if cause else None,
        correlation=cause.correlation if cause else None,
    )
    trail.record_many([happening], now=now)


def _timeline(rotation: Rotation | None, start: datetime, end: datetime) -> Timeline | None:
    return book(rotation, start, end).window(start, end) if rotation is not None and start < end else None
