"""The trail's list: what is asked in words, what stays in the address, and who may ask."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.tickets import services as tickets
from apps.tickets.models import Ticket
from apps.trail import services as trail
from apps.trail.context import Actor, acting
from apps.trail.models import StoredEvent
from tests import make
from tests.trail.test_pages import signed_in

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def reader(db: None) -> Client:
    return signed_in("trail.view_storedevent")


@pytest.fixture
def ticket(now: datetime) -> Ticket:
    make.policy()
    return make.ticket("4711", customer=make.customer())


def found(client: Client, **asked: Any) -> list[str]:
    """The types of the events found, newest first."""
    return [event.type for event in client.get("/trail/", asked).context["found"].events]


@pytest.mark.parametrize("q", ["4711", "#4711", "ticket 4711", "ticket:4711"])
def test_a_tickets_number_is_its_story(reader: Client, ticket: Ticket, q: str) -> None:
    make.ticket("4712", subject="Like 4711")

    assert found(reader, q=q) == ["ClockStarted", "TicketOpened"]


@pytest.mark.parametrize("q", ["event 999999", "/trail/999999/"])
def test_an_event_that_is_not_there_is_said_to_be_missing(reader: Client, q: str) -> None:
    page = reader.get("/trail/", {"q": q})

    assert "There is no event 999999" in page.content.decode()


def test_a_number_in_quotes_is_looked_for_everywhere(reader: Client, ticket: Ticket) -> None:
    make.ticket("4712", subject="Like 4711")

    assert found(reader, q='"4711"', type="TicketOpened") == ["TicketOpened", "TicketOpened"]


def test_words_of_the_payload_are_found(reader: Client, now: datetime) -> None:
    trail.publish("VatRateCorrected", {"country": "Freedonia"}, ["case:1"], now=now)
    trail.publish("VatRateCorrected", {"country": "Sylvania"}, ["case:2"], now=now)

    assert len(found(reader, q="freedonia")) == 1
    assert found(reader, q="freedonia -vat") == []


def test_a_number_that_is_an_events_leads_there_as_well(reader: Client, ticket: Ticket) -> None:
    first = StoredEvent.objects.earliest("position")

    page = reader.get("/trail/", {"q": str(first.position)}).content.decode()

    assert f'href="/trail/{first.position}/"' in page


@pytest.mark.parametrize("said", ["event {0}", "Event #{0}", "/trail/{0}/", "https://portal.example/trail/{0}/"])
def test_who_names_an_event_gets_its_page(reader: Client, ticket: Ticket, said: str) -> None:
    position = StoredEvent.objects.latest("position").position

    assert reader.get("/trail/", {"q": said.format(position)}).headers["Location"] == f"/trail/{position}/"


def test_an_events_id_leads_to_it(reader: Client, ticket: Ticket) -> None:
    event = StoredEvent.objects.latest("position")

    assert reader.get("/trail/", {"q": str(event.event_id)}).headers["Location"] == f"/trail/{event.position}/"


@pytest.mark.parametrize("customer", ["acme", "ACME", "Acme", "cm"])
def test_a_customer_is_found_by_name_with_what_happened_on_the_tickets(
    reader: Client, ticket: Ticket, now: datetime, customer: str
) -> None:
    make.ticket("4712")
    # On the ticket's stream alone.
    trail.publish("PhoneCallMade", about=["ticket:4711"], now=now)

    assert found(reader, customer=customer) == ["PhoneCallMade", "ClockStarted", "TicketOpened"]


def test_a_name_of_several_customers_asks_which(reader: Client, ticket: Ticket) -> None:
    make.customer("acorn")

    response = reader.get("/trail/", {"customer": "ac"})

    [note] = response.context["notes"]
    assert note.links == (("Acme", "?customer=acme"), ("Acorn", "?customer=acorn"))
    assert response.context["found"].events == []


def test_a_customer_nobody_knows_is_said(reader: Client, ticket: Ticket) -> None:
    assert "No customer is called “nobody”" in reader.get("/trail/", {"customer": "nobody"}).content.decode()


def test_a_persons_deeds_are_found_whichever_way_they_were_done(reader: Client, now: datetime) -> None:
    ana = make.agent("Ana")
    for actor in (Actor("user", str(ana.pk), "Ana"), Actor("slack", "UANA", "Ana"), Actor("user", "999", "Ben")):
        with acting(actor=actor):
            trail.publish("BellRung", about=["bell:1"], now=now)

    assert len(found(reader, person="ana")) == 2
    assert len(found(reader, person="ana@example.com")) == 2
    assert len(found(reader, person="slack")) == 1
    assert len(found(reader, person="user:999")) == 1


def test_who_is_no_agent_is_found_by_the_name_they_had(reader: Client, now: datetime) -> None:
    with acting(actor=Actor("integration", "zendesk", "Zendesk Sync")):
        trail.publish("BellRung", about=["bell:1"], now=now)
    with acting(actor=Actor("integration", "other", "Other")):
        trail.publish("BellRung", {"said": "zendesk"}, about=["bell:1"], now=now)

    assert len(found(reader, person="zendesk")) == 1


def test_filters_hold_together(reader: Client, ticket: Ticket, now: datetime) -> None:
    make.ticket("4712", now=now + HOUR, opened_at=now + HOUR, customer=ticket.customer)

    asked = {"customer": "acme", "type": "TicketOpened", "since": "2026-03-18T09:30Z", "until": "2026-03-18T11:00Z"}

    assert found(reader, **asked) == ["TicketOpened"]
    assert found(reader, **asked, q="4711") == []


def test_each_filter_is_a_chip_that_can_be_taken_away(reader: Client, ticket: Ticket) -> None:
    types = ["TicketOpened", "ClockStarted"]
    asked = {"q": "4711", "customer": "acme", "type": types, "within": "7d", "stream": "policy:1"}

    response = reader.get("/trail/", asked)

    assert {chip.text: chip.without for chip in response.context["chips"]} == {
        "Ticket 4711": "customer=acme&type=TicketOpened&type=ClockStarted&stream=policy%3A1&within=7d",
        "Customer: Acme": "q=4711&type=TicketOpened&type=ClockStarted&stream=policy%3A1&within=7d",
        "Type: Ticket opened": "q=4711&customer=acme&type=ClockStarted&stream=policy%3A1&within=7d",
        "Type: Clock started": "q=4711&customer=acme&type=TicketOpened&stream=policy%3A1&within=7d",
        "In the last 7 days": "q=4711&customer=acme&type=TicketOpened&type=ClockStarted&stream=policy%3A1",
        "Stream: policy:1": "q=4711&customer=acme&type=TicketOpened&type=ClockStarted&within=7d",
    }


def test_a_time_typed_in_the_readers_zone_is_the_same_to_whoever_gets_the_link(reader: Client) -> None:
    reader.cookies["time_zone"] = "Europe/Berlin"

    location = reader.get("/trail/", {"q": "", "since": "2026-03-18T10:00", "type": ""}).headers["Location"]

    assert location == "/trail/?since=2026-03-18T09%3A00Z"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"since": "five o'clock"}, "is no time"),
        ({"since": "0001-01-01T00:00Z"}, "is a slip of the finger"),
        ({"since": "2026-03-18T10:00Z", "until": "2026-03-18T09:00Z"}, "ends before it begins"),
        ({"correlation": "x"}, "is no chain of events"),
        ({"before": "x"}, "is no place on the trail"),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_is_searched(
    reader: Client, ticket: Ticket, asked: dict[str, str], said: str
) -> None:
    response = reader.get("/trail/", asked)

    assert said in response.content.decode()
    assert response.context["found"].events == []


def test_a_trail_without_events_says_what_will_be_there(reader: Client) -> None:
    assert "Nothing has happened yet" in reader.get("/trail/").content.decode()


def test_a_search_without_results_says_what_to_do(reader: Client, ticket: Ticket) -> None:
    assert "Take a filter away" in reader.get("/trail/", {"q": "nothing like this"}).content.decode()


def test_older_pages_give_every_event_once_while_others_come_in(reader: Client, now: datetime) -> None:
    expected = [trail.publish("BellRung", about=["bell:1"], now=now).position for _ in range(120)]
    seen: list[int] = []
    address = "/trail/?stream=bell%3A1"
    while address:
        page = reader.get(address)
        seen += [event.position for event in page.context["found"].events]
        trail.publish("BellRung", about=["bell:1"], now=now)
        older = page.context["older"]
        # As the script does from the second page on.
        address = f"/trail/more/?{older}" if older else ""

    assert seen == expected[::-1]


def test_the_next_page_alone_has_no_frame(reader: Client, ticket: Ticket) -> None:
    page = reader.get("/trail/more/").content.decode()

    assert "data-trail-events" in page
    assert "<html" not in page


@pytest.mark.parametrize("address", ["/trail/", "/trail/more/", "/admin/trail/storedevent/"])
def test_the_list_is_for_those_who_may_read_the_trail(ticket: Ticket, address: str) -> None:
    assert signed_in("tickets.view_ticket", "tickets.change_ticket").get(address).status_code == 403


@pytest.mark.parametrize("address", ["/trail/", "/trail/more/"])
def test_a_visitor_is_asked_to_sign_in(db: None, address: str) -> None:
    assert Client().get(address).headers["Location"].startswith("/admin/login/")


def test_the_admins_list_leads_here_with_what_was_asked(reader: Client) -> None:
    assert reader.get("/admin/trail/storedevent/?q=4711").headers["Location"] == "/trail/?q=4711"


def test_the_list_costs_the_same_however_long_it_is(reader: Client, ticket: Ticket, now: datetime) -> None:
    reader.get("/trail/")
    with CaptureQueriesContext(connection) as few:
        reader.get("/trail/")
    for number in range(10):
        make.ticket(str(number))
        tickets.change_ticket(ticket, {"subject": f"Subject {number}"}, now=now)

    with CaptureQueriesContext(connection) as many:
        reader.get("/trail/")

    assert len(many) == len(few)


def test_what_is_typed_is_shown_as_text(reader: Client) -> None:
    page = reader.get(
        "/trail/", {"q": '"><script>alert(1)</script>', "person": "<b>", "stream": "<i>"}
    ).content.decode()

    assert not re.search(r"<script>alert|<b>|<i>", page)


@pytest.mark.parametrize(
    "name", ["q", "customer", "person", "type", "stream", "correlation", "within", "since", "until"]
)
def test_a_zero_byte_is_nothing_anybody_asked_for(reader: Client, ticket: Ticket, name: str) -> None:
    for page in ("/trail/", "/trail/more/"):
        assert reader.get(page, {name: "a\x00b"}, follow=True).status_code == 200
