"""When cycles begin, swap and end, what phase a run is in, and when what is to be done in it is due. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from apps.rotations.cycles.due import hand_over_due
from apps.rotations.resolving.wallclock import Unit, first, on_the_wall, stepped, steps_between

START, MONITOR, SWAP, HANDOVER = "start", "monitor", "swap", "handover"
ONCE, DAILY, TWICE, WEEKLY = "once", "daily", "twice", "weekly"
DAY = timedelta(days=1)
WORKING = range(5)


@dataclass(frozen=True)
class Rules:
    """How a rotation runs in cycles: all on the wall of `zone`, a hand-over due on `weekday` (0 is Monday) `at`."""

    zone: ZoneInfo
    start_local: datetime
    weeks: int = 2
    weekday: int = 4
    at: time = time(17)
    mid_cycle: bool = True


@dataclass(frozen=True)
class Span:
    """Cycle `number`, counted from 1, half-open; `mid_at` is when roles swap, None where they do not."""

    number: int
    starts_at: datetime
    mid_at: datetime | None
    ends_at: datetime


def span(rules: Rules, number: int) -> Span:
    """The cycle of this number. One of an odd number of weeks has no middle at which a week's turn ends."""

    def at(weeks: int) -> datetime:
        return first(stepped(rules.start_local, Unit.WEEK, weeks), rules.zone)

    begins = (number - 1) * rules.weeks
    mid = at(begins + rules.weeks // 2) if rules.weeks % 2 == 0 else None
    return Span(number, at(begins), mid, at(begins + rules.weeks))


def span_at(rules: Rules, instant: datetime) -> Span:
    """The cycle that holds the instant; before the first it is the first."""
    steps = steps_between(rules.start_local, on_the_wall(instant, rules.zone), Unit.WEEK)
    # About where it is: the wall shows some times twice.
    for number in count(max(1, steps // rules.weeks)):
        found = span(rules, number)
        if instant < found.ends_at:
            return found
    raise AssertionError


def handover_due(rules: Rules, cycle: Span) -> datetime:
    """When the hand-over at its end is due; never before it begins."""
    due = hand_over_due(cycle.ends_at, zone=rules.zone, weekday=rules.weekday, at=rules.at)
    return max(due, cycle.starts_at)


def swap_due(rules: Rules, cycle: Span) -> datetime | None:
    """When the short hand-over at mid-cycle is due; None where there is none."""
    if cycle.mid_at is None or not rules.mid_cycle:
        return None
    return max(hand_over_due(cycle.mid_at, zone=rules.zone, weekday=rules.weekday, at=rules.at), cycle.starts_at)


def monitor_from(rules: Rules, cycle: Span) -> datetime:
    """When Start is over at the latest: a day after the cycle begins."""
    return _wall(rules, cycle.starts_at, DAY)


def handover_from(rules: Rules, cycle: Span) -> datetime:
    """When the hand-over begins: a day before it is due."""
    return max(_wall(rules, handover_due(rules, cycle), -DAY), cycle.starts_at)


def phase_at(rules: Rules, cycle: Span, now: datetime, *, started: bool) -> str:
    """The phase of the run. Start ends when all of it is done (`started`), or after a day."""
    if now >= handover_from(rules, cycle):
        return HANDOVER
    return MONITOR if started or now >= monitor_from(rules, cycle) else START


def dues(rules: Rules, cycle: Span, *, part: str, repeats: str, hours: int) -> list[datetime]:
    """When an item of a checklist is due, once or again and again; never after the cycle's end.

    `hours` are after the cycle begins, or after the day begins for what repeats; before a hand-over is due for what
    belongs to it. Working days are Monday to Friday, and begin at the cycle's own time. Twice a day is once at half.
    """
    after = timedelta(hours=hours)
    if part == HANDOVER:
        return [max(_wall(rules, handover_due(rules, cycle), -after), cycle.starts_at)]
    if part == SWAP:
        due = swap_due(rules, cycle)
        return [] if due is None else [max(_wall(rules, due, -after), cycle.starts_at)]
    if part == START or repeats == ONCE:
        return [min(_wall(rules, cycle.starts_at, after), cycle.ends_at)]
    afters = (after / 2, after) if repeats == TWICE else (after,)
    found = (
        first(day + each, rules.zone)
        for day in _days(rules, cycle)
        if (day.weekday() == rules.weekday if repeats == WEEKLY else day.weekday() in WORKING)
        for each in afters
    )
    # A clock put back or forward can make two of one.
    return sorted({due for due in found if cycle.starts_at < due <= cycle.ends_at})


def _days(rules: Rules, cycle: Span) -> Iterator[datetime]:
    """The beginning of each of its days, on the wall."""
    day = on_the_wall(cycle.starts_at, rules.zone)
    while first(day, rules.zone) < cycle.ends_at:
        yield day
        day += DAY


def _wall(rules: Rules, instant: datetime, by: timedelta) -> datetime:
    """So much later on the wall: a day is a day, not 24 hours."""
    return first(on_the_wall(instant, rules.zone) + by, rules.zone)
