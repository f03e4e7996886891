"""The resolver against a reading of the wall, minute by minute over whole years with their changes of the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.rotations.resolving.definition import Active, Advance, Definition, Layer, Override, Turns
from apps.rotations.resolving.resolver import resolve
from apps.rotations.resolving.wallclock import Unit

MINUTE = timedelta(minutes=1)
YEARS = [
    ("Europe/London", 2026),
    ("America/Chicago", 2026),
    ("Australia/Lord_Howe", 2026),
    ("America/Santiago", 2026),
    ("Asia/Kolkata", 2026),
    ("Pacific/Apia", 2011),
]
PEOPLE = (("ana",), ("ben",), ("cem", "dot"), ("eve",), ("fay",))


class Wall:
    """What the wall shows at each minute of a year and a few days around it."""

    def __init__(self, zone: str, year: int) -> None:
        self.zone = ZoneInfo(zone)
        self.begin = datetime(year - 1, 12, 25, tzinfo=UTC)
        self.end = datetime(year + 1, 1, 6, tzinfo=UTC)
        self.shows = [
            (self.begin + MINUTE * minute).astimezone(self.zone).replace(tzinfo=None)
            for minute in range((self.end - self.begin) // MINUTE)
        ]

    def crossings(self, local: datetime) -> list[int]:
        """The minutes at which the wall comes to show `local`, or jumps over it."""
        around = (local.replace(tzinfo=UTC) - self.begin) // MINUTE
        low, high = max(1, around - 2 * 1440), min(len(self.shows), around + 2 * 1440)
        return [at for at in range(low, high) if self.shows[at - 1] < local <= self.shows[at]]


def handoffs(wall: Wall, locals_: Iterator[datetime]) -> list[int]:
    """The first minute at which the wall shows each, or has jumped over it, as long as there are any."""
    found = []
    waiting = next(locals_)
    for minute, shown in enumerate(wall.shows):
        while shown >= waiting:
            found.append(minute)
            waiting = next(locals_)
    return found


def every(start: datetime, step: timedelta) -> Iterator[datetime]:
    count = 0
    while True:
        yield start + step * count
        count += 1


def month_ends(start: datetime) -> Iterator[datetime]:
    """The 31st of each month, or its last day."""
    year, month = start.year, start.month
    while True:
        following = date(year + month // 12, month % 12 + 1, 1)
        yield datetime.combine(following - timedelta(days=1), start.time())
        year, month = following.year, following.month


def by_turns(wall: Wall, starts: list[int], offset: int = 0, only_first: int | None = None) -> list[tuple[str, ...]]:
    """Who is on at each minute, by walking from handoff to handoff."""
    on: list[tuple[str, ...]] = [()] * len(wall.shows)
    for number, since in enumerate(starts):
        until = starts[number + 1] if number + 1 < len(starts) else len(on)
        if only_first is not None:
            until = min(until, since + only_first)
        for minute in range(since, until):
            on[minute] = PEOPLE[(number + offset) % len(PEOPLE)]
    return on


def open_at(wall: Wall, active: Active) -> list[bool]:
    """Whether the window is open at each minute."""
    held = [False] * len(wall.shows)
    day = wall.shows[0].date() + timedelta(days=1)
    while day < wall.shows[-1].date() - timedelta(days=2):
        closing = day if active.closes > active.opens else day + timedelta(days=1)
        opens = wall.crossings(datetime.combine(day, active.opens))
        closes = wall.crossings(datetime.combine(closing, active.closes))
        if day.weekday() in active.days:
            for minute in range(opens[0], closes[-1]):
                held[minute] = True
        day += timedelta(days=1)
    return held


def weekly(wall: Wall) -> tuple[Layer, list[tuple[str, ...]]]:
    start = datetime(wall.begin.year + 1, 1, 5, 9)
    turns = Turns(Unit.WEEK, start, PEOPLE, index_offset=1)
    return Layer("r", turns=turns), by_turns(wall, handoffs(wall, every(start, timedelta(weeks=1))), 1)


def daily_in_the_hour_that_changes(wall: Wall) -> tuple[Layer, list[tuple[str, ...]]]:
    start = datetime(wall.begin.year + 1, 1, 2, 1, 45)
    turns = Turns(Unit.DAY, start, PEOPLE, length=3)
    return Layer("r", turns=turns), by_turns(wall, handoffs(wall, every(start, timedelta(days=3))))


def at_midnight(wall: Wall) -> tuple[Layer, list[tuple[str, ...]]]:
    start = datetime(wall.begin.year + 1, 1, 2)
    turns = Turns(Unit.DAY, start, PEOPLE)
    return Layer("r", turns=turns), by_turns(wall, handoffs(wall, every(start, timedelta(days=1))))


def hourly(wall: Wall) -> tuple[Layer, list[tuple[str, ...]]]:
    start = datetime(wall.begin.year + 1, 1, 2, 0, 30)
    turns = Turns(Unit.HOUR, start, PEOPLE)
    return Layer("r", turns=turns), by_turns(wall, handoffs(wall, every(start, timedelta(hours=1))))


def monthly_from_the_31st(wall: Wall) -> tuple[Layer, list[tuple[str, ...]]]:
    start = datetime(wall.begin.year + 1, 1, 31, 2, 30)
    turns = Turns(Unit.MONTH, start, PEOPLE)
    return Layer("r", turns=turns), by_turns(wall, handoffs(wall, month_ends(start)))


def only_the_first_minutes(wall: Wall) -> tuple[Layer, list[tuple[str, ...]]]:
    start = datetime(wall.begin.year + 1, 1, 2, 1, 30)
    turns = Turns(Unit.DAY, start, PEOPLE, turn_active=timedelta(minutes=100))
    return Layer("r", turns=turns), by_turns(wall, handoffs(wall, every(start, timedelta(days=1))), only_first=100)


def nights_of_workdays(wall: Wall) -> tuple[Layer, list[tuple[str, ...]]]:
    start = datetime(wall.begin.year + 1, 1, 2, 12)
    active = Active(frozenset({0, 1, 2, 3, 4}), time(22), time(2, 15))
    turns = Turns(Unit.DAY, start, PEOPLE, advance=Advance.ACTIVE_DAY)
    days = every(start, timedelta(days=1))
    # The first turn begins with the rotation, whatever day it is; each further one on a workday.
    first = [start]
    started = start.weekday() in active.days

    def beginnings() -> Iterator[datetime]:
        nonlocal started
        for day in days:
            if day == start:
                yield first[0]
            elif day.weekday() in active.days:
                if started:
                    yield day
                started = True

    on = by_turns(wall, handoffs(wall, beginnings()))
    held = open_at(wall, active)
    return Layer("r", turns=turns, active=active), [
        who if is_open else () for who, is_open in zip(on, held, strict=True)
    ]


def whole_days_from_the_hour_that_changes(wall: Wall) -> tuple[Layer, list[tuple[str, ...]]]:
    active = Active(frozenset({5, 6}), time(2, 15), time(2, 15))
    held = open_at(wall, active)
    return Layer("r", people=("ana",), active=active), [("ana",) if is_open else () for is_open in held]


@pytest.fixture(scope="module", params=YEARS, ids=[zone for zone, _ in YEARS])
def wall(request: pytest.FixtureRequest) -> Wall:
    return Wall(*request.param)


@pytest.mark.parametrize(
    "case",
    [
        weekly,
        daily_in_the_hour_that_changes,
        at_midnight,
        hourly,
        monthly_from_the_31st,
        only_the_first_minutes,
        nights_of_workdays,
        whole_days_from_the_hour_that_changes,
    ],
)
def test_a_year_is_as_the_wall_says_minute_by_minute(
    wall: Wall, case: Callable[[Wall], tuple[Layer, list[tuple[str, ...]]]]
) -> None:
    layer, expected = case(wall)
    covering = tuple(
        Override(wall.begin + timedelta(days=day), wall.begin + timedelta(days=day, hours=30), remove="ben", add="zoe")
        for day in range(10, 370, 30)
    )
    for override in covering:
        for minute in range((override.start - wall.begin) // MINUTE, (override.end - wall.begin) // MINUTE):
            expected[minute] = tuple("zoe" if person == "ben" else person for person in expected[minute])
    start, end = wall.begin + timedelta(days=3), wall.end - timedelta(days=4)

    schedule = resolve(Definition(wall.zone, (layer,), covering), start, end)

    found: list[tuple[str, ...]] = [()] * len(wall.shows)
    for shift in schedule.shifts:
        for minute in range((shift.start - wall.begin) // MINUTE, (shift.end - wall.begin) // MINUTE):
            assert found[minute] == ()
            found[minute] = shift.people
    within = range((start - wall.begin) // MINUTE, (end - wall.begin) // MINUTE)
    wrong = [minute for minute in within if found[minute] != expected[minute]]
    assert not wrong, (wall.begin + MINUTE * wrong[0], found[wrong[0]], expected[wrong[0]], len(wrong))
