"""Calendars in the admin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.people.models import Agent
from apps.rotations.models import Calendar, CalendarEntry
from apps.trail.models import StoredEvent
from supportops import roles
from tests import make

pytestmark = pytest.mark.django_db
SECRET = "https://calendar.example.com/private-f00/basic.ics"


@pytest.fixture
def lead() -> Agent:
    agent = make.agent("Lena")
    roles.sync(timezone.now())
    agent.groups.add(roles.Group.objects.get(name=roles.LEAD))
    make.team("set", agent)
    return agent


@pytest.fixture
def page(lead: Agent) -> Client:
    client = Client()
    client.force_login(lead)
    return client


def form(**fields: Any) -> dict[str, Any]:
    defaults = {
        "name": "Support",
        "team": make.team("set").pk,
        "source": "icalendar",
        "feed_address": SECRET,
        "purpose": "shifts",
        "embedded_word": "embedded",
        "leave_words": "vacation, OOO",
        "time_zone": "",
        "enabled": "on",
    }
    return {**defaults, **fields}


def a_calendar(**fields: Any) -> Calendar:
    defaults = {"name": "Support", "team": make.team("set"), "source": "icalendar", "feed_address": SECRET}
    return Calendar.objects.create(**{**defaults, **fields})


def errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def test_a_lead_adds_a_calendar_and_its_address_is_not_on_the_trail(page: Client) -> None:
    answer = page.post("/admin/rotations/calendar/add/", form())

    assert answer.status_code == 302
    assert Calendar.objects.get().feed_address == SECRET
    made = StoredEvent.objects.get(type="ObjectCreated", payload__model="rotations.calendar")
    assert made.payload["after"]["feed_address"] == "•••"


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"feed_address": "basic.ics"}, "feed_address", "begins with https://"),
        ({"feed_address": "file:///etc/passwd"}, "feed_address", "begins with https://"),
        ({"source": "google"}, "feed_address", "by the calendar's id"),
        ({"purpose": "leave", "leave_words": " , "}, "leave_words", "by which words"),
        ({"time_zone": "Nowhere/Land"}, "time_zone", "Nowhere/Land"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(page: Client, fields: dict[str, str], field: str, said: str) -> None:
    answer = page.post("/admin/rotations/calendar/add/", form(**fields))

    assert said in errors(answer)[field][0]
    assert not Calendar.objects.exists()


def test_a_lead_adds_none_for_another_team(page: Client) -> None:
    answer = page.post("/admin/rotations/calendar/add/", form(team=make.team("other").pk))

    assert errors(answer)["team"] == ["You change the calendars of your own teams only."]


def test_another_address_starts_over_and_is_told_without_it(page: Client) -> None:
    which = a_calendar(token='"v1"', whole_at=timezone.now())

    seen = page.get(f"/admin/rotations/calendar/{which.pk}/change/").context["seen"]
    answer = page.post(
        f"/admin/rotations/calendar/{which.pk}/change/", form(feed_address=f"{SECRET}?b", seen=seen, _seen=seen)
    )

    which.refresh_from_db()
    assert answer.status_code == 302
    assert (which.token, which.whole_at) == ("", None)
    event = StoredEvent.objects.get(type="CalendarPointedElsewhere")
    assert "private-f00" not in str(event.payload)


def test_who_may_only_look_sees_where_the_address_leads_and_not_its_secret() -> None:
    which = a_calendar()
    agent = make.agent("Eva")
    roles.sync(timezone.now())
    agent.groups.add(roles.Group.objects.get(name=roles.ENGINEER))
    client = Client()
    client.force_login(agent)

    body = client.get(f"/admin/rotations/calendar/{which.pk}/change/").content.decode()

    assert "calendar.example.com" in body
    assert "private-f00" not in body


def test_a_calendar_not_read_for_an_hour_says_so_with_the_reason(page: Client) -> None:
    now = timezone.now()
    which = a_calendar(synced_at=now - timedelta(hours=2), failing_since=now, error="The calendar's server hangs.")

    body = page.get(f"/admin/rotations/calendar/{which.pk}/change/").content.decode()

    assert "Not read for an hour" in body
    assert "The calendar&#x27;s server hangs." in body
    assert "go on to count" in body
    assert "counts as it last was" in page.get("/admin/").content.decode()


def test_those_nobody_knows_are_listed(page: Client) -> None:
    now = timezone.now()
    which = a_calendar()
    CalendarEntry.objects.create(
        calendar=which, uid="a", starts_at=now, ends_at=now + timedelta(hours=1), unmatched=["cy@example.com"]
    )

    body = page.get(f"/admin/rotations/calendar/{which.pk}/change/").content.decode()
    listed = page.get("/admin/rotations/calendarentry/?people=unmatched").content.decode()

    assert "cy@example.com" in body
    assert "cy@example.com" in listed
