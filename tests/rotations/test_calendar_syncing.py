"""Calendars as copies: read, changed, failing, and counted. The calendar is a feed of a stand-in server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from apps.escalations.audiences import Directory
from apps.rotations import jobs, selectors, services, syncing
from apps.rotations.calendars import CalendarReading
from apps.rotations.models import Calendar, CalendarEntry
from apps.rotations.schedules import schedule
from apps.rotations.services.calendars import claim
from apps.rotations.specs import LayerSpec
from apps.sla.audiences import KINDS, Audience
from apps.trail.models import StoredEvent
from tests import make
from tests.make import NOW
from tests.rotations.threads import in_a_thread
from tests.standins.calendars import StandInFeed, entry, feed

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TODAY = entry("a", ":20260318T080000Z", ":20260318T170000Z", "On support", "ana@example.com")
EMBEDDED = entry("b", ":20260318T080000Z", ":20260318T160000Z", "Ben embedded in Boards", "ben@example.com")


@pytest.fixture
def standin(settings: Any) -> Iterator[StandInFeed]:
    settings.CALENDAR_PRIVATE_HOSTS = ["127.0.0.1"]
    with StandInFeed() as server:
        yield server


def calendar(standin: StandInFeed, *entries: str, **fields: Any) -> Calendar:
    address = standin.put("/a.ics", feed(*entries))
    defaults = {"name": "Support", "team": make.team(), "source": "icalendar", "feed_address": address}
    return Calendar.objects.create(**{**defaults, **fields})


def sync(which: Calendar, *, now: datetime = NOW) -> Calendar:
    syncing.sync(which, now=now)
    which.refresh_from_db()
    return which


def told(kind: str) -> list[StoredEvent]:
    return list(StoredEvent.objects.filter(type=kind).order_by("position"))


def on_shift(now: datetime = NOW) -> list[tuple[str, str]]:
    return [(line.agent.email, line.says) for line in selectors.on_shift(now)]


def test_a_calendars_entries_count_as_shifts_do(standin: StandInFeed) -> None:
    make.agent("Ana")
    make.shift(make.agent("Ben"))

    sync(calendar(standin, TODAY))

    assert on_shift() == [
        ("ana@example.com", "support, by the calendar “Support”"),
        ("ben@example.com", "support"),
    ]


def test_audiences_look_at_both_and_who_is_embedded_is_embedded(standin: StandInFeed) -> None:
    make.agent("Ana")
    make.shift(make.agent("Ben"))
    sync(calendar(standin, TODAY, EMBEDDED))

    support = Directory(NOW).resolve(Audience(kind=KINDS.not_embedded))

    assert [(person.email, person.because) for person in support.people] == [
        ("ana@example.com", "is on shift (support, by the calendar “Support”)")
    ]


def test_reading_again_changes_nothing_and_tells_nothing(standin: StandInFeed) -> None:
    make.agent("Ana")
    which = sync(calendar(standin, TODAY))

    sync(which, now=NOW + HOUR)

    assert CalendarEntry.objects.count() == 1
    [event] = told("CalendarChanged")
    assert event.payload["entries"] == ["new: On support, 18 Mar 2026 08:00 to 18 Mar 2026 17:00 UTC"]


def test_what_moved_moves_and_what_is_gone_goes(standin: StandInFeed) -> None:
    make.agent("Ana")
    which = sync(calendar(standin, TODAY, EMBEDDED))
    standin.put("/a.ics", feed(TODAY.replace("T17", "T18")))

    sync(which, now=NOW + HOUR)

    assert [(row.uid, row.ends_at.hour) for row in CalendarEntry.objects.all()] == [("a", 18)]
    assert {name: told("CalendarChanged")[1].payload[name] for name in ("added", "changed", "removed")} == {
        "added": 0,
        "changed": 1,
        "removed": 1,
    }


def test_when_it_cannot_be_read_the_last_good_copy_stays(standin: StandInFeed) -> None:
    make.agent("Ana")
    which = sync(calendar(standin, TODAY))
    standin.put("/a.ics", "<html>")

    sync(which, now=NOW + HOUR)
    which = sync(which, now=NOW + HOUR + timedelta(minutes=5))

    assert on_shift() == [("ana@example.com", "support, by the calendar “Support”")]
    assert which.error.startswith("The address answers with a web page")
    assert (which.synced_at, which.failing_since) == (NOW, NOW + HOUR)
    assert which.is_stale(NOW + HOUR + timedelta(minutes=5))
    # Once, not every five minutes.
    assert len(told("CalendarUnread")) == 1


def test_an_empty_feed_after_a_failure_is_read_and_told(standin: StandInFeed) -> None:
    which = sync(calendar(standin, TODAY))
    standin.put("/a.ics", "<html>")
    sync(which, now=NOW + HOUR)
    standin.put("/a.ics", feed())

    which = sync(which, now=NOW + 2 * HOUR)

    assert not CalendarEntry.objects.exists()
    assert (which.error, which.failing_since) == ("", None)
    assert len(told("CalendarReadAgain")) == 1


def test_what_is_over_before_the_window_stays_when_the_feed_forgets_it(standin: StandInFeed) -> None:
    old = entry("old", ":20260201T080000Z", ":20260201T170000Z")
    which = sync(calendar(standin, old), now=datetime(2026, 2, 2, tzinfo=UTC))
    standin.put("/a.ics", feed())

    sync(which)

    assert CalendarEntry.objects.get().uid == "old"


def test_who_is_not_known_is_listed_and_matched_once_they_are(standin: StandInFeed) -> None:
    which = sync(calendar(standin, TODAY))
    assert CalendarEntry.objects.get().unmatched == ["ana@example.com"]
    make.agent("Ana")

    sync(which, now=NOW + HOUR)

    found = CalendarEntry.objects.get()
    assert (found.unmatched, [agent.email for agent in found.people.all()]) == ([], ["ana@example.com"])


def test_who_left_is_on_shift_no_more(standin: StandInFeed) -> None:
    make.agent("Ana", is_active=False)

    sync(calendar(standin, TODAY))

    assert on_shift() == []


def test_a_calendar_that_is_off_is_not_read_and_does_not_count(standin: StandInFeed) -> None:
    make.agent("Ana")
    which = sync(calendar(standin, TODAY))
    Calendar.objects.update(enabled=False)

    assert syncing.sync(which, now=NOW + HOUR) == "being read already, or off"
    assert on_shift() == []


def test_two_do_not_read_one_calendar_at_once(standin: StandInFeed) -> None:
    which = calendar(standin, TODAY)

    first, second = (claim(which, until=NOW + timedelta(minutes=2), now=NOW) for _ in range(2))

    assert (first, second) == (True, False)


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_sync_one_calendar_at_once_read_it_once(standin: StandInFeed) -> None:
    which = calendar(standin, TODAY)

    with transaction.atomic():
        # One worker has claimed it and not committed; the other waits for what becomes of that.
        assert claim(which, until=NOW + timedelta(minutes=2), now=NOW)
        thread, found = in_a_thread(lambda: syncing.sync(which, now=NOW))
        make.until_somebody_waits()
    thread.join(10)

    assert found == ["being read already, or off"]
    assert standin.heard == []


@pytest.mark.django_db(transaction=True)
def test_while_one_worker_asks_the_calendars_server_another_leaves_it_alone(standin: StandInFeed) -> None:
    which = calendar(standin, TODAY)
    with standin.held():
        thread, found = in_a_thread(lambda: syncing.sync(which, now=NOW))
        standin.asked.wait(10)

        second = syncing.sync(Calendar.objects.get(), now=NOW)
    thread.join(10)

    assert (second, found) == ("being read already, or off", ["1 entries read"])
    assert len(standin.heard) == len(told("CalendarChanged")) == CalendarEntry.objects.count() == 1


def test_a_worker_that_died_while_reading_holds_the_calendar_up_for_two_minutes_only(standin: StandInFeed) -> None:
    which = calendar(standin, TODAY)
    claim(which, until=NOW + syncing.CLAIM, now=NOW)

    early = syncing.sync(which, now=NOW + timedelta(seconds=119))
    late = syncing.sync(which, now=NOW + syncing.CLAIM)

    assert (early, late) == ("being read already, or off", "1 entries read")


def test_a_reading_of_another_address_is_not_kept(standin: StandInFeed) -> None:
    which = calendar(standin, TODAY)
    asked = services.calendars.Asked("icalendar", "https://elsewhere.example/a.ics", "", NOW, NOW + HOUR)

    assert not services.calendars.keep_reading(which, CalendarReading(whole=True), asked, now=NOW)


def test_a_layer_may_go_by_a_calendar(standin: StandInFeed) -> None:
    make.agent("Ana")
    make.agent("Ben")
    which = sync(calendar(standin, TODAY, EMBEDDED))

    rotation = make.rotation(
        LayerSpec(role="primary", kind="calendar", calendar=which.name, shift_kind="support"), roles=("primary",)
    )

    [duty] = schedule(rotation, NOW, NOW + 8 * HOUR).shifts
    assert (duty.people, duty.because) == (("ana@example.com",), "“On support” in “primary 1”")


def test_a_layer_by_a_calendar_names_one_that_is_there() -> None:
    with pytest.raises(services.definitions.RotationRefused) as refused:
        make.rotation(LayerSpec(role="primary", kind="calendar", calendar="Nowhere"), roles=("primary",))

    assert refused.value.errors == {"layers.0.calendar": ["There is no calendar of shifts “Nowhere”."]}


def test_who_was_on_duty_stays_when_the_calendar_says_otherwise_later(standin: StandInFeed) -> None:
    make.agent("Ana")
    which = sync(calendar(standin, TODAY), now=NOW - HOUR)
    rotation = make.rotation(
        LayerSpec(role="primary", kind="calendar", calendar=which.name), roles=("primary",), now=NOW - HOUR
    )
    standin.put("/a.ics", feed())

    sync(which)

    found = schedule(rotation, NOW - HOUR, NOW + HOUR)
    assert [(duty.people, duty.start, duty.end) for duty in found.shifts] == [(("ana@example.com",), NOW - HOUR, NOW)]


def test_a_calendar_of_leave_feeds_the_warnings_and_no_shifts(standin: StandInFeed) -> None:
    make.agent("Ana")
    away = entry("a", ";VALUE=DATE:20260318", ";VALUE=DATE:20260320", "Ana: vacation", "ana@example.com")
    party = entry("b", ";VALUE=DATE:20260318", ";VALUE=DATE:20260319", "Party", "ana@example.com")

    sync(calendar(standin, away, party, purpose="leave"))

    [leave] = selectors.leaves(NOW, NOW + HOUR)
    assert (leave.person, leave.start, leave.end, leave.label) == (
        "ana@example.com",
        datetime(2026, 3, 18, tzinfo=UTC),
        datetime(2026, 3, 20, tzinfo=UTC),
        "Ana: vacation",
    )
    assert on_shift() == []


def test_ten_thousand_entries_are_kept(standin: StandInFeed) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    begins = [start + place * timedelta(minutes=20) for place in range(10_000)]
    many = [entry(f"e{n}", f":{at:%Y%m%dT%H%M%SZ}", f":{at + HOUR:%Y%m%dT%H%M%SZ}") for n, at in enumerate(begins)]

    which = sync(calendar(standin, *many))

    assert (which.error, CalendarEntry.objects.count()) == ("", 10_000)


def test_the_job_reads_each_calendar_in_a_job_of_its_own(standin: StandInFeed) -> None:
    which = calendar(standin, TODAY)

    assert jobs.sync_calendars() == "1 calendars to read"
    assert jobs.sync_calendar(which.pk) == "0 entries read"
