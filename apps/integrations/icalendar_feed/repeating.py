"""How much work a recurrence would be. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from icalendar import Component

# Once an hour for three years, or daily for seventy.
MOST_STEPS = 27_000
PER_DAY = {"YEARLY": 1 / 365, "MONTHLY": 1 / 28, "WEEKLY": 1 / 7, "DAILY": 1.0, "HOURLY": 24.0}


def repeats_too_often(event: Component, end: datetime) -> bool:
    """Whether its rule names more occurrences until `end`, from its own beginning, than a calendar ever would.

    A rule without an end is as good as one that ends at `end`.
    """
    rules = event.get("RRULE")
    if rules is None:
        return False
    start = getattr(event.get("DTSTART"), "dt", None)
    if not isinstance(start, date):
        return True
    days = max((end.astimezone(UTC).date() - _day(start)).days, 1)
    return any(_steps(rule, days) > MOST_STEPS for rule in (rules if isinstance(rules, list) else [rules]))


def _day(start: date) -> date:
    return start.date() if isinstance(start, datetime) else start


def _steps(rule: Any, days: int) -> float:
    frequency = str(_first(rule, "FREQ", "")).upper()
    if frequency not in PER_DAY:
        # SECONDLY and MINUTELY, or what is no frequency.
        return float("inf")
    try:
        interval = max(int(_first(rule, "INTERVAL", 1)), 1)
        count = int(_first(rule, "COUNT", 0))
    except (TypeError, ValueError):
        return float("inf")
    times = 1
    for part in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= max(len(_all(rule, part)), 1)
    if frequency != "DAILY":
        # Several days of each week, month or year.
        for part in ("BYDAY", "BYMONTHDAY", "BYYEARDAY"):
            times *= max(len(_all(rule, part)), 1)
    # An interval of a thousand is stepped through all the same when days have to fit.
    steps = days * PER_DAY[frequency] * times / (interval if frequency in ("DAILY", "HOURLY") else 1)
    return min(steps, count * times) if count else steps


def _first(rule: Any, name: str, default: Any) -> Any:
    return (_all(rule, name) or [default])[0]


def _all(rule: Any, name: str) -> list[Any]:
    found = rule.get(name, [])
    return found if isinstance(found, list) else [found]
