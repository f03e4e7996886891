"""When a layer is active, and intervals cut to it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apps.rotations.resolving.definition import Active
from apps.rotations.resolving.wallclock import first, last, on_the_wall

DAY = timedelta(days=1)
Span = tuple[datetime, datetime]


def windows_in(active: Active, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Span]:
    """The intervals in which the window is open and that touch [start, end), in order and apart.

    A window opens at the first occurrence of its time and closes at the last, so a clock put back leaves no gap.
    """
    held: Span | None = None
    # A window lasts a day, and a zone can skip one.
    day = (on_the_wall(start, zone) - 3 * DAY).date()
    final = (on_the_wall(end, zone) + DAY).date()
    while day <= final:
        if day.weekday() in active.days:
            closing = day if active.closes > active.opens else day + DAY
            opens = first(datetime.combine(day, active.opens), zone)
            closes = last(datetime.combine(closing, active.closes), zone)
            if held is not None and opens <= held[1]:
                held = (held[0], max(held[1], closes))
            else:
                if held is not None and held[1] > start and held[0] < end and held[0] < held[1]:
                    yield held
                held = (opens, closes)
        day += DAY
    if held is not None and held[1] > start and held[0] < end and held[0] < held[1]:
        yield held
