"""An incident's timeline tells all that happened in one story."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from apps.incidents import services
from apps.incidents.models import Incident
from apps.people.models import Agent
from apps.rfhs import services as rfhs
from tests import make
from tests.make import MINUTE, NOW

pytestmark = pytest.mark.django_db
WHO = make.acting()


def reader(*rights: str) -> Client:
    """Whoever has these rights, signed in."""
    agent = Agent.objects.filter(email="rea@example.com").first() or make.agent("Rea", is_staff=True)
    agent.user_permissions.set(Permission.objects.filter(codename__in=["view_incident", *rights]))
    client = Client()
    client.force_login(agent)
    return client


def told(client: Client, incident: Incident, query: str = "") -> list[str]:
    """What each entry of the timeline says, without its address and instant."""
    page = client.get(f"/incidents/{incident.pk}/?story=oldest{query}").content.decode()
    entries = re.findall(r'<li id="(?:event|pin)-\d+".*?</li>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", entry).split()) for entry in entries]


def test_updates_pins_pages_tickets_and_requests_are_one_story_in_its_order() -> None:
    make.component("api")
    ticket = make.ticket(opened_at=NOW - 5 * MINUTE)
    incident = make.incident(
        tickets=[ticket],
        public_text="We <b>look</b>.",
        internal_note="It is the disk",
        components=[{"slug": "api", "status": "major_outage"}],
    )
    services.keep_pin(
        incident,
        channel="C1",
        ts="1.1",
        author="Ben",
        text="The disk is full",
        url="https://x.slack.com/p1",
        said_at=NOW + MINUTE,
        pinned_by="Ana",
        now=NOW + 9 * MINUTE,
    )
    make.page(now=NOW + 2 * MINUTE, message=f"{incident} needs whoever knows the disks")
    rfh = make.filed_rfh(NOW + 3 * MINUTE)
    services.link(incident, rfhs=[rfh], by=WHO, now=NOW + 4 * MINUTE)
    rfhs.answer(rfh, answer="Make room", by=WHO, now=NOW + 5 * MINUTE)
    client = reader("view_ticket", "view_rfh", "view_storedevent")

    entries = told(client, incident)

    expected = [
        "Ticket 4711",
        "declared",
        "For the public Public We &lt;b&gt;look&lt;/b&gt;. Among ourselves It is the disk",
        "Ben in Slack The disk is full",
        "paged",
        "for help (p2)",
        f"linked {rfh}",
        "answered",
    ]
    places = [next(place for place, entry in enumerate(entries) if words in entry) for words in expected]
    assert places == sorted(places)
    assert told(client, incident, "&only=slack") == [entries[places[3]]]


def test_what_one_may_not_read_is_not_told() -> None:
    ticket = make.ticket()
    incident = make.incident(tickets=[ticket])

    assert not [entry for entry in told(reader(), incident) if entry.startswith("Tickets and requests:")]
    assert reader().get("/incidents/99999/").status_code == 404
    Agent.objects.get(email="rea@example.com").user_permissions.clear()
    client = Client()
    client.force_login(Agent.objects.get(email="rea@example.com"))
    assert client.get(f"/incidents/{incident.pk}/").status_code == 403


def test_a_page_belongs_to_the_first_incident_it_names() -> None:
    incident = make.incident()

    named = make.page(message=f"Not INC-999999: inc-{incident.pk}, please")

    assert named.incident == incident
    assert make.page(message=f"XINC-{incident.pk}0 INC-{incident.pk}x").incident is None


def test_an_address_may_call_it_as_people_do() -> None:
    incident = make.incident()
    client = reader()

    for page in ("", "rca/"):
        assert client.get(f"/incidents/{str(incident).lower()}/{page}").status_code == 200
        assert client.get(f"/incidents/{incident.pk}/{page}").status_code == 200
    assert client.get("/incidents/nothing/").status_code == 404


def test_the_trail_finds_an_incident_by_what_it_is_called() -> None:
    incident = make.incident()

    page = reader("view_storedevent").get("/trail/", {"q": str(incident).lower()}).content.decode()

    assert f"This is the story of {incident}." in page
