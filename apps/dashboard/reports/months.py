"""Months of a period, by the portal's own calendar. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

# Sourcegraph's goal: help from engineering for at most a tenth of the tickets.
GOAL = 0.10
USUAL = 12
# A longer period would be a page nobody reads.
MOST = 60


class BadPeriod(ValueError):
    """The message says what a period looks like; `field` is the side that is wrong."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


@dataclass(frozen=True)
class Period:
    """Whole days from `first` to `last`, both within, in the zone."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return midnight(day_after(self.last), self.zone)

    @property
    def months(self) -> list[date]:
        """The first day of each month it touches, in order."""
        return list(_months(self.first, self.last))

    def within(self, month: date) -> tuple[date, date]:
        """The first and the last day of the month that are of the period: it may cut off both ends."""
        return max(month, self.first), min(_last_of(month), self.last)


def read(since: str, until: str, *, today: date, zone: ZoneInfo) -> Period:
    """The period of two days (2026-03-18) or months (2026-03); left out, the twelve months up to today's.

    A month as `until` is wholly within. Raises BadPeriod.
    """
    last = _day("until", until, end=True) if until else _last_of(today)
    first = _day("from", since, end=False) if since else _back(last.replace(day=1), USUAL - 1)
    if first > last:
        raise BadPeriod("until", f"The period ends on {last}, before it begins on {first}.")
    period = Period(first, last, zone)
    if len(period.months) > MOST:
        raise BadPeriod("from", f"This period has {len(period.months)} months: ask for at most {MOST}.")
    return period


def day_after(day: date) -> date:
    """The next day."""
    return date.fromordinal(day.toordinal() + 1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins there."""
    return datetime.combine(day, time(), zone)


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = day_after(_last_of(month))


def _back(month: date, count: int) -> date:
    years, index = divmod(month.year * 12 + month.month - 1 - count, 12)
    return date(years, index + 1, 1)


def _last_of(day: date) -> date:
    following = date(day.year + (day.month == 12), day.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def _day(field: str, said: str, *, end: bool) -> date:
    try:
        if len(said) == len("2026-03"):
            month = date.fromisoformat(f"{said}-01")
            found = _last_of(month) if end else month
        else:
            found = date.fromisoformat(said)
    except ValueError:
        found = date.min
    # Neither end of the calendar: a day more must exist.
    if not 1970 <= found.year <= 9000:
        raise BadPeriod(field, f"“{said[:40]}” is no day: write 2026-03-18, or 2026-03 for the whole month.")
    return found
