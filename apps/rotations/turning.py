"""When turns change hands, and how a new roster goes on where the old one was. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apps.rotations.resolving.definition import Active, Turns
from apps.rotations.resolving.turns import turns_in

People = tuple[tuple[str, ...], ...]
# Longer than the longest turn; two of them find the next handoff.
AHEAD = timedelta(days=366 * 10)


class Handoff(NamedTuple):
    """Turn `number` begins at `at`."""

    number: int
    at: datetime


def next_handoff(turns: Turns, active: Active | None, zone: ZoneInfo, now: datetime) -> Handoff | None:
    """The first turn that begins after `now`; None when none does in ten years.

    The turn that `now` is in does not change hands: who has it owns its first instant already.
    """
    # Whoever takes them, and however long of each they are on.
    each = replace(turns, participants=(("somebody",),), turn_active=None)
    for turn in turns_in(each, active, zone, now, now + AHEAD):
        if turn.start > now:
            return Handoff(turn.number, turn.start)
    return None


def turn_at(turns: Turns, active: Active | None, zone: ZoneInfo, at: datetime) -> int | None:
    """The number of the turn that holds the instant; None before the first."""
    each = replace(turns, participants=(("somebody",),), turn_active=None)
    for turn in turns_in(each, active, zone, at, at + timedelta(microseconds=1)):
        if turn.start <= at < turn.end:
            return turn.number
    return None


def offset_for(old: People, old_offset: int, new: People, number: int, index_offset: int = 0) -> int:
    """The new roster's offset, so that whoever would take turn `number`, or the next after them, takes it.

    `old_offset` is all that was added to turn numbers before. Nobody of the old roster stays: the new one begins with
    its first.
    """
    place = 0
    for step in range(len(old)):
        found = _place_of(old[(number + old_offset + step) % len(old)], new)
        if found is not None:
            place = found
            break
    return (place - number - index_offset) % len(new) if new else 0


def _place_of(turn: Sequence[str], new: People) -> int | None:
    if turn in new:
        return new.index(tuple(turn))
    return next((place for place, other in enumerate(new) if set(other) & set(turn)), None)
