"""An event's own page."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from apps.people.models import Agent
from apps.tickets import services as tickets
from apps.tickets.models import Ticket
from apps.trail import services as trail
from apps.trail.managed import saving
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db


def signed_in(*rights: str) -> Client:
    agent = make.agent("Reader")
    for right in rights:
        app, codename = right.split(".")
        agent.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client = Client()
    client.force_login(Agent.objects.get(pk=agent.pk))
    return client


@pytest.fixture
def reader(db: None) -> Client:
    return signed_in("trail.view_storedevent", "tickets.view_ticket", "people.view_customer", "sla.view_policy")


@pytest.fixture
def ticket(now: datetime) -> Ticket:
    make.policy()
    return make.ticket("4711", customer=make.customer())


def event(kind: str) -> StoredEvent:
    return StoredEvent.objects.get(type=kind)


def page(of: StoredEvent) -> str:
    return f"/trail/{of.position}/"


def test_the_page_says_what_happened_and_links_what_it_is_about(reader: Client, ticket: Ticket) -> None:
    text = reader.get(page(event("TicketOpened"))).content.decode()

    assert "Ticket 4711 (normal question) was opened through the API by Acme" in text
    assert f'href="{reverse("admin:tickets_ticket_change", args=[ticket.pk])}">Its page' in text
    assert "customer:acme" in text
    assert "18 Mar 2026 09:00 UTC" in text or "18 Mar 09:00 UTC" in text


def test_cause_and_effect_lead_to_each_other(reader: Client, ticket: Ticket) -> None:
    opened, started = event("TicketOpened"), event("ClockStarted")

    assert f'href="{page(started)}"' in reader.get(page(opened)).content.decode()
    assert f'href="{page(opened)}"' in reader.get(page(started)).content.decode()


def test_a_position_nobody_was_at_is_a_page_in_the_same_look(reader: Client) -> None:
    response = reader.get("/trail/999999/")

    assert response.status_code == 404
    assert "There is no event 999999" in response.content.decode()
    assert "Tickets" in response.content.decode()


def test_a_position_beyond_all_numbers_is_not_there_either(reader: Client) -> None:
    assert reader.get(f"/trail/{'9' * 60}/").status_code == 404


def test_whoever_may_see_tickets_may_read_their_events_and_no_others(now: datetime, ticket: Ticket) -> None:
    plan = make.plan("pro")
    with saving(plan, now=now):
        plan.name = "Professional"
        plan.save()
    agent = signed_in("tickets.view_ticket")

    assert agent.get(page(event("TicketOpened"))).status_code == 200
    assert agent.get(page(event("ObjectChanged"))).status_code == 403


def test_without_a_right_nothing_is_read(ticket: Ticket) -> None:
    assert signed_in().get(page(event("TicketOpened"))).status_code == 403


def test_a_visitor_is_asked_to_sign_in(ticket: Ticket) -> None:
    response = Client().get(page(event("TicketOpened")))

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/admin/login/")


def test_a_payload_is_shown_as_text(reader: Client, now: datetime) -> None:
    make.ticket("1", subject="<script>alert(1)</script>")

    text = reader.get(page(event("TicketOpened"))).content.decode()

    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_change_reads_as_before_and_after(reader: Client, now: datetime, ticket: Ticket) -> None:
    tickets.change_ticket(ticket, {"subject": "Better", "severity": "urgent"}, now=now)

    changes = {change.name: change for change in reader.get(page(event("TicketChanged"))).context["changes"]}

    assert [(line.mark, line.text) for line in changes["subject"].lines] == [("came", "Better")]
    assert [(line.mark, line.text) for line in changes["severity"].lines] == [("gone", "normal"), ("came", "urgent")]


def test_whatever_a_payload_holds_can_be_read(reader: Client, now: datetime) -> None:
    held = {
        "none": None,
        "flag": False,
        "many": [1, "b"],
        "deep": {"a_b": [], "c": {"d": 1}},
        "rows": [{"x_y": 1, "z": None}, {"x": [1]}],
    }
    published = trail.publish("ThingHeld", held, ["case:1"], now=now)

    assert dict(reader.get(f"/trail/{published.position}/").context["facts"]) == {
        "none": "–",
        "flag": "no",
        "many": "1, b",
        "deep": 'c: {"d": 1}\na b: –',
        "rows": 'z: –, x y: 1\n{"x": [1]}',
    }


def test_nobody_changes_the_trail_in_the_admin(ticket: Ticket) -> None:
    root = Agent.objects.create_superuser("root@example.com")
    client = Client()
    client.force_login(root)
    opened = event("TicketOpened")

    assert client.get("/admin/trail/storedevent/add/").status_code == 403
    assert client.post(f"/admin/trail/storedevent/{opened.position}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"/admin/trail/storedevent/{opened.position}/change/").headers["Location"] == page(opened)
