"""The search over everything finds tickets first."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client

from apps.people.models import Agent
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
