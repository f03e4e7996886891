"""What is due is reached, once, and nobody is asked for nothing."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
import uuid_utils.compat as uuids
from django.db import connection, transaction

from apps.escalations.models import Check, Clock
from apps.escalations.sweeping import Sweep
from apps.people.models import Agent
from apps.sla.models import Policy
from apps.tickets import services as tickets
from apps.tickets.models import ReplySourceHealth, Ticket
from apps.trail.context import acting
from apps.trail.models import StoredEvent
from tests import make
from tests.escalations.engine import MINUTE, KnownReplies, happened, states, sweep

pytestmark = pytest.mark.django_db


def test_a_clock_starts_at_the_tickets_own_time(policy: Policy, now: datetime) -> None:
    make.ticket(plan=make.plan(), opened_at=now, now=now + 7 * MINUTE)

    clock = Clock.objects.get()
    assert (clock.started_at, clock.due_at, clock.next_at) == (now, now + 50 * MINUTE, now + 10 * MINUTE)
    assert list(clock.checks.values_list("due_at", flat=True)) == [now + m * MINUTE for m in (10, 20, 35, 50)]


def test_feedback_and_tickets_no_policy_matches_have_no_clock(policy: Policy) -> None:
    make.ticket("1", plan=make.plan(), type="feedback")
    make.ticket("2", plan=make.plan("free"))

    assert not Clock.objects.exists()


def test_a_tier_is_reached_at_its_instant_and_not_before(ticket: Ticket, ana: Agent, now: datetime) -> None:
    sweep(now + 10 * MINUTE - timedelta(microseconds=1))
    assert states() == ["waiting"] * 4

    sweep(now + 10 * MINUTE)

    assert states() == ["reached", "waiting", "waiting", "waiting"]
    [told] = happened("EscalationReached")
    assert [person["name"] for person in told["people"]] == ["Ana"]
    assert told["next_tier"]["tier"] == 2


def test_a_tier_is_reached_once_however_often_the_sweep_runs(ticket: Ticket, now: datetime) -> None:
    for _ in range(3):
        sweep(now + 10 * MINUTE)

    assert len(happened("EscalationReached")) == 1


def test_after_an_outage_only_the_highest_due_tier_is_told_and_the_others_are_recorded(
    ticket: Ticket, now: datetime
) -> None:
    sweep(now + 40 * MINUTE)

    assert states() == ["skipped", "skipped", "reached", "waiting"]
    assert [event["tier"] for event in happened("EscalationReached")] == [3]
    assert [event["tier"] for event in happened("EscalationSkipped")] == [1, 2]


def test_a_breach_is_recorded_at_the_due_instant_and_tiers_beyond_it_still_speak(now: datetime) -> None:
    make.policy(minutes=(10, 90), within=50, plans=(make.plan(),))
    make.ticket(plan=make.plan())

    sweep(now + 50 * MINUTE)
    breached = Clock.objects.get()
    sweep(now + 90 * MINUTE)

    assert (breached.state, breached.breached_at) == ("running", now + 50 * MINUTE)
    assert len(happened("PromiseBreached")) == 1
    assert states() == ["reached", "reached"]


def test_a_fully_escalated_clock_is_not_swept_again_without_a_help_desk(ticket: Ticket, now: datetime) -> None:
    sweep(now + 60 * MINUTE)

    assert Clock.objects.get().next_at is None


def test_a_fully_escalated_clock_is_asked_about_ever_more_seldom(ticket: Ticket, now: datetime, settings: Any) -> None:
    settings.HELPDESK = "generic"
    source = KnownReplies()
    at = now + 60 * MINUTE
    gaps = []

    for _ in range(4):
        sweep(at, source)
        next_at = Clock.objects.get().next_at
        assert next_at is not None
        gaps.append(next_at - at)
        at = next_at

    assert gaps == [10 * MINUTE, 20 * MINUTE, 40 * MINUTE, 80 * MINUTE]
    assert len(happened("EscalationReached")) == 1


def test_everybody_of_a_batch_is_asked_about_in_one_call(policy: Policy, now: datetime) -> None:
    for number in ("1", "2", "3"):
        make.ticket(number, plan=make.plan())
    source = KnownReplies()

    sweep(now + 10 * MINUTE, source)

    assert source.asked == [["1", "2", "3"]]


@pytest.mark.django_db(transaction=True)
def test_the_help_desk_is_asked_outside_any_transaction(now: datetime) -> None:
    make.policy(plans=(make.plan(),))
    make.ticket(plan=make.plan())
    source = KnownReplies()

    sweep(now + 10 * MINUTE, source)

    assert source.within_transaction is False


def test_a_source_is_asked_no_more_than_it_can_answer_in_its_time(policy: Policy, now: datetime) -> None:
    for number in ("1", "2", "3"):
        make.ticket(number, plan=make.plan())
    source = KnownReplies()
    source.batch = 2

    sweep(now + 10 * MINUTE, source)

    assert source.asked == [["1", "2"], ["3"]]


def test_a_reply_the_help_desk_knows_of_stops_the_clock_with_its_own_time(ticket: Ticket, now: datetime) -> None:
    sweep(now + 10 * MINUTE, KnownReplies({"4711": now + 3 * MINUTE}))

    clock = Clock.objects.get()
    assert (clock.state, clock.stopped_at) == ("met", now + 3 * MINUTE)
    assert states() == ["cancelled"] * 4
    assert tickets.find("4711").first_response_at == now + 3 * MINUTE
    assert not happened("EscalationReached")


def test_a_reply_known_without_its_time_counts_as_of_now(ticket: Ticket, now: datetime) -> None:
    sweep(now + 10 * MINUTE, KnownReplies({"4711": None}))

    assert Clock.objects.get().stopped_at == now + 10 * MINUTE


def test_a_help_desk_that_cannot_be_asked_does_not_keep_anybody_from_hearing(ticket: Ticket, now: datetime) -> None:
    source = KnownReplies(broken=True)

    sweep(now + 10 * MINUTE, source)
    sweep(now + 20 * MINUTE, source)

    reached = happened("EscalationReached")
    assert [event["tier"] for event in reached] == [1, 2]
    assert {event["unknown_since"] for event in reached} == {(now + 10 * MINUTE).isoformat()}
    assert ReplySourceHealth.objects.get().failing_since == now + 10 * MINUTE


def test_a_help_desk_that_answers_again_is_well_again(ticket: Ticket, now: datetime) -> None:
    sweep(now + 10 * MINUTE, KnownReplies(broken=True))

    sweep(now + 20 * MINUTE, KnownReplies())

    assert ReplySourceHealth.objects.get().failing_since is None
    assert happened("EscalationReached")[-1]["unknown_since"] is None


def test_a_help_desk_that_hangs_is_not_asked_for_every_batch(policy: Policy, now: datetime) -> None:
    for number in range(5):
        make.ticket(str(number), plan=make.plan())
    source = KnownReplies(broken=True)

    sweep(now + 10 * MINUTE, source, most=2)

    assert len(source.asked) == 1
    assert len(happened("EscalationReached")) == 5


def test_a_batch_costs_the_same_statements_whatever_its_size(
    policy: Policy, now: datetime, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        make.ticket(str(number), plan=make.plan())

    with django_assert_max_num_queries(40):
        Sweep(clock=lambda: now + 60 * MINUTE, source=None).batch()

    assert len(happened("EscalationReached")) == 60


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_reach_each_check_once(now: datetime) -> None:
    make.policy(plans=(make.plan(),))
    for number in range(120):
        make.ticket(str(number), plan=make.plan())
    barrier = threading.Barrier(3)
    reached = []

    def run() -> None:
        barrier.wait()
        reached.append(sweep(now + 10 * MINUTE).reached)
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(reached) == 120
    checks = [event["check"] for event in happened("EscalationReached")]
    assert len(checks) == len(set(checks)) == 120


@pytest.mark.django_db(transaction=True)
def test_a_reply_and_a_sweep_at_once_never_leave_a_stopped_clock_with_waiting_checks(now: datetime) -> None:
    make.policy(plans=(make.plan(),))
    rows = [make.ticket(str(number), plan=make.plan()) for number in range(40)]
    barrier = threading.Barrier(2)

    def reply() -> None:
        barrier.wait()
        for row in rows:
            tickets.record_reply(row, author="agent", at=now + 9 * MINUTE, now=now + 10 * MINUTE)
        connection.close()

    thread = threading.Thread(target=reply)
    thread.start()
    barrier.wait()
    sweep(now + 10 * MINUTE)
    thread.join()

    assert set(Clock.objects.values_list("state", flat=True)) == {"met"}
    assert not Check.objects.filter(state="waiting").exists()
    assert Check.objects.filter(state="reached").count() == len(happened("EscalationReached"))


def test_a_ticket_merged_into_another_is_closed_and_nobody_hears(ticket: Ticket, now: datetime) -> None:
    source = KnownReplies()
    source.gone = {"4711"}

    sweep(now + 10 * MINUTE, source)

    assert tickets.find("4711").status == "closed"
    assert Clock.objects.get().state == "cancelled"
    assert not happened("EscalationReached")


def test_a_reply_found_by_the_sweep_goes_on_with_its_own_tickets_chain(policy: Policy, now: datetime) -> None:
    for number in ("1", "2"):
        with acting(correlation=uuids.uuid7()):
            make.ticket(number, plan=make.plan())

    sweep(now + 10 * MINUTE, KnownReplies({"1": now + MINUTE, "2": now + MINUTE}))

    for number in ("1", "2"):
        opened, *later = StoredEvent.objects.filter(links__stream=f"ticket:{number}").order_by("position")
        assert {event.correlation_id for event in later} == {opened.correlation_id}
        assert all(event.causation_id for event in later)
    assert StoredEvent.objects.filter(type="ClockStopped").count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_sweep_that_finds_everything_held_by_another_says_that_nothing_moved(now: datetime) -> None:
    make.policy(plans=(make.plan(),))
    make.ticket(plan=make.plan())
    held, ended = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            list(Clock.objects.select_for_update())
            held.set()
            ended.wait(10)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    held.wait(10)
    moved = Sweep(clock=lambda: now + 10 * MINUTE, source=None).batch()
    ended.set()
    other.join()

    assert moved == 0
    assert Sweep(clock=lambda: now + 10 * MINUTE, source=None).batch() == 1
