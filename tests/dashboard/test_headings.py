"""What a page calls itself: one name for one thing, in the menu, above the page and on the way there."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape

import pytest
from django.test import Client

from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(make.agent("Root", is_superuser=True))
    return client


def heading(client: Client, address: str) -> str:
    page = client.get(address).content.decode()
    [inside] = re.findall(r"<h1[^>]*portal-path[^>]*>(.*?)</h1>", page, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", inside)).split()).replace(" chevron_right ", " > ")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/admin/", "Home"),
        ("/admin/tickets/ticket/", "Tickets"),
        ("/admin/tickets/ticket/add/", "Tickets > Add ticket"),
        ("/admin/notices/notice/", "Outbox"),
        ("/admin/slack/slackmessage/", "Messages seen"),
        ("/admin/django_q/schedule/", "Scheduled jobs"),
        ("/admin/django_q/success/", "Finished jobs"),
        ("/profile/", "Your profile"),
    ],
)
def test_a_page_is_called_as_in_the_menu(root: Client, address: str, said: str) -> None:
    assert heading(root, address) == said


def test_a_tickets_page_is_one_step_below_the_tickets(root: Client, now: datetime) -> None:
    ticket = make.ticket("4711", now=now)

    assert heading(root, f"/admin/tickets/ticket/{ticket.pk}/change/") == "Tickets > Ticket 4711"


def test_who_adds_a_ticket_is_not_offered_to_add_one(root: Client) -> None:
    assert 'aria-label="Add ticket"' in root.get("/admin/tickets/ticket/").content.decode()
    assert 'aria-label="Add ticket"' not in root.get("/admin/tickets/ticket/add/").content.decode()


def test_only_a_list_that_hides_something_offers_to_show_all(root: Client, now: datetime) -> None:
    make.ticket("4711", now=now)

    everything, found = (root.get(f"/admin/tickets/ticket/{query}").content.decode() for query in ("", "?q=4711"))

    assert "Show all" not in everything
    assert "1 found" in found
    assert "Show all" in found


def test_who_may_not_see_a_page_keeps_the_menu_and_learns_why() -> None:
    client = Client()
    client.force_login(make.agent("Ana"))

    refused = client.get("/admin/tickets/ticket/")

    shown = refused.content.decode()
    assert refused.status_code == 403
    assert "Your role does not open this page" in shown
    assert 'id="nav-sidebar"' in shown


def test_a_browser_finds_the_icon_also_where_no_page_names_it() -> None:
    assert Client().get("/favicon.ico").headers["Location"] == "/static/supportops/icon.svg"
