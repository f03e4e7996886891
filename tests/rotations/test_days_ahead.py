"""Gaps, leave and people who left are told days ahead, once; on Mondays the whole week."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from apps.notices.models import Notice
from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.coverage.troubles import Kind, Trouble, news
from apps.rotations.models import Calendar, CalendarEntry, Coverage, Rotation
from apps.trail.models import StoredEvent
from tests import make

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
# Wednesday 18 March 2026, 09:00 in London; the clocks go forward on the 29th.
NOW = make.NOW
ZONE = ZoneInfo("Europe/London")


def gap(start: datetime, end: datetime) -> Trouble:
    return Trouble(Kind.GAP, "primary", start, end)


def at(day: int, hour: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZONE)


def told(found: list[Trouble], before: list[Trouble], now: datetime) -> tuple[list[Trouble], list[Trouble]]:
    result = news(found, before, window=(now, now + WEEK), now=now, zone=ZONE)
    return list(result.fresh), list(result.told)


def test_a_gap_is_told_once_also_when_it_grows_and_while_it_lasts() -> None:
    fresh, kept = told([gap(at(24), NOW + WEEK)], [], NOW)
    assert fresh == [gap(at(24), NOW + WEEK)]

    for days in range(1, 12):
        now = NOW + days * DAY
        fresh, kept = told([gap(max(at(24), now), now + WEEK)], kept, now)
        assert fresh == []


def test_a_gap_that_comes_back_at_the_same_hours_is_told_once_across_a_clock_change() -> None:
    kept: list[Trouble] = []
    news_of = []
    for days in range(21):
        now = at(18, 9) + days * DAY
        nights = [gap(at(18, 22) + n * DAY, at(19, 6) + n * DAY) for n in range(days, days + 7)]
        weekends = [
            Trouble(Kind.GAP, "lead", max(start, now), min(start + 63 * HOUR, now + WEEK))
            for start in (at(20, 18) + n * WEEK for n in range(4))
            if start < now + WEEK and start + 63 * HOUR > now
        ]
        fresh, kept = told([*nights, *weekends], kept, now)
        news_of.append(len(fresh))

    assert news_of[0] == 8
    assert set(news_of[1:]) == {0}


def test_a_gap_that_was_mended_and_opens_again_is_news() -> None:
    _, kept = told([gap(at(22), at(23))], [], NOW)
    nothing, kept = told([], kept, NOW + DAY)

    fresh, _ = told([gap(at(22), at(23))], kept, NOW + 2 * DAY)

    assert (nothing, fresh) == ([], [gap(at(22), at(23))])


@pytest.fixture
def cast(db: None) -> dict[str, Agent]:
    return {name.lower(): make.agent(name) for name in ("Ana", "Ben", "Cem", "Lea")}


@pytest.fixture
def rotation(cast: dict[str, Agent]) -> Rotation:
    """Cem until Monday the 23rd, then Ana, then Ben; Lea leads."""
    made = make.rotation(
        make.layer(cast["ana"], cast["ben"], cast["cem"]),
        make.layer(cast["lea"], role="lead", kind="people", start_local=None),
    )
    Rotation.objects.filter(pk=made.pk).update(channel=make.channel("C0SET", "set"))
    return made


def happened(kind: str) -> list[dict[str, Any]]:
    return list(StoredEvent.objects.filter(type=kind).order_by("position").values_list("payload", flat=True))


def owed() -> list[tuple[str, str]]:
    return list(Notice.objects.order_by("pk").values_list("channel", "text"))


def away(rotation: Rotation, agent: Agent, start: datetime, end: datetime) -> None:
    leave = Calendar.objects.create(name="Leave", team=rotation.team, purpose="leave", feed_address="x")
    entry = CalendarEntry.objects.create(
        calendar=leave, uid="1", kind="leave", summary="Holiday", starts_at=start, ends_at=end
    )
    entry.people.set([agent])


def test_the_lead_hears_of_a_gap_of_leave_and_of_who_left_in_one_message_once(
    rotation: Rotation, cast: dict[str, Agent]
) -> None:
    services.add_override(rotation, starts_at=NOW + DAY, ends_at=NOW + 2 * DAY, remove=cast["cem"], reason="x", now=NOW)
    away(rotation, cast["cem"], NOW + 3 * DAY, NOW + 4 * DAY)
    Agent.objects.filter(pk=cast["ana"].pk).update(is_active=False)

    for hours in (0, 1, 24):
        services.look_ahead(now=NOW + hours * HOUR)

    [event] = happened("CoverageWarned")
    assert [(one["kind"], one["person"]) for one in event["troubles"]] == [
        ("gap", ""), ("leave", "Cem"), ("gone", "Ana"),
    ]  # fmt: skip
    [(place, text)] = [each for each in owed() if "not covered" in each[1]]
    assert place == "ULEA"
    assert "Nobody is on as *primary*" in text
    assert "Cem is on as *primary* and away (Holiday)" in text
    assert "Ana works here no more and would be on as *primary*" in text


def test_whom_the_cycle_names_hears_as_its_lead(rotation: Rotation, cast: dict[str, Agent]) -> None:
    services.set_up_cycle(rotation, start_local=datetime(2026, 3, 23, 9), lead=cast["ben"], now=NOW)
    services.add_override(rotation, starts_at=NOW + DAY, ends_at=NOW + 2 * DAY, remove=cast["cem"], reason="x", now=NOW)
    Notice.objects.all().delete()

    services.look_ahead(now=NOW)

    assert [channel for channel, _ in owed()] == ["UBEN"]


@pytest.mark.parametrize(("where", "place"), [("channel", "C0SET"), ("nowhere", "")])
def test_without_a_lead_the_channel_hears_and_without_both_the_outbox_says_so(
    rotation: Rotation, cast: dict[str, Agent], where: str, place: str
) -> None:
    Agent.objects.filter(pk=cast["lea"].pk).update(slack_id=None)
    Agent.objects.filter(pk=cast["cem"].pk).update(is_active=False)
    if where == "nowhere":
        Rotation.objects.update(channel=None)

    services.look_ahead(now=NOW)

    notice = Notice.objects.get()
    assert notice.channel == place
    assert ("Nowhere to send it" in notice.error) is not bool(place)


def test_a_rotation_is_looked_at_in_its_own_morning_and_once_a_day(rotation: Rotation) -> None:
    early, morning = NOW - HOUR - timedelta(minutes=1), NOW - HOUR

    looks = [services.look_ahead(now=each).looked for each in (early, morning, NOW, NOW + 12 * HOUR, morning + DAY)]

    assert looks == [0, 1, 0, 0, 1]


def test_on_monday_the_channel_sees_the_week_once(rotation: Rotation) -> None:
    monday = NOW + 5 * DAY

    for each in (monday, monday + HOUR, monday + DAY):
        services.look_ahead(now=each)

    [event] = happened("WeekAhead")
    assert [(shift["role"], shift["names"]) for shift in event["shifts"]] == [("primary", ["Ana"]), ("lead", ["Lea"])]
    [(place, text)] = owed()
    assert place == "C0SET"
    assert "*primary*\n• Ana, all week" in text


def test_the_channel_is_not_told_what_a_calendar_calls_a_leave(rotation: Rotation, cast: dict[str, Agent]) -> None:
    Agent.objects.filter(pk=cast["lea"].pk).update(slack_id=None)
    monday = NOW + 5 * DAY
    away(rotation, cast["ana"], monday + DAY, monday + 2 * DAY)

    services.look_ahead(now=monday)

    told = [text for place, text in owed() if place == "C0SET" and "Ana is on as *primary* and away, " in text]
    assert len(told) == 2
    assert "Holiday" not in "".join(told)


def test_a_rotation_that_cannot_be_looked_at_holds_up_no_other(rotation: Rotation, cast: dict[str, Agent]) -> None:
    other = make.rotation(make.layer(cast["ben"]), slug="other")
    Coverage.objects.create(rotation=rotation, told=[{"kind": "no such kind"}])

    looked = services.look_ahead(now=NOW)

    assert (looked.looked, looked.failed) == (1, 1)
    assert Coverage.objects.get(rotation=other).looked_on == NOW.date()
