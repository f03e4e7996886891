"""The search over everything finds tickets first."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client

from apps.people.models import Agent
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db


def found(words: str, *rights: str) -> list[str]:
    """The addresses found, in order, by somebody with these rights."""
    cache.clear()
    agent = make.agent("Seeker")
    for right in rights:
        app, codename = right.split(".")
        agent.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client = Client()
    client.force_login(Agent.objects.get(pk=agent.pk))
    page = client.get("/admin/search/", {"s": words, "extended": "1"}).content.decode()
    return re.findall(r'href="([^"]+)"', page)


@pytest.mark.parametrize("words", ["ACME-7", "#ACME-7", "exhausted"])
def test_a_ticket_is_found_before_anything_that_speaks_of_it(words: str, now: datetime) -> None:
    make.named_group("ACME-7 exhausted")
    ticket = make.ticket("ACME-7", subject="Connections exhausted", now=now)

    seen = found(words, "tickets.view_ticket", "notices.view_notice", "people.view_namedgroup")

    assert seen[0] == f"/admin/tickets/ticket/{ticket.pk}/change/"


def test_who_may_not_see_tickets_finds_none(now: datetime) -> None:
    make.ticket("4711", now=now)

    assert found("4711", "people.view_namedgroup") == []


def test_a_tickets_number_leads_to_what_happened_to_it_as_well(now: datetime) -> None:
    make.ticket("ACME-7", now=now)

    assert "/trail/?q=ACME-7" in found("#ACME-7", "trail.view_storedevent")


def test_the_public_page_is_found_by_its_name() -> None:
    assert found("Status page") == ["/status/"]


def test_an_event_is_found_by_its_number_by_those_who_may_read_it(now: datetime) -> None:
    make.ticket("4711", now=now)
    position = StoredEvent.objects.latest("position").position

    assert found(f"Event {position}", "tickets.view_ticket") == [f"/trail/{position}/"]


def test_who_may_not_read_the_trail_is_led_to_none_of_it(now: datetime) -> None:
    make.ticket("4711", now=now)
    position = StoredEvent.objects.latest("position").position

    assert found(f"event {position}") == []


def test_who_sees_tickets_alone_is_not_led_to_a_list_they_may_not_read(now: datetime) -> None:
    ticket = make.ticket("4711", now=now)

    assert found("4711", "tickets.view_ticket") == [f"/admin/tickets/ticket/{ticket.pk}/change/"]
