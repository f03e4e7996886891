"""Calendars to subscribe to, at secret addresses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
from django.test import Client

from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.exporting.entries import Window, of_person, of_rotation
from apps.rotations.exporting.writing import Entry, uid, write
from apps.rotations.models import CalendarAddress, Rotation
from apps.trail.models import StoredEvent
from supportops import roles
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def ana() -> Agent:
    return make.agent("Ana")


@pytest.fixture
def rotation(ana: Agent) -> Rotation:
    return make.rotation(make.layer(ana, make.agent("Ben")))


def fetch(secret: str, **headers: str) -> Any:
    return Client().get(f"/calendars/{secret}.ics", headers=headers)


def events(body: bytes) -> list[Any]:
    return list(icalendar.Calendar.from_ical(body).walk("VEVENT"))


def signed_in(agent: Agent, role: str | None = None) -> Client:
    if role:
        roles.sync(NOW)
        agent.groups.add(roles.Group.objects.get(name=role))
    client = Client()
    client.force_login(agent)
    return client


def test_a_rotations_address_opens_its_final_schedule_without_signing_in(rotation: Rotation) -> None:
    answer = fetch(services.make_address(rotation, now=NOW))

    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, max-age=300"
    assert str(icalendar.Calendar.from_ical(answer.content)["X-WR-CALNAME"]) == rotation.name
    assert all("Ana" in str(event["SUMMARY"]) or "Ben" in str(event["SUMMARY"]) for event in events(answer.content))


def test_it_shows_four_weeks_back_and_twenty_six_ahead(rotation: Rotation) -> None:
    window = Window.around(NOW)

    found = of_rotation(rotation, window)

    assert (window.start, window.end) == (
        NOW.replace(hour=0) - timedelta(weeks=4),
        NOW.replace(hour=0) + timedelta(weeks=26),
    )
    # From the rotation's beginning on 2 March, a shift a week.
    assert found[0].start == datetime.fromisoformat("2026-03-02T09:00:00+00:00")
    assert len(found) == 29


def test_an_override_is_part_of_the_schedule(rotation: Rotation, ana: Agent) -> None:
    cy = make.agent("Cy")
    services.add_override(rotation, remove=ana, add=cy, ends_at=NOW + 90 * DAY, reason="Away", now=NOW)

    assert next(entry.summary for entry in of_person(cy, Window.around(NOW))) == f"{rotation}: primary"


def test_a_shift_has_one_uid_whenever_one_looks(rotation: Rotation) -> None:
    first = {uid(entry.key) for entry in of_rotation(rotation, Window.around(NOW))}

    services.keep_histories(now=NOW + 3 * DAY)
    later = {uid(entry.key) for entry in of_rotation(rotation, Window.around(NOW + 3 * DAY))}

    assert len(first - later) == 0
    assert len(later - first) <= 1


def test_who_is_always_on_has_one_entry_with_one_uid(ana: Agent) -> None:
    always = make.rotation(make.layer(ana, kind="people", start_local=None), slug="always")

    days = [of_rotation(always, Window.around(NOW + days * DAY)) for days in (0, 200, 201)]

    assert [len(found) for found in days] == [1, 1, 1]
    assert uid(days[1][0].key) == uid(days[2][0].key)


def test_a_persons_calendar_has_their_duties_and_their_shifts(rotation: Rotation, ana: Agent) -> None:
    make.shift(ana, kind="embedded", product="Boards")

    found = [entry.summary for entry in of_person(ana, Window.around(NOW))]

    assert "On shift: embedded in Boards" in found
    assert found.count(f"{rotation}: primary") == 15


def test_the_file_is_valid_by_rfc_5545() -> None:
    raw = write(
        "SET", [Entry(("a",), NOW, NOW + DAY, "primary: Ana; Ben, Cy", "turn 1\nof it")], stamp=NOW, page="https://x"
    )

    assert raw.startswith(b"BEGIN:VCALENDAR\r\n")
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    for line in (b"VERSION:2.0", b"PRODID:", b"DTSTAMP:20260318T090000Z", b"DTSTART:20260318T090000Z"):
        assert b"\r\n" + line in raw
    [event] = events(raw)
    assert str(event["SUMMARY"]) == "primary: Ana; Ben, Cy"


def test_an_entry_leads_to_the_board(rotation: Rotation, settings: Any) -> None:
    settings.BASE_URL = "https://support.example.com"

    answer = fetch(services.make_address(rotation, now=NOW))

    assert {str(event["URL"]) for event in events(answer.content)} == {"https://support.example.com/rotations/"}


def test_what_did_not_change_is_not_sent_again(rotation: Rotation) -> None:
    secret = services.make_address(rotation, now=NOW)
    first = fetch(secret)

    again = fetch(secret, if_none_match=first["ETag"])

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert again["Cache-Control"] == "private, max-age=300"


def test_made_anew_the_old_address_opens_nothing(rotation: Rotation) -> None:
    old = services.make_address(rotation, now=NOW)
    new = services.make_address(rotation, now=NOW)

    assert [fetch(secret).status_code for secret in (old, new)] == [404, 200]
    made = StoredEvent.objects.filter(type="CalendarAddressMade").order_by("position")
    assert [event.payload["anew"] for event in made] == [False, True]


def test_a_revoked_address_opens_nothing_and_says_so(rotation: Rotation) -> None:
    secret = services.make_address(rotation, now=NOW)

    assert services.revoke_address(rotation, now=NOW)
    assert not services.revoke_address(rotation, now=NOW)

    answer = fetch(secret)
    assert answer.status_code == 404
    assert "revoked, or made anew" in answer.content.decode()
    assert StoredEvent.objects.filter(type="CalendarAddressRevoked").count() == 1


def test_who_left_has_no_calendar_any_more(ana: Agent) -> None:
    secret = services.make_address(ana, now=NOW)
    Agent.objects.update(is_active=False)

    assert fetch(secret).status_code == 404


def test_only_the_hash_of_the_secret_is_stored_and_it_is_not_on_the_trail(ana: Agent) -> None:
    secret = services.make_address(ana, now=NOW)

    assert secret not in CalendarAddress.objects.get().hashed_token
    assert not StoredEvent.objects.filter(payload__icontains=secret).exists()


def test_one_makes_ones_own_address_and_sees_it_once(ana: Agent, settings: Any) -> None:
    settings.BASE_URL = "https://support.example.com"
    client = signed_in(ana)

    made = client.post("/calendars/", {"do": "make"})
    page = client.get("/calendars/")

    address = made.context["made"]["address"]
    assert address.startswith("https://support.example.com/calendars/")
    assert address in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    assert address not in page.content.decode()
    assert client.get(address.removeprefix("https://support.example.com")).status_code == 200


@pytest.mark.parametrize("verb", ["make", "revoke"])
def test_what_would_end_an_address_asks_first(ana: Agent, verb: str) -> None:
    services.make_address(ana, now=NOW)
    before = CalendarAddress.objects.get().hashed_token

    answer = signed_in(ana).post("/calendars/", {"do": verb})

    assert "This cannot be undone." in answer.content.decode()
    assert CalendarAddress.objects.get().hashed_token == before


def test_a_lead_makes_those_of_the_own_teams_alone(rotation: Rotation, ana: Agent) -> None:
    rotation.team.members.add(ana)
    lead, other = signed_in(ana, roles.LEAD), signed_in(make.agent("Dana"), roles.LEAD)

    assert other.post("/calendars/", {"do": "make", "rotation": rotation.slug}).status_code == 403
    assert lead.post("/calendars/", {"do": "make", "rotation": rotation.slug}).status_code == 200


def test_who_may_only_look_makes_no_rotations_address(rotation: Rotation, ana: Agent) -> None:
    rotation.team.members.add(ana)

    assert signed_in(ana, roles.ENGINEER).post("/calendars/", {"do": "make", "rotation": "set"}).status_code == 403


def test_nothing_is_changed_by_looking(rotation: Rotation) -> None:
    secret = services.make_address(rotation, now=NOW)

    assert Client().post(f"/calendars/{secret}.ics").status_code == 405
