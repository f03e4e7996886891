"""Google Calendar over HTTP, from a stand-in server on loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from apps.integrations.google_calendar.source import GoogleCalendar
from apps.rotations.calendars import CalendarQuestion, CalendarReading, CalendarUnreadable
from tests.standins.calendars import ACCOUNT, StandInGoogle, event, key_file
from tests.standins.server import Say

ID = "support@group.calendar.google.com"
START = datetime(2026, 3, 1, tzinfo=UTC)
END = datetime(2026, 9, 1, tzinfo=UTC)
MONDAY = event("a", "2026-03-18T09:00:00+01:00", "2026-03-18T17:00:00+01:00", "On support", "ana@example.com")


@pytest.fixture
def standin() -> Iterator[StandInGoogle]:
    with StandInGoogle() as server:
        server.events[ID] = [MONDAY]
        yield server


@pytest.fixture
def google(standin: StandInGoogle, tmp_path: Path) -> GoogleCalendar:
    return GoogleCalendar(key_file=key_file(tmp_path, standin), url=f"{standin.address}/calendar/v3", timeout=5)


def read(google: GoogleCalendar, token: str = "", address: str = ID) -> CalendarReading:
    return google.read(CalendarQuestion(address, ZoneInfo("Europe/London"), START, END, token))


def refusal(google: GoogleCalendar, address: str = ID) -> str:
    with pytest.raises(CalendarUnreadable) as refused:
        read(google, address=address)
    return str(refused.value)


def test_a_calendar_is_read_as_a_service_account_with_recurrences_expanded(
    standin: StandInGoogle, google: GoogleCalendar
) -> None:
    found = read(google)

    [item] = found.items
    assert (item.start, item.end) == (datetime(2026, 3, 18, 8, tzinfo=UTC), datetime(2026, 3, 18, 16, tzinfo=UTC))
    assert item.people[0].email == "ana@example.com"
    assert found.whole
    assert found.token == "token-1"
    assert standin.asked[0]["singleEvents"] == "true"
    assert standin.asked[0]["timeMin"] == "2026-03-01T00:00:00Z"


def test_every_page_is_read(standin: StandInGoogle, google: GoogleCalendar) -> None:
    standin.events[ID] = [{**MONDAY, "id": f"e{place}"} for place in range(5)]

    found = read(google)

    assert [item.uid for item in found.items] == ["e0", "e1", "e2", "e3", "e4"]
    assert len(standin.asked) == 3


def test_a_whole_day_is_a_date_in_the_calendars_zone(standin: StandInGoogle, google: GoogleCalendar) -> None:
    standin.events[ID] = [event("a", "2026-03-29", "2026-03-30")]

    [item] = read(google).items

    # Madrid's clocks go forward on that day.
    assert (item.start, item.end) == (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))


def test_with_a_token_only_changes_are_asked_for_and_what_was_cancelled_is_gone(
    standin: StandInGoogle, google: GoogleCalendar
) -> None:
    standin.changes["before"] = [
        {"id": "b", "status": "cancelled"},
        event("a", "2026-03-19T09:00:00Z", "2026-03-19T17:00:00Z"),
    ]

    found = read(google, token="before")

    assert [item.start for item in found.items] == [datetime(2026, 3, 19, 9, tzinfo=UTC)]
    assert found.gone == ("b",)
    assert not found.whole
    # Google refuses a window together with a token.
    assert "timeMin" not in standin.asked[0]


def test_a_token_that_is_too_old_starts_over(standin: StandInGoogle, google: GoogleCalendar) -> None:
    found = read(google, token="long ago")

    assert found.whole
    assert len(found.items) == 1
    assert [("syncToken" in asked) for asked in standin.asked] == [True, False]


def test_what_moved_out_of_the_window_is_gone(standin: StandInGoogle, google: GoogleCalendar) -> None:
    standin.changes["before"] = [event("a", "2027-03-19T09:00:00Z", "2027-03-19T17:00:00Z")]

    found = read(google, token="before")

    assert found.items == ()
    assert found.gone == ("a",)


def test_each_recurrence_has_an_instance_of_its_own(standin: StandInGoogle, google: GoogleCalendar) -> None:
    standin.events[ID] = [{**MONDAY, "id": "a_20260318T080000Z", "recurringEventId": "a"}]

    [item] = read(google).items

    assert (item.uid, item.instance) == ("a", "a_20260318T080000Z")


def test_one_event_that_is_none_costs_no_other(standin: StandInGoogle, google: GoogleCalendar) -> None:
    standin.events[ID] = [{"id": "x", "start": {}, "end": None}, MONDAY]

    found = read(google)

    assert len(found.items) == 1
    assert found.notes == ("1 of its entries could not be read.",)


def test_beyond_ten_thousand_it_is_said_and_read_whole_each_time(
    standin: StandInGoogle, google: GoogleCalendar
) -> None:
    standin.page = 2_500
    standin.events[ID] = [{**MONDAY, "id": f"e{place}"} for place in range(10_001)]

    found = read(google)

    assert len(found.items) == 10_000
    assert found.notes == ("It has more than 10,000 entries; those beyond do not count.",)
    assert found.token == ""


def test_a_calendar_that_is_not_shared_says_with_whom_to_share_it(google: GoogleCalendar) -> None:
    said = refusal(google, address="other@group.calendar.google.com")

    assert said.startswith("Google knows no such calendar, or does not show it to us.")
    assert f"Share the calendar with {ACCOUNT}" in said


def test_a_hung_server_is_given_up_on_at_the_deadline(standin: StandInGoogle, tmp_path: Path) -> None:
    google = GoogleCalendar(key_file=key_file(tmp_path, standin), url=f"{standin.address}/calendar/v3", timeout=1)
    standin.say.append(Say(200, b'{"items": []}', drip=3))
    began = time.monotonic()

    assert refusal(google) == "Google did not answer within 1 s."
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("say", "sentence"),
    [
        (Say(200, b"<html>", "text/html"), "Google's answer is not understood"),
        (Say(200, b'{"items": 7}'), "Google's answer is not understood"),
        (Say(503, b""), "Google answered with status 503."),
        (Say(drop=True), "Google could not be reached."),
        (
            Say(403, json.dumps({"error": {"errors": [{"reason": "rateLimitExceeded"}]}}).encode()),
            "Google asks us to slow down",
        ),
        (Say(403, b"{}"), "Google does not let us read this calendar (403)."),
    ],
)
def test_what_went_wrong_is_said(standin: StandInGoogle, google: GoogleCalendar, say: Say, sentence: str) -> None:
    standin.say.append(say)

    assert refusal(google).startswith(sentence)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "names a file that cannot be read"),
        ("{}", "no service account's key"),
        ("hm", "no service account's key"),
    ],
)
def test_a_key_file_that_is_none_is_said_to_be_none(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "key.json"
    if content is not None:
        path.write_text(content)

    assert said in refusal(GoogleCalendar(key_file=str(path), url="http://127.0.0.1:1", timeout=1))


def test_without_a_key_file_it_says_which_setting_lacks() -> None:
    assert "set GOOGLE_SERVICE_ACCOUNT_FILE" in refusal(GoogleCalendar(key_file="", url="", timeout=1))
