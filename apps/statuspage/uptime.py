"""How a component did, day by day, from the intervals in which it was not well. Pure.

A day is a calendar day of the page's zone: 23 or 25 hours long where clocks change. What overlaps counts once, as the
worst of it. As Statuspage has it, a major outage counts whole, a partial one three tenths, slowness and planned work
not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from apps.statuspage.snapshot import Interval

DAYS = 90
# From what matters least to what matters most.
ORDER = ("under_maintenance", "degraded_performance", "partial_outage", "major_outage")
COUNTS = {"partial_outage": 0.3, "major_outage": 1.0}
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Day:
    """A calendar day. `lasted`: status to for how long; `causes`: ids of the incidents and maintenance it is due to.

    `length`: how much of the day has passed and counts; nothing of it does before the component is counted.
    """

    date: date
    length: timedelta
    lasted: dict[str, timedelta]
    causes: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether anything is known of it."""
        return self.length > timedelta(0)

    @property
    def worst(self) -> str:
        """The worst status of the day; `operational` when nothing was wrong, empty when nothing is known."""
        if not self.counts:
            return ""
        return max(self.lasted, key=ORDER.index, default="operational")


def days(
    intervals: Iterable[Interval], *, counted_since: date, now: datetime, zone: ZoneInfo, count: int = DAYS
) -> list[Day]:
    """The last `count` days, today included, oldest first."""
    today = now.astimezone(zone).date()
    first = today - timedelta(days=count - 1)
    edges = [_midnight(first + timedelta(days=number), zone) for number in range(count + 1)]
    pieces = [_clipped(each, edges[0], now) for each in intervals]
    pieces = sorted((piece for piece in pieces if piece.start < (piece.end or NEVER)), key=lambda piece: piece.start)
    found = []
    for number in range(count):
        day, start, end = first + timedelta(days=number), edges[number], min(edges[number + 1], now)
        if day < counted_since:
            found.append(Day(day, timedelta(0), {}))
            continue
        within = [each for each in pieces if each.start < end and (each.end or NEVER) > start]
        lasted = _lasted(within, start, end) if within else {}
        found.append(Day(day, end - start, lasted, tuple(dict.fromkeys(each.cause for each in within))))
    return found


def uptime(counted: Sequence[Day]) -> float | None:
    """How much of the time it worked, in percent; None when nothing is known."""
    length = sum((day.length for day in counted), timedelta(0))
    if not length:
        return None
    down = sum((span * COUNTS.get(status, 0.0) for day in counted for status, span in day.lasted.items()), timedelta(0))
    return 100 * (1 - down / length)


def percent(value: float | None) -> str:
    """In two places, cut and not rounded: what was down for a minute was not up for 100 %."""
    if value is None:
        return "–"
    cut = int(value * 100 + 1e-9) / 100
    # Never broken over two lines.
    return "100\u00a0%" if cut == 100 else f"{cut:.2f}\u00a0%"


@lru_cache(maxsize=400)
def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # In UTC: what lies between two times of one zone is otherwise counted by the clock on the wall.
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def _clipped(interval: Interval, start: datetime, end: datetime) -> Interval:
    until = min(interval.end or end, end)
    return Interval(interval.status, max(interval.start, start), until, interval.cause)


def _lasted(within: Sequence[Interval], start: datetime, end: datetime) -> dict[str, timedelta]:
    cuts = {start, end}
    for each in within:
        cuts |= {max(each.start, start), min(each.end or end, end)}
    found: dict[str, timedelta] = {}
    for since, until in pairwise(sorted(cuts)):
        here = [each.status for each in within if each.start <= since and (each.end or end) >= until]
        if here:
            worst = max(here, key=ORDER.index)
            found[worst] = found.get(worst, timedelta(0)) + (until - since)
    return found
