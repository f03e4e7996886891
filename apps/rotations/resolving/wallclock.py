"""Times on the wall as instants, and steps of the calendar. Pure.

An ambiguous time (clocks back) has a first and a last occurrence; a time that is skipped (clocks forward, or a whole
day as in Apia 2011) stands for the first real instant after the jump.
"""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


class Unit(StrEnum):
    """The calendar's steps a rotation can take."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


STEPS = {Unit.HOUR: timedelta(hours=1), Unit.DAY: timedelta(days=1), Unit.WEEK: timedelta(weeks=1)}


def first(local: datetime, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) at which the wall shows `local` (naive)."""
    return _instant(local.replace(fold=0), zone)


def last(local: datetime, zone: ZoneInfo) -> datetime:
    """The last instant (UTC) at which the wall shows `local` (naive)."""
    return _instant(local.replace(fold=1), zone)


def on_the_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the wall shows at the instant, naive."""
    return instant.astimezone(zone).replace(tzinfo=None)


def stepped(local: datetime, unit: Unit, count: int) -> datetime:
    """`count` steps later on the wall; a month step ends at the month's end where the day is missing.

    Raises OverflowError beyond the calendar's end.
    """
    if unit is not Unit.MONTH:
        return local + STEPS[unit] * count
    years, month = divmod(local.year * 12 + local.month - 1 + count, 12)
    if not 1 <= years <= 9999:
        raise OverflowError("date value out of range")
    return local.replace(year=years, month=month + 1, day=min(local.day, calendar.monthrange(years, month + 1)[1]))


def steps_between(earlier: datetime, later: datetime, unit: Unit) -> int:
    """About how many whole steps lie between two times on the wall, one more or less."""
    if unit is not Unit.MONTH:
        return (later - earlier) // STEPS[unit]
    return (later.year - earlier.year) * 12 + later.month - earlier.month - (later.day < earlier.day)


# A schedule asks for the same times again and again: of overlapping windows, of layers with one handoff.
@lru_cache(maxsize=65_536)
def _cached(local: datetime, fold: int, zone: ZoneInfo) -> datetime:
    instant = local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if on_the_wall(instant, zone) == local:
        return instant
    return _end_of_jump(local, zone)


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    # `fold` takes no part in comparing, so it is a part of the key of its own.
    return _cached(local.replace(fold=0), local.fold, zone)


def _end_of_jump(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant of the jump that skips `local`: read with the offset of before it lies after the jump, and with
    that of after it before the jump (PEP 495); zones change on whole seconds."""
    low = local.replace(tzinfo=zone, fold=1).astimezone(UTC).replace(microsecond=0)
    high = local.replace(tzinfo=zone, fold=0).astimezone(UTC).replace(microsecond=0) + SECOND
    before = low.astimezone(zone).utcoffset()
    while high - low > SECOND:
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high
