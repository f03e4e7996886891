"""How a component did, day by day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.statuspage.snapshot import Interval
from apps.statuspage.uptime import ORDER, days, percent, uptime

BERLIN = ZoneInfo("Europe/Berlin")
LONG_AGO = date(2020, 1, 1)
MINUTE = timedelta(minutes=1)


def interval(status: str, start: datetime, minutes: int | None, cause: str = "a") -> Interval:
    return Interval(status, start, None if minutes is None else start + minutes * MINUTE, cause)


@pytest.mark.parametrize("change", [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)])
def test_days_are_those_of_the_zone_also_where_clocks_change(change: datetime) -> None:
    now = change + timedelta(days=30, hours=7)
    intervals = [
        interval("major_outage", change - timedelta(hours=30), 55 * 60),
        interval("degraded_performance", change - timedelta(minutes=90), 300, "b"),
        interval("partial_outage", change - timedelta(days=95), 6 * 24 * 60),
        interval("under_maintenance", change + timedelta(days=3, hours=5), 24 * 60 * 3),
        interval("partial_outage", now - timedelta(hours=50), None),
    ]
    expected: dict[date, Counter[str]] = {}
    at = now - timedelta(days=92)
    while at < now:
        wrong = [each.status for each in intervals if each.start <= at and (each.end is None or at < each.end)]
        minutes = expected.setdefault(at.astimezone(BERLIN).date(), Counter())
        minutes["all"] += 1
        if wrong:
            minutes[max(wrong, key=ORDER.index)] += 1
        at += MINUTE

    found = days(intervals, counted_since=LONG_AGO, now=now, zone=BERLIN)

    assert [day.date for day in found] == [
        now.astimezone(BERLIN).date() - timedelta(days=89 - each) for each in range(90)
    ]
    for day in found:
        counted = {status: span // MINUTE for status, span in day.lasted.items()}
        assert Counter({"all": day.length // MINUTE, **counted}) == expected[day.date], day.date
    assert {day.length for day in found[:-1]} >= {timedelta(hours=24)}
    assert any(day.length in (timedelta(hours=23), timedelta(hours=25)) for day in found)


def test_a_day_before_the_component_is_counted_is_not_known(now: datetime) -> None:
    found = days([], counted_since=now.date(), now=now, zone=BERLIN)

    assert [day.worst for day in found] == [""] * 89 + ["operational"]
    assert (percent(uptime(found)), percent(uptime(found[:5]))) == ("100\u00a0%", "–")


def test_what_was_down_for_a_moment_was_not_always_up(now: datetime) -> None:
    found = days([interval("major_outage", now - MINUTE, None)], counted_since=LONG_AGO, now=now, zone=BERLIN)

    assert percent(uptime(found)) == "99.99\u00a0%"
    assert percent(uptime(found[:-1])) == "100\u00a0%"
