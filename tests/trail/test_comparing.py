"""Streams side by side: rows in time, gaps in words, and findings."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.trail.comparing.aligning import Gap, Row, align
from apps.trail.comparing.services import note_finding
from apps.trail.comparing.window import BadWindow, Window, window_of
from apps.trail.managed import saving
from apps.trail.models import StoredEvent
from apps.trail.streams import typed_stream
from supportops import roles
from tests import make
from tests.make import MINUTE, NOW
from tests.trail.reading_room import published, signed_in

COMPARE = "/trail/compare/"
LONDON = ZoneInfo("Europe/London")


def asked(*streams: str, **more: Any) -> dict[str, Any]:
    window = {"from": "2026-03-18T08:00", "to": "2026-03-18T10:00", "zone": "UTC"}
    return {"stream": list(streams), **window, **more}


# --- the arithmetic


seconds = st.integers(0, 3_600).map(
    lambda second: NOW + timedelta(seconds=second, microseconds=second * 37 % 1_000_000)
)


@settings(max_examples=300, deadline=None)
@given(columns=st.lists(st.lists(seconds, max_size=6), min_size=1, max_size=4), gap=st.integers(1, 1_800))
def test_rows_hold_every_event_once_and_gaps_are_where_nothing_happened(
    columns: list[list[datetime]], gap: int
) -> None:
    until, longest = NOW + timedelta(hours=2), timedelta(seconds=gap)

    rows = align(columns, at=lambda event: event, since=NOW, until=until, gap=longest)

    events = sorted(event for column in columns for event in column)
    cells = [row.cells for row in rows if isinstance(row, Row)]
    for number, column in enumerate(columns):
        assert [event for row in cells for event in row[number]] == sorted(column)
    silences = list(zip([NOW, *events], [*events, until], strict=True)) if events else []
    assert [(row.since, row.until) for row in rows if isinstance(row, Gap)] == [
        (before, after) for before, after in silences if after - before > longest
    ]


def test_what_happens_in_one_second_stands_in_one_row() -> None:
    first, second = NOW, NOW + timedelta(milliseconds=900)

    rows = align([[first], [second]], at=lambda event: event, since=NOW, until=NOW + MINUTE, gap=MINUTE)

    assert [row.cells for row in rows if isinstance(row, Row)] == [((first,), (second,))]


def test_a_window_is_read_in_its_zone_unless_a_time_names_its_own() -> None:
    summer = window_of("2026-07-01T17:00", "2026-07-01T18:00", LONDON)

    assert summer.since == datetime(2026, 7, 1, 16, tzinfo=UTC)
    assert window_of("2026-07-01T17:00+00:00", "2026-07-01T19:00", LONDON).since == summer.since + timedelta(hours=1)


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("five", "2026-03-18T10:00", "is no time"),
        ("2026-03-18T10:00", "2026-03-18T10:00", "ends before it begins"),
        ("2026-03-18T10:00", "2026-03-18T09:00", "ends before it begins"),
        ("2024-03-18T10:00", "2026-03-18T09:00", "at most 366 days"),
        ("0001-01-01T00:00", "2026-03-18T09:00", "slip of the finger"),
    ],
)
def test_what_is_no_window_is_refused_with_the_reason(since: str, until: str, said: str) -> None:
    with pytest.raises(BadWindow, match=said):
        window_of(since, until, LONDON)


def test_a_window_moves_and_widens_about_its_middle() -> None:
    window = Window(NOW, NOW + 60 * MINUTE)

    assert window.scaled(2) == Window(NOW - 30 * MINUTE, NOW + 90 * MINUTE)
    assert window.around(NOW) == Window(NOW - 30 * MINUTE, NOW + 30 * MINUTE)
    assert window.scaled(1_000_000).length == timedelta(days=366)


@pytest.mark.parametrize(
    ("typed", "stream"),
    [
        ("4711", "ticket:4711"),
        (" #4711 ", "ticket:4711"),
        ("Ticket 4711", "ticket:4711"),
        ("ACME-17", "ticket:ACME-17"),
        ("#ACME-17", "ticket:ACME-17"),
        ("ticket ACME-17", "ticket:ACME-17"),
        ("RFH-12", "rfh:12"),
        ("rfh 12", "rfh:12"),
        ("sign-ins", "sign-ins"),
        ("customer:acme", "customer:acme"),
        ("customer: acme", "customer:acme"),
        ("house", "house"),
        ("ticket:", ""),
        ("", ""),
        ("x" * 201, ""),
        ("a\x00b", ""),
    ],
)
def test_a_stream_is_named_as_people_type_it(typed: str, stream: str) -> None:
    assert typed_stream(typed) == stream


# --- the page


@pytest.fixture
def reader(db: None, now: datetime) -> Client:
    return signed_in(role=roles.AGENT, now=now)


@pytest.mark.django_db
def test_without_a_story_the_page_says_what_it_is_for(reader: Client) -> None:
    answer = reader.get(COMPARE)

    assert answer.status_code == 200
    assert "the customer says they did it at five" in answer.content.decode()


@pytest.mark.django_db
def test_two_stories_stand_beside_each_other_with_the_gap_between_in_words(reader: Client, now: datetime) -> None:
    published("SettingSaved", "customer:acme", now=now, at=now - 30 * MINUTE)
    published("SyncStarted", "ticket:4711", now=now, at=now + 10 * MINUTE)
    published("SyncStarted", "ticket:4711", now=now, at=now + 120 * MINUTE)

    answer = reader.get(COMPARE, asked("4711", "customer:acme", gap="20 min"))

    rows = answer.context["rows"]
    said = answer.content.decode()
    assert [row.get("said") for row in rows] == ["30 min", None, "40 min", None, "50 min"]
    assert [[len(events) for _, events in row["cells"]] for row in rows if "cells" in row] == [[0, 1], [1, 0]]
    assert "Gap: nothing for 40 min, from" in said
    assert "2 events from" in said


@pytest.mark.django_db
def test_an_event_of_both_stories_stands_in_both_columns(reader: Client, now: datetime) -> None:
    published("SyncStarted", "ticket:4711", "customer:acme", now=now)

    answer = reader.get(COMPARE, asked("4711", "customer:acme"))

    [cells] = [row["cells"] for row in answer.context["rows"] if "cells" in row]
    assert [len(events) for _, events in cells] == [1, 1]
    assert answer.context["count"] == 1


@pytest.mark.django_db
def test_the_address_holds_all_of_it_and_leads_to_the_same_page_in_another_zone(reader: Client, now: datetime) -> None:
    published("SyncStarted", "ticket:4711", now=now)
    first = reader.get(COMPARE, asked("4711", gap="5 min", zone="Europe/London"))

    again = reader.get(first.context["asked"].address())
    elsewhere = reader.get(first.context["own_zone"])

    assert again.context["asked"] == first.context["asked"]
    assert elsewhere.context["asked"].window == first.context["asked"].window
    assert elsewhere.context["asked"].zone.key == "UTC"
    assert re.search("18 Mar( 2026)? 09:00:00 GMT", again.content.decode())


@pytest.mark.django_db
def test_the_hour_that_comes_twice_is_the_same_hour_behind_a_shared_address(reader: Client) -> None:
    """London, 25 October 2026: the clock shows 01:30 twice."""
    twice = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    given = {"stream": "4711", "from": twice.isoformat(), "to": (twice + 60 * MINUTE).isoformat()}

    first = reader.get(COMPARE, {**given, "zone": "Europe/London"})
    again = reader.get(first.context["asked"].address())

    assert again.context["asked"].window.since == twice


@pytest.mark.django_db
def test_without_a_window_it_is_up_to_the_newest_event(reader: Client, now: datetime) -> None:
    published("SyncStarted", "ticket:4711", now=now)

    answer = reader.get(COMPARE, {"stream": "4711"})

    window = answer.context["asked"].window
    assert (window.since, window.until) == (now - 119 * MINUTE, now + MINUTE)
    assert answer.context["count"] == 1


@pytest.mark.django_db
def test_from_an_event_one_comes_to_what_happened_around_it(reader: Client, now: datetime) -> None:
    event = published("SyncStarted", "ticket:4711", now=now, at=now - timedelta(days=3))
    published("SyncStarted", "ticket:4711", now=now)

    window = reader.get(COMPARE, {"stream": "4711", "around": event.position}).context["asked"].window
    unknown = reader.get(COMPARE, {"stream": "4711", "around": "9" * 30}).context["asked"].window

    assert window == Window(event.occurred_at - 60 * MINUTE, event.occurred_at + 60 * MINUTE)
    assert unknown.until == now + MINUTE


@pytest.mark.django_db
def test_an_events_page_and_the_trail_lead_here(reader: Client, now: datetime) -> None:
    event = published("SyncStarted", "ticket:4711", "customer:acme", now=now)

    page = reader.get(f"/trail/{event.position}/").content.decode()

    assert f'href="{COMPARE}?stream=ticket%3A4711&amp;stream=customer%3Aacme&amp;around={event.position}"' in page
    assert f'href="{COMPARE}"' in reader.get("/trail/").content.decode()
    assert f'href="{COMPARE}?stream=ticket%3A4711"' in reader.get("/trail/", {"stream": "ticket:4711"}).content.decode()


@pytest.mark.django_db
def test_one_end_alone_is_a_window_of_two_hours(reader: Client) -> None:
    answer = reader.get(COMPARE, {"stream": "4711", "from": "2026-03-18T17:00", "zone": "UTC"})

    window = answer.context["asked"].window
    assert (window.since.hour, window.until.hour) == (17, 19)


@pytest.mark.django_db
def test_a_story_that_never_was_is_not_taken_for_a_silent_one(reader: Client, now: datetime) -> None:
    published("SettingSaved", "ticket:4711", now=now)
    published("SettingSaved", "ticket:4712", now=now, at=now - timedelta(days=2))

    text = reader.get(COMPARE, asked("4711", "4712", "4713")).content.decode()

    assert "Nothing has been recorded about ticket:4713" in text
    assert "Nothing has been recorded about ticket:4712" not in text


@pytest.mark.django_db
def test_an_empty_window_leads_to_what_happened_before_and_after(reader: Client, now: datetime) -> None:
    before = published("SettingSaved", "ticket:4711", now=now, at=now - timedelta(days=2))
    after = published("SyncStarted", "ticket:4711", now=now, at=now + timedelta(days=2))

    answer = reader.get(COMPARE, asked("4711"))
    there = reader.get(answer.context["nearest"][1][1])

    assert "Nothing happened there in this window" in answer.content.decode()
    assert [event for event, _ in answer.context["nearest"]] == [before, after]
    assert there.context["count"] == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"from": "five"}, "is no time"),
        ({"zone": "Europe/Atlantis"}, "is no time zone"),
        ({"gap": "soon"}, "Gap:"),
        ({"stream": ["4711", "ticket:"]}, "names no story"),
        ({"stream": ["1", "2", "3", "4", "5"]}, "At most 4 stories"),
        ({"from": "2026-03-18T12:00", "to": "2026-03-18T10:00"}, "ends before it begins"),
    ],
)
def test_what_is_typed_wrongly_is_said_and_the_page_still_shows(
    reader: Client, typed: dict[str, Any], said: str
) -> None:
    answer = reader.get(COMPARE, asked("4711", **typed) if "stream" not in typed else {**asked(), **typed})

    assert answer.status_code == 200
    assert said in answer.content.decode()


@pytest.mark.django_db
def test_a_long_window_says_that_there_is_more(reader: Client, now: datetime) -> None:
    for _ in range(301):
        published("SyncStarted", "ticket:4711", now=now)

    answer = reader.get(COMPARE, asked("4711"))

    assert "There is more on ticket:4711 in this window" in answer.content.decode()
    assert answer.context["count"] == 300


@pytest.mark.django_db
def test_other_stories_of_the_events_shown_are_offered(reader: Client, now: datetime) -> None:
    published("SyncStarted", "ticket:4711", "customer:acme", now=now)

    [(stream, address)] = reader.get(COMPARE, asked("4711")).context["offered"]

    assert stream == "customer:acme"
    assert reader.get(address).context["asked"].streams == ("ticket:4711", "customer:acme")


@pytest.mark.django_db
def test_the_page_costs_the_same_however_much_happened(reader: Client, now: datetime) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            reader.get(COMPARE, asked("4711", "customer:acme"))
        return len(queries)

    published("SyncStarted", "ticket:4711", "customer:acme", now=now)
    reader.get(COMPARE)
    few = cost()
    for minute in range(20):
        published("SyncStarted", "ticket:4711", "customer:acme", now=now, at=now + minute * MINUTE)

    assert cost() == few


# --- rights


@pytest.mark.django_db
def test_who_may_read_nothing_is_kept_out(now: datetime) -> None:
    published("SyncStarted", "ticket:4711", now=now)

    assert signed_in().get(COMPARE, asked("4711")).status_code == 403
    assert Client().get(COMPARE).headers["Location"].startswith("/admin/login/")


@pytest.mark.django_db
def test_who_may_see_tickets_sees_of_a_customer_what_is_about_tickets(now: datetime) -> None:
    plan = make.plan()
    with saving(plan, now=now):
        plan.name = "SecretPlan"
        plan.save()
    published("SecretThing", "customer:acme", now=now)
    published("SyncStarted", "customer:acme", "ticket:4711", now=now)
    engineer = signed_in(role=roles.ENGINEER, now=now)

    answer = engineer.get(COMPARE, asked("customer:acme", f"plan:{plan.pk}"))

    assert answer.context["count"] == 1
    assert "Secret" not in answer.content.decode()
    assert "1 event on customer:acme you may not read" in answer.content.decode()
    assert answer.context["notable"] == []


# --- findings


def note(client: Client, text: str, *events: StoredEvent, on: str = "ticket:4711", streams: Any = ("4711",)) -> Any:
    address = client.get(COMPARE, asked(*streams)).context["asked"].address()
    return client.post(address, {"text": text, "on": on, "event": [event.position for event in events]})


@pytest.mark.django_db
def test_a_finding_is_an_event_of_the_case_with_the_events_it_is_about(reader: Client, now: datetime) -> None:
    ticket = make.ticket("4711")
    sync = published("SyncStarted", "ticket:4711", now=now)

    answer = note(reader, "The sync ran twice.", sync)

    finding = StoredEvent.objects.get(type="FindingNoted")
    assert answer.status_code == 302
    assert finding.about == ["ticket:4711"]
    assert finding.payload == {"stream": "ticket:4711", "text": "The sync ran twice.", "events": [sync.position]}
    assert finding.actor_label == "Reader"
    page = reader.get(answer.headers["Location"]).content.decode()
    assert "The sync ran twice." in page
    assert f'href="/trail/{sync.position}/">event {sync.position}' in page
    story = reader.get(f"/admin/tickets/ticket/{ticket.pk}/change/").content.decode()
    assert f"Finding: The sync ran twice. (event {sync.position})" in story


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "on", "said"),
    [
        ("  ", "ticket:4711", "Write down what you found"),
        ("x" * 4_001, "ticket:4711", "at most 4,000 characters"),
        ("It broke", "ticket:4712", "Choose the case to note it on"),
    ],
)
def test_what_is_no_finding_is_refused_and_what_was_typed_stays(
    reader: Client, now: datetime, text: str, on: str, said: str
) -> None:
    published("SyncStarted", "ticket:4711", now=now)

    answer = note(reader, text, on=on)

    assert said in answer.content.decode()
    assert answer.context["said"]["text"] == text
    assert not StoredEvent.objects.filter(type="FindingNoted").exists()


@pytest.mark.django_db
def test_a_finding_cites_only_what_stands_on_the_page(reader: Client, now: datetime) -> None:
    published("SyncStarted", "ticket:4711", now=now)
    elsewhere = published("SecretThing", "ticket:1", now=now)

    assert "is not on this page" in note(reader, "It broke", elsewhere).content.decode()


@pytest.mark.django_db
def test_a_finding_is_not_noted_on_a_case_that_does_not_exist(reader: Client) -> None:
    answer = note(reader, "It broke", on="ticket:999", streams=("999",))

    assert "note it on a case that exists" in answer.content.decode()


@pytest.mark.django_db
def test_nobody_notes_on_a_story_they_may_not_read(now: datetime) -> None:
    published("SyncStarted", "customer:acme", "ticket:4711", now=now)
    engineer = signed_in(role=roles.ENGINEER, now=now)

    answer = note(engineer, "It broke", on="customer:acme", streams=("customer:acme",))

    assert not StoredEvent.objects.filter(type="FindingNoted").exists()
    assert answer.status_code == 200


@pytest.mark.django_db
def test_a_finding_is_shown_as_text(reader: Client, now: datetime) -> None:
    sync = published("SyncStarted", "ticket:4711", now=now)

    answer = note(reader, "<script>alert(1)</script>\nand more", sync)

    page = reader.get(answer.headers["Location"]).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>and more" in page


@pytest.mark.django_db
def test_a_double_click_notes_it_once_and_the_same_a_while_later_again(now: datetime) -> None:
    published("SyncStarted", "ticket:4711", now=now)

    noted = [
        note_finding("The sync ran twice.", on="ticket:4711", citing=[], now=now + wait)
        for wait in (timedelta(), timedelta(seconds=1), 2 * MINUTE)
    ]

    assert [each is not None for each in noted] == [True, False, True]


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_note_it_once(now: datetime) -> None:
    published("SyncStarted", "ticket:4711", now=now)
    noted: list[object] = []

    def second() -> None:
        noted.append(note_finding("The sync ran twice.", on="ticket:4711", citing=[], now=now))
        connection.close()

    other = threading.Thread(target=second)
    with transaction.atomic():
        noted.append(note_finding("The sync ran twice.", on="ticket:4711", citing=[], now=now))
        other.start()
        make.until_somebody_waits()
    other.join()

    assert [each is not None for each in noted] == [True, False]
    assert StoredEvent.objects.filter(type="FindingNoted").count() == 1
