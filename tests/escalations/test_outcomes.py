"""How a promise ends."""

from __future__ import annotations

from datetime import datetime

import pytest

from apps.escalations.models import Clock
from apps.escalations.services import governed_tickets, recalculate
from apps.sla.models import Policy
from apps.tickets import services as tickets
from apps.tickets.models import Ticket
from tests.escalations.engine import MINUTE, happened, states, sweep

pytestmark = pytest.mark.django_db


def test_a_reply_in_time_meets_the_promise_and_silences_the_rest(ticket: Ticket, now: datetime) -> None:
    tickets.record_reply(ticket, author="agent", at=now + 5 * MINUTE, now=now + 5 * MINUTE)

    sweep(now + 60 * MINUTE)

    assert Clock.objects.get().state == "met"
    assert not happened("EscalationReached")
    assert not happened("PromiseBreached")


def test_a_reply_at_the_due_instant_itself_is_too_late(ticket: Ticket, now: datetime) -> None:
    tickets.record_reply(ticket, author="agent", at=now + 50 * MINUTE, now=now + 51 * MINUTE)

    clock = Clock.objects.get()
    assert (clock.state, clock.breached_at) == ("missed", now + 50 * MINUTE)


def test_a_late_reply_is_a_recorded_breach_though_no_sweep_saw_it(ticket: Ticket, now: datetime) -> None:
    tickets.record_reply(ticket, author="agent", at=now + 70 * MINUTE, now=now + 70 * MINUTE)

    assert len(happened("PromiseBreached")) == 1
    assert happened("ClockStopped")[0]["outcome"] == "missed"


def test_a_reply_a_moment_older_than_the_ticket_keeps_the_promise(ticket: Ticket, now: datetime) -> None:
    tickets.record_reply(ticket, author="agent", at=now - MINUTE, now=now + MINUTE)

    sweep(now + 60 * MINUTE)

    assert Clock.objects.get().state == "met"
    assert not happened("EscalationReached")


def test_a_reply_from_before_the_ticket_was_reopened_does_not_keep_the_new_promise(
    ticket: Ticket, now: datetime
) -> None:
    tickets.move(ticket, "solved", now=now + MINUTE)
    tickets.move(ticket, "open", now=now + 5 * MINUTE)

    tickets.record_reply(ticket, author="agent", at=now + 4 * MINUTE, now=now + 6 * MINUTE)

    assert Clock.objects.filter(state="running").exists()


def test_an_earlier_reply_that_becomes_known_later_corrects_the_outcome(ticket: Ticket, now: datetime) -> None:
    sweep(now + 55 * MINUTE)
    tickets.record_reply(ticket, author="agent", at=now + 56 * MINUTE, now=now + 56 * MINUTE)

    tickets.record_reply(ticket, author="agent", at=now + 40 * MINUTE, now=now + 57 * MINUTE)

    clock = Clock.objects.get()
    assert (clock.state, clock.stopped_at, clock.breached_at) == ("met", now + 40 * MINUTE, None)
    assert [event["outcome"] for event in happened("ClockStopped")] == ["missed", "met"]


def test_the_customers_own_message_stops_nothing(ticket: Ticket, now: datetime) -> None:
    tickets.record_reply(ticket, author="customer", at=now + MINUTE, now=now + MINUTE)

    assert Clock.objects.get().state == "running"


@pytest.mark.parametrize("status", ["solved", "closed"])
def test_ending_a_ticket_without_a_reply_cancels(ticket: Ticket, now: datetime, status: str) -> None:
    tickets.move(ticket, status, now=now + MINUTE)

    sweep(now + 60 * MINUTE)

    assert Clock.objects.get().state == "cancelled"
    assert states() == ["cancelled"] * 4
    assert not happened("EscalationReached")


def test_a_reply_told_after_the_end_it_brought_still_keeps_the_promise(ticket: Ticket, now: datetime) -> None:
    tickets.move(ticket, "solved", now=now + 5 * MINUTE)

    tickets.record_reply(ticket, author="agent", at=now + 4 * MINUTE, now=now + 6 * MINUTE)

    clock = Clock.objects.get()
    assert (clock.state, clock.stopped_at) == ("met", now + 4 * MINUTE)


def test_a_reply_given_after_the_end_keeps_no_promise(ticket: Ticket, now: datetime) -> None:
    tickets.move(ticket, "solved", now=now + 5 * MINUTE)

    tickets.record_reply(ticket, author="agent", at=now + 6 * MINUTE, now=now + 6 * MINUTE)

    assert Clock.objects.get().state == "cancelled"


def test_a_ticket_reopened_unanswered_is_promised_anew(ticket: Ticket, now: datetime) -> None:
    tickets.move(ticket, "solved", now=now + MINUTE)

    tickets.move(ticket, "open", now=now + 5 * MINUTE)

    running = Clock.objects.get(state="running")
    assert running.started_at == now + 5 * MINUTE


def test_a_policy_that_comes_to_match_a_reopened_ticket_promises_from_the_reopening(
    policy: Policy, ticket: Ticket, now: datetime
) -> None:
    tickets.move(ticket, "solved", now=now + MINUTE)
    Policy.objects.update(enabled=False)
    tickets.move(ticket, "open", now=now + 60 * MINUTE)
    Policy.objects.update(enabled=True)

    recalculate(governed_tickets([ticket.pk]), because="the policy was switched on", now=now + 61 * MINUTE)

    states = list(Clock.objects.order_by("pk").values_list("state", "started_at"))
    assert states == [("cancelled", now), ("running", now + 60 * MINUTE)]
