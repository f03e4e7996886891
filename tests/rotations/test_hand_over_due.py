"""When a hand-over is due, against a walk through every half hour."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from apps.rotations.cycles.due import hand_over_due
from apps.rotations.resolving.wallclock import on_the_wall

LONDON = ZoneInfo("Europe/London")
FRIDAY, SATURDAY, SUNDAY, MONDAY = 4, 5, 6, 0
HALF_HOUR = timedelta(minutes=30)
# Clocks here jump by half an hour, at midnight, back past midnight, and over a whole day.
ZONES = ["Europe/London", "Australia/Lord_Howe", "America/Santiago", "America/Havana", "Asia/Kolkata", "Pacific/Apia"]


def walked(change: datetime, zone: ZoneInfo, weekday: int, at: time) -> datetime:
    """The last half hour before `change` at which the wall first reached, or jumped over, that time of that day."""
    instant = (change - timedelta(days=16)).replace(minute=0, second=0, microsecond=0)
    furthest, found = on_the_wall(instant, zone), None
    while instant < change:
        wall = on_the_wall(instant, zone)
        reached = furthest
        while reached < wall:
            reached += HALF_HOUR
            if reached.weekday() == weekday and reached.time() == at:
                found = instant
        furthest = max(furthest, wall)
        instant += HALF_HOUR
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("change", "due"),
    [
        ("2026-03-16T09:00", "2026-03-13T17:00"),
        ("2026-03-20T17:30", "2026-03-20T17:00"),
        ("2026-03-20T17:00", "2026-03-13T17:00"),
        ("2026-03-20T09:00", "2026-03-13T17:00"),
    ],
    ids=["on a Monday", "on a Friday after five", "on a Friday at five", "on a Friday before five"],
)
def test_the_hand_over_is_due_on_the_last_friday_before_people_change(change: str, due: str) -> None:
    at = datetime.fromisoformat(change).replace(tzinfo=LONDON).astimezone(UTC)

    found = hand_over_due(at, zone=LONDON, weekday=FRIDAY, at=time(17))

    assert found == datetime.fromisoformat(due).replace(tzinfo=LONDON)
    assert found.tzinfo is UTC


@given(
    change=some.datetimes(datetime(2011, 1, 1), datetime(2030, 1, 1), timezones=some.just(UTC)),
    zone=some.sampled_from(ZONES).map(ZoneInfo),
    weekday=some.integers(0, 6),
    at=some.builds(time, some.integers(0, 23), some.sampled_from([0, 30])),
)
@example(datetime(2011, 12, 31, 9, tzinfo=UTC), ZoneInfo("Pacific/Apia"), FRIDAY, time(17))
@example(datetime(2011, 12, 30, 10, tzinfo=UTC), ZoneInfo("Pacific/Apia"), FRIDAY, time(17))
@example(datetime(2026, 3, 30, 8, tzinfo=UTC), LONDON, SUNDAY, time(1, 30))
@example(datetime(2026, 10, 26, 9, tzinfo=UTC), LONDON, SUNDAY, time(1, 30))
@example(datetime(2026, 10, 25, 1, tzinfo=UTC), LONDON, SUNDAY, time(1, 30))
@example(datetime(2026, 4, 5, 3, 30, tzinfo=UTC), ZoneInfo("America/Santiago"), SATURDAY, time(23, 30))
@example(datetime(2026, 9, 6, 4, tzinfo=UTC), ZoneInfo("America/Santiago"), SUNDAY, time(0))
@example(datetime(2026, 4, 4, 15, tzinfo=UTC), ZoneInfo("Australia/Lord_Howe"), SUNDAY, time(1, 30))
def test_it_is_what_a_walk_through_every_half_hour_finds(
    change: datetime, zone: ZoneInfo, weekday: int, at: time
) -> None:
    assert hand_over_due(change, zone=zone, weekday=weekday, at=at) == walked(change, zone, weekday, at)
