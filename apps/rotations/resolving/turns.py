"""Whose turn it is when. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apps.rotations.resolving.definition import Active, Advance, Turns
from apps.rotations.resolving.wallclock import Unit, first, on_the_wall, stepped, steps_between

EVERY_DAY = frozenset(range(7))


class Step(NamedTuple):
    """A turn's number and its place between two handoffs; of no length where the clock jumps over it."""

    number: int
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Turn:
    """Turn `number` of a rotation, half-open, and who takes it."""

    start: datetime
    end: datetime
    number: int
    people: tuple[str, ...]


def turns_in(turns: Turns, active: Active | None, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Turn]:
    """The turns that touch the window, in order; each whole, unless it is on only for its first minutes."""
    if not turns.participants:
        return
    if turns.advance is Advance.ACTIVE_DAY:
        steps = _active_days(turns, active.days if active else EVERY_DAY, zone, start)
    else:
        steps = _steps(turns, zone, start)
    for number, since, until in steps:
        if since >= end:
            return
        stops = until if turns.turn_active is None else min(until, since + turns.turn_active)
        if stops > since and stops > start:
            people = turns.participants[(number + turns.index_offset) % len(turns.participants)]
            yield Turn(since, stops, number, people)


def _steps(turns: Turns, zone: ZoneInfo, start: datetime) -> Iterator[Step]:
    """Every turn from the one at `start` on."""

    def begin(number: int) -> datetime:
        return first(stepped(turns.start_local, turns.unit, number * turns.length), zone)

    number = max(0, steps_between(turns.start_local, on_the_wall(start, zone), turns.unit) // turns.length)
    while number > 0 and begin(number) > start:
        number -= 1
    since = begin(number)
    while True:
        until = begin(number + 1)
        yield Step(number, since, until)
        number, since = number + 1, until


def _active_days(turns: Turns, days: frozenset[int], zone: ZoneInfo, start: datetime) -> Iterator[Step]:
    """The same where a turn is `length` days on which the window opens; a day between belongs to the turn before it."""
    anchor = turns.start_local

    def turn_of(day: int) -> int:
        """The turn of the day so many days after the first."""
        weeks, rest = divmod(day + 1, 7)
        active = weeks * len(days) + sum((anchor.weekday() + after) % 7 in days for after in range(rest))
        return max(active - 1, 0) // turns.length

    def begin(day: int) -> datetime:
        return first(stepped(anchor, Unit.DAY, day), zone)

    day = max(0, steps_between(anchor, on_the_wall(start, zone), Unit.DAY))
    while day > 0 and turn_of(day - 1) == turn_of(day):
        day -= 1
    while days:
        number, since = turn_of(day), begin(day)
        while turn_of(day) == number:
            day += 1
        yield Step(number, since, begin(day))
