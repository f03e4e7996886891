"""What a change of a rotation comes to, before it is saved: warnings, hours, and whose shifts move. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from apps.rotations.resolving.resolver import Double, Gap
from apps.rotations.timeline import Duty, Timeline

NO_TIME = timedelta(0)


@dataclass(frozen=True)
class Leave:
    """Somebody is away from `start` until before `end`, as a calendar says."""

    person: str
    start: datetime
    end: datetime
    label: str = ""


@dataclass(frozen=True)
class LeaveConflict:
    """Somebody is on duty in a role while they are away."""

    person: str
    role: str
    start: datetime
    end: datetime
    label: str = ""


@dataclass(frozen=True)
class Hours:
    """How long somebody is on duty in the window, before and after; roles held at once count once."""

    person: str
    before: timedelta
    after: timedelta

    @property
    def more(self) -> timedelta:
        return self.after - self.before


@dataclass(frozen=True)
class Moved:
    """Other people are on in a role than before."""

    role: str
    start: datetime
    end: datetime
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Effect:
    """What `after` has to be warned about, and how it differs from `before`; people are emails."""

    gaps: tuple[Gap, ...]
    doubles: tuple[Double, ...]
    never: tuple[str, ...]
    deactivated: tuple[str, ...]
    leaves: tuple[LeaveConflict, ...]
    hours: tuple[Hours, ...]
    moved: tuple[Moved, ...]

    @property
    def affected(self) -> tuple[str, ...]:
        """Whose shifts come, go or move, each once."""
        people = (sorted(set(move.before) ^ set(move.after)) for move in self.moved)
        return tuple(dict.fromkeys(person for each in people for person in each))

    @property
    def warned(self) -> bool:
        return bool(self.gaps or self.doubles or self.never or self.deactivated or self.leaves)


def effect(
    before: Timeline | None,
    after: Timeline,
    *,
    named: Iterable[str] = (),
    deactivated: Iterable[str] = (),
    leaves: Sequence[Leave] = (),
) -> Effect:
    """The effect within after's window; before has the same one, or is None when there was nothing.

    named: who is in the rotation's rosters, so that who of them never serves is told. deactivated: who of those works
    here no more.
    """
    gone = frozenset(deactivated)
    was = _served(before.shifts) if before else {}
    is_now = _served(after.shifts)
    people = sorted({*was, *is_now})
    return Effect(
        gaps=after.gaps,
        doubles=after.doubles,
        never=tuple(person for person in dict.fromkeys(named) if person not in is_now and person not in gone),
        deactivated=tuple(sorted(gone)),
        leaves=tuple(_conflicts(after.shifts, leaves)),
        hours=tuple(Hours(person, was.get(person, NO_TIME), is_now.get(person, NO_TIME)) for person in people),
        moved=tuple(moved(before, after)),
    )


def _served(shifts: Sequence[Duty]) -> dict[str, timedelta]:
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for shift in shifts:
        for person in shift.people:
            spans.setdefault(person, []).append((shift.start, shift.end))
    return {person: _length(own) for person, own in spans.items()}


def _length(spans: list[tuple[datetime, datetime]]) -> timedelta:
    """How long they cover together."""
    total, reached = NO_TIME, None
    for start, end in sorted(spans):
        since = start if reached is None else max(start, reached)
        if end > since:
            total += end - since
            reached = end
    return total


def _conflicts(shifts: Sequence[Duty], leaves: Sequence[Leave]) -> Iterable[LeaveConflict]:
    for shift in shifts:
        for leave in leaves:
            if leave.person in shift.people and leave.start < shift.end and leave.end > shift.start:
                start, end = max(leave.start, shift.start), min(leave.end, shift.end)
                yield LeaveConflict(leave.person, shift.role, start, end, leave.label)


def moved(before: Timeline | None, after: Timeline) -> Iterable[Moved]:
    """Where others are on than before, piece by piece, role by role; both of one window."""
    roles = dict.fromkeys([*(before.roles if before else ()), *after.roles])
    for role in roles:
        was, now = before.of(role) if before else (), after.of(role)
        instants = sorted({at for duty in (*was, *now) for at in (duty.start, duty.end)})
        walks = _Walk(was), _Walk(now)
        held: Moved | None = None
        for since, until in pairwise(instants):
            there, here = (walk.at(since) for walk in walks)
            if set(there) == set(here):
                continue
            if held is not None and held.end == since and (held.before, held.after) == (there, here):
                held = Moved(role, held.start, until, there, here)
                continue
            if held is not None:
                yield held
            held = Moved(role, since, until, there, here)
        if held is not None:
            yield held


class _Walk:
    """Who is on by these duties, asked at ever later instants."""

    def __init__(self, duties: Sequence[Duty]) -> None:
        self.waiting = list(reversed(duties))

    def at(self, instant: datetime) -> tuple[str, ...]:
        while self.waiting and self.waiting[-1].end <= instant:
            self.waiting.pop()
        duty = self.waiting[-1] if self.waiting else None
        return duty.people if duty and duty.start <= instant else ()
