"""Messages in watched channels: which are tickets, which are kept, which are nobody's business."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.integrations.slack.models import SlackEvent, SlackMessage
from apps.tickets.models import Ticket
from tests import make
from tests.slack.inbound import HERE, ago, heard, watch
from tests.standins import slack_payloads as payloads

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]


def hear(message: dict[str, Any]) -> None:
    heard(payloads.event_callback(message))


@pytest.mark.parametrize("form", [payloads.ticket_lines, payloads.ticket_fields])
def test_both_usual_forms_open_a_ticket(form: Any) -> None:
    watch()

    hear(payloads.bot_message(HERE, ago(minutes=1), attachments=form("4711", "high", "question")))

    ticket = Ticket.objects.get()
    assert (ticket.number, ticket.severity, ticket.type) == ("4711", "high", "question")
    assert SlackMessage.objects.get().outcome == "ticket"


def test_the_channels_own_pattern_decides() -> None:
    watch(pattern=r"New case (?P<number>\d+), (?P<priority>\w+)")

    hear(payloads.bot_message(HERE, ago(minutes=1), text="New case 17, low"))

    ticket = Ticket.objects.get()
    assert (ticket.number, ticket.severity) == ("17", "low")


def test_customer_and_plan_are_found_by_name() -> None:
    acme = make.customer("acme", plan=make.plan("teams"))
    watch(plan=make.plan("free"))

    lines = payloads.ticket_lines("1", customer="ACME")
    hear(payloads.bot_message(HERE, ago(minutes=2), attachments=lines))
    stated = payloads.ticket_lines("2", customer="acme", plan="Enterprise")
    make.plan("enterprise")
    hear(payloads.bot_message(HERE, ago(minutes=1), attachments=stated))

    first, second = Ticket.objects.order_by("number")
    assert (first.customer, first.plan) == (acme, make.plan("teams"))
    assert second.plan == make.plan("enterprise")


def test_a_known_ticket_learns_where_it_lives_and_nothing_else_changes() -> None:
    known = make.ticket("4711", channel="", thread_ts="", severity="low")
    watch(plan=make.plan())
    ts = ago(minutes=1)

    hear(payloads.bot_message(HERE, ts, attachments=payloads.ticket_lines("4711", "urgent", subject="It broke")))

    known.refresh_from_db()
    assert (known.channel, known.thread_ts, known.subject) == (HERE, ts, "It broke")
    assert (known.severity, known.opened_at, known.plan) == ("low", make.NOW, make.plan())
    assert SlackMessage.objects.get().outcome == "known"


def test_a_ticket_with_a_thread_keeps_it() -> None:
    known = make.ticket("4711", channel="C9", thread_ts="1.0")
    watch()

    hear(payloads.bot_message(HERE, ago(minutes=1), attachments=payloads.ticket_lines("4711")))

    known.refresh_from_db()
    assert (known.channel, known.thread_ts) == ("C9", "1.0")


def test_a_bots_message_that_is_no_ticket_is_kept_with_the_reason() -> None:
    watch()

    hear(payloads.bot_message(HERE, ago(minutes=1), text="Deployment finished"))

    seen = SlackMessage.objects.get()
    assert (seen.outcome, bool(seen.reason)) == ("unparsed", True)
    assert seen.payload["text"] == "Deployment finished"


def test_what_people_say_to_each_other_is_not_kept() -> None:
    watch()

    hear(payloads.message(HERE, ago(minutes=1), "my secret lunch plan"))

    assert not SlackMessage.objects.exists()
    assert not SlackEvent.objects.exists()


@pytest.mark.parametrize("pattern", ["", r"Ticket ID: (?P<number>\d+)"])
def test_a_person_who_writes_what_reads_like_a_ticket_starts_no_promise(pattern: str) -> None:
    watch(pattern=pattern)

    hear(payloads.message(HERE, ago(minutes=1), "Ticket ID: 9999\nPriority: high"))

    assert not Ticket.objects.exists()
    assert not SlackMessage.objects.exists()


def test_a_message_older_than_the_horizon_is_recorded_and_pages_nobody() -> None:
    watch(horizon=timedelta(hours=1))

    hear(payloads.bot_message(HERE, ago(hours=2), attachments=payloads.ticket_lines("4711")))

    assert not Ticket.objects.exists()
    assert SlackMessage.objects.get().outcome == "too_old"


@pytest.mark.parametrize(
    "more",
    [
        {"thread_ts": "1700000000.000100"},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"user": payloads.BOT_USER},
        {"app_id": "A0STANDIN"},
        {"bot_profile": {"app_id": "A0STANDIN"}},
        {"ts": "not a ts"},
    ],
    ids=str,
)
def test_what_cannot_be_a_ticket_message_is_not_even_stored(more: dict[str, Any]) -> None:
    watch()
    message = payloads.bot_message(HERE, ago(minutes=1), attachments=payloads.ticket_lines("4711"))

    hear(message | more)

    assert not SlackEvent.objects.exists()


@pytest.mark.parametrize("enabled", [None, False])
def test_an_unwatched_channel_is_left_alone(enabled: bool | None) -> None:
    if enabled is not None:
        watch(enabled=enabled)

    hear(payloads.bot_message(HERE, ago(minutes=1), attachments=payloads.ticket_lines("4711")))

    assert not SlackEvent.objects.exists()
    assert not Ticket.objects.exists()


def test_an_edit_makes_a_ticket_of_a_message_that_was_not_understood() -> None:
    watch()
    ts = ago(minutes=1)
    hear(payloads.bot_message(HERE, ts, text="oops"))
    edited = payloads.bot_message(HERE, ts, attachments=payloads.ticket_lines("4711"))
    change = {"type": "message", "subtype": "message_changed", "channel": HERE, "message": edited, "ts": ago()}

    hear(change)

    assert Ticket.objects.get().number == "4711"
    assert SlackMessage.objects.get().outcome == "ticket"


def test_an_edit_of_a_ticket_message_changes_nothing() -> None:
    watch()
    ts = ago(minutes=1)
    hear(payloads.bot_message(HERE, ts, attachments=payloads.ticket_lines("4711", "low")))
    edited = payloads.bot_message(HERE, ts, attachments=payloads.ticket_lines("4711", "urgent"))

    hear({"type": "message", "subtype": "message_changed", "channel": HERE, "message": edited, "ts": ago()})

    assert Ticket.objects.get().severity == "low"


def test_a_message_from_the_future_is_kept_with_the_reason() -> None:
    watch()

    hear(payloads.bot_message(HERE, ago(hours=-2), attachments=payloads.ticket_lines("4711")))

    assert not Ticket.objects.exists()
    assert "future" in SlackMessage.objects.get().reason


def test_feedback_is_a_ticket_without_a_promise() -> None:
    make.policy()
    watch()

    hear(payloads.bot_message(HERE, ago(minutes=1), attachments=payloads.ticket_lines("1", type="Feedback")))

    assert not Ticket.objects.get().clocks.exists()


def test_the_promise_runs_from_the_messages_own_time() -> None:
    make.policy()
    watch()
    ts = ago(minutes=7)

    hear(payloads.bot_message(HERE, ts, attachments=payloads.ticket_lines("1")))

    assert f"{Ticket.objects.get().clocks.get().started_at.timestamp():.6f}" == ts
