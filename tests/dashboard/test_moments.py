"""Instants and countdowns as people read them."""

from __future__ import annotations

import zoneinfo
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone

from apps.dashboard import moments

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("duration", "said"),
    [
        (timedelta(0), "0 s"),
        (59 * SECOND + timedelta(milliseconds=999), "59 s"),
        (MINUTE, "1 min"),
        (59 * MINUTE + 59 * SECOND, "59 min"),
        (HOUR, "1 h"),
        (2 * HOUR + 5 * MINUTE + 59 * SECOND, "2 h 5 min"),
        (DAY, "1 day"),
        (DAY + HOUR, "1 day 1 h"),
        (3 * DAY + 4 * HOUR + 59 * MINUTE, "3 days 4 h"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(duration: timedelta, said: str) -> None:
    assert moments.rough(duration) == said


def test_what_is_due_at_this_very_instant_is_late(now: datetime) -> None:
    assert moments.until(now, now) == "0 s late"
    assert moments.until(now + SECOND, now) == "in 1 s"


def test_a_moment_names_the_zone_of_the_viewer(now: datetime) -> None:
    with timezone.override("Europe/Paris"):
        shown = moments.moment(now, now)

    assert "18 Mar 10:00 CET</time>" in shown
    assert 'datetime="2026-03-18T09:00:00+00:00"' in shown


def test_the_same_instant_of_another_zone_keeps_its_own_spelling(now: datetime) -> None:
    there = now.astimezone(zoneinfo.ZoneInfo("Asia/Tokyo"))

    first, second = moments.moment(there, now), moments.moment(now, now)

    assert 'datetime="2026-03-18T18:00:00+09:00"' in first
    assert 'datetime="2026-03-18T09:00:00+00:00"' in second


@pytest.mark.parametrize(
    ("zone", "said"), [("Asia/Calcutta", "UTC+0530"), ("Asia/Jerusalem", "UTC+02"), ("America/Chicago", "UTC-05")]
)
def test_letters_that_several_zones_share_give_way_to_the_distance_from_utc(
    zone: str, said: str, now: datetime
) -> None:
    with timezone.override(zone):
        assert moments.zone_name(now) == said


def test_the_letters_several_zones_share_are_all_known() -> None:
    offsets = defaultdict(set)
    for name in zoneinfo.available_timezones() - {"Factory", "localtime"}:
        for month in range(1, 13):
            local = datetime(2026, month, 15, tzinfo=UTC).astimezone(zoneinfo.ZoneInfo(name))
            offsets[local.tzname() or ""].add(local.utcoffset())

    assert {name for name, found in offsets.items() if len(found) > 1 and name[:1].isalpha()} <= moments.SHARED


def test_a_moment_follows_the_zones_summer_time() -> None:
    summer = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)

    with timezone.override("Europe/London"):
        assert "1 Jul 10:00 BST" in moments.moment(summer, summer)


def test_a_zone_without_letters_is_named_by_its_offset(now: datetime) -> None:
    with timezone.override("Asia/Dubai"):
        assert moments.zone_name(now) == "UTC+04"


def test_a_moment_of_another_year_says_the_year(now: datetime) -> None:
    assert "18 Mar 2026 09:00 UTC" in moments.moment(now, now + 365 * DAY)


def test_no_instant_is_a_dash(now: datetime) -> None:
    assert moments.moment(None) == moments.countdown(None, now) == moments.ago(None, now) == "–"


def test_a_countdown_carries_its_instant_for_the_script(now: datetime) -> None:
    shown = moments.countdown(now + 12 * MINUTE, now)

    assert 'data-countdown="2026-03-18T09:12:00+00:00"' in shown
    assert ">in 12 min</time>" in shown
    assert "data-late" not in shown


def test_a_late_countdown_is_marked_in_words_and_for_styles(now: datetime) -> None:
    shown = moments.countdown(now - 8 * MINUTE, now)

    assert "data-late" in shown
    assert ">8 min late</time>" in shown


def test_templates_have_the_same_words() -> None:
    template = Template("{% load portal %}{{ at|moment }} {{ at|ago }} {{ by|spell }} {{ none|spell }} {% zone_name %}")

    shown = template.render(Context({"at": timezone.now() - 2 * HOUR, "by": 90 * MINUTE, "none": None}))

    assert "2 h ago" in shown
    assert "1 h 30 min – UTC" in shown
