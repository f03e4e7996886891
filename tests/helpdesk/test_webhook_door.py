"""A help desk that calls us."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.escalations.models import Clock
from apps.integrations.helpdesk.webhook import sign
from apps.tickets import services as tickets
from apps.tickets.models import Reply, Ticket
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db
SECRET = "desk-secret"


@pytest.fixture(autouse=True)
def secret(settings: Any) -> None:
    settings.HELPDESK_WEBHOOK_SECRET = SECRET


def send(body: Any, *, signature: str | None = None) -> HttpResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    header = sign(SECRET, raw) if signature is None else signature
    answer = Client().post(
        "/helpdesk/events", raw, content_type="application/json", headers={"X-SupportOps-Signature": header}
    )
    assert isinstance(answer, HttpResponse)
    return answer


def created(**ticket: Any) -> dict[str, Any]:
    return {"event": "created", "ticket": {"number": 4711, "opened_at": "2026-03-18T09:00:00Z", **ticket}}


def test_a_created_ticket_is_opened_with_what_the_help_desk_knows() -> None:
    acme = make.customer()
    make.policy(plans=(make.plan(),))

    answer = send(created(subject="It broke", customer="Acme", severity="high", url="https://help.example/4711"))

    ticket = Ticket.objects.get()
    assert answer.status_code == 200
    assert (ticket.number, ticket.customer, ticket.plan, ticket.severity) == ("4711", acme, acme.plan, "high")
    assert Clock.objects.get().started_at == ticket.opened_at
    assert ticket.origin == "helpdesk"
    assert "by the help desk" in StoredEvent.objects.get(type="TicketOpened").event.sentence()


def test_a_ticket_whose_address_is_too_long_is_opened_without_it() -> None:
    answer = send(created(url=f"https://help.example/{'4' * 500}"))

    assert answer.status_code == 200
    assert Ticket.objects.get().url == ""


@pytest.mark.parametrize(
    ("word", "severity"), [("Urgent", "urgent"), ("medium", "normal"), ("awful", "normal"), (3, "normal")]
)
def test_no_word_of_the_help_desks_costs_a_ticket_its_promise(word: object, severity: str) -> None:
    make.policy()

    answer = send(created(severity=word, type="Feature Request"))

    ticket = Ticket.objects.get()
    assert (answer.status_code, ticket.severity, ticket.type) == (200, severity, "question")
    assert Clock.objects.get().state == "running"


def test_a_reply_finds_its_ticket_however_it_is_numbered() -> None:
    make.policy()
    make.ticket("T_1.2")

    answer = send({"event": "replied", "ticket": {"number": "T_1.2"}, "author": "agent", "at": "2026-03-18T09:05:00Z"})

    assert answer.status_code == 200
    assert Clock.objects.get().state == "met"


def test_a_ticket_heard_of_first_in_slack_gets_what_was_unknown(now: datetime) -> None:
    make.ticket("4711")
    acme = make.customer()

    send(created(subject="It broke", customer="acme"))

    ticket = tickets.find("4711")
    assert (ticket.subject, ticket.customer, ticket.channel) == ("It broke", acme, "C100")


def test_a_reply_stops_the_clock_and_told_again_changes_nothing() -> None:
    make.policy(plans=(make.plan(),))
    make.ticket("4711", plan=make.plan())
    body = {"event": "replied", "ticket": {"number": "4711"}, "author": "agent", "at": "2026-03-18T09:05:00Z"}

    first, again = send(body), send(body)

    assert (first.status_code, again.status_code) == (200, 200)
    assert Clock.objects.get().state == "met"
    assert Reply.objects.count() == 1


def test_a_solved_ticket_is_solved() -> None:
    make.ticket("4711")

    send({"event": "solved", "ticket": {"number": "4711"}, "at": "2026-03-18T09:05:00Z"})

    assert tickets.find("4711").status == "solved"


def test_the_help_desk_is_the_actor(settings: Any) -> None:
    settings.HELPDESK = "zendesk"

    send(created())

    event = StoredEvent.objects.get(type="TicketOpened")
    assert (event.actor_kind, event.actor_label) == ("integration", "Zendesk")


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "nonsense", "ünsigned"])
def test_what_is_not_signed_is_refused_and_nothing_kept(signature: str) -> None:
    answer = send(created(), signature=signature.encode("ascii", "ignore").decode())

    assert answer.status_code == 401
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        ({"event": "exploded", "ticket": {"number": 1}}, 400),
        ({"event": "created", "ticket": {"number": 1, "opened_at": "yesterday"}}, 400),
        ({"event": "created", "ticket": {"number": 1, "opened_at": "2999-01-01T00:00:00Z"}}, 400),
        ({"event": "solved", "ticket": {"number": 9}, "at": "2026-03-18T09:05:00Z"}, 404),
        (b" " * 300_000, 413),
    ],
)
def test_bad_input_gets_a_clear_error_and_nothing_changes(body: Any, status: int) -> None:
    answer = send(body)

    assert answer.status_code == status
    assert json.loads(answer.content)["detail"]
    assert not Ticket.objects.exists()


def test_a_date_of_zero_leaves_the_ticket_list_to_everybody_west_of_utc() -> None:
    answer = send(created(opened_at="0001-01-01T00:00:00Z"))
    client = Client()
    client.force_login(make.agent("Nia", is_superuser=True, time_zone="America/New_York"))

    assert answer.status_code == 400
    assert client.get("/admin/tickets/ticket/").status_code == 200
    assert client.get("/admin/").status_code == 200


def test_without_a_secret_no_message_is_trusted(settings: Any) -> None:
    settings.HELPDESK_WEBHOOK_SECRET = ""

    assert send(created()).status_code == 503


def test_only_post_is_answered() -> None:
    assert Client().get("/helpdesk/events").status_code == 405
