"""What a change of plans does to promises that run."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import datetime

import pytest
from django.db import connection, transaction
from django_q.models import OrmQ

from apps.escalations import jobs, services
from apps.escalations.events import ClockRearranged
from apps.escalations.models import Check, Clock
from apps.escalations.selectors import ahead, effects
from apps.people.models import Agent
from apps.sla.matching import PolicyRule
from apps.sla.models import Policy
from apps.sla.selectors import rules
from apps.tickets import services as tickets
from apps.tickets.models import Ticket
from apps.trail import managed
from apps.trail.models import StoredEvent
from tests import make
from tests.escalations.engine import MINUTE, happened, states, sweep
from tests.rotations.threads import in_a_thread

pytestmark = pytest.mark.django_db


def test_a_ticket_whose_customer_is_learnt_follows_their_policy(policy: Policy, now: datetime) -> None:
    make.policy("Fallback", minutes=(1, 2), within=2, without_plan=True, position=9)
    ticket = make.ticket()
    sweep(now + MINUTE)

    tickets.change_ticket(ticket, {"customer": make.customer()}, now=now + MINUTE)

    clock = Clock.objects.get()
    assert (clock.policy_name, clock.due_at) == ("Enterprise", now + 50 * MINUTE)
    assert states() == ["reached", "waiting", "waiting", "waiting"]


def test_what_was_said_stays_said_and_nothing_fires_twice(ticket: Ticket, policy: Policy, now: datetime) -> None:
    sweep(now + 10 * MINUTE)
    policy.tiers.filter(position=1).update(after=15 * MINUTE)
    policy.tiers.filter(position=4).delete()

    services.recalculate([ticket], because="edited", now=now + 11 * MINUTE)
    sweep(now + 16 * MINUTE)

    assert states() == ["reached", "waiting", "waiting", "cancelled"]
    assert len(happened("EscalationReached")) == 1


def test_recalculating_without_a_change_records_nothing(ticket: Ticket, now: datetime) -> None:
    changed = services.recalculate([ticket], because="nothing", now=now)

    assert changed == 0
    assert not happened("ClockRearranged")


def test_a_policy_switched_off_cancels_and_switched_on_again_goes_on(
    ticket: Ticket, policy: Policy, now: datetime
) -> None:
    sweep(now + 10 * MINUTE)
    Policy.objects.update(enabled=False)
    services.recalculate([ticket], because="off", now=now + 11 * MINUTE)
    off = Clock.objects.get().state

    Policy.objects.update(enabled=True)
    services.recalculate([ticket], because="on", now=now + 12 * MINUTE)

    assert off == "cancelled"
    assert Clock.objects.get().state == "running"
    assert states() == ["reached", "waiting", "waiting", "waiting"]


def test_a_breach_that_no_longer_holds_is_taken_back_and_one_that_does_is_not_recorded_twice(
    ticket: Ticket, policy: Policy, now: datetime
) -> None:
    sweep(now + 51 * MINUTE)
    policy.promises.update(within=45 * MINUTE)
    services.recalculate([ticket], because="tighter", now=now + 52 * MINUTE)
    sweep(now + 52 * MINUTE)
    still = Clock.objects.get().breached_at
    policy.promises.update(within=600 * MINUTE)
    services.recalculate([ticket], because="looser", now=now + 53 * MINUTE)

    assert still is not None
    assert Clock.objects.get().breached_at is None
    assert len(happened("PromiseBreached")) == 1


def test_saving_a_policy_enqueues_the_recalculation_in_the_same_transaction(policy: Policy, now: datetime) -> None:
    with managed.saving(policy, now=now):
        policy.promises.update(within=40 * MINUTE)

    assert [task.func() for task in OrmQ.objects.all()] == ["apps.escalations.jobs.recalculate"]


def test_the_story_says_what_moved_and_from_when_to_when(ticket: Ticket, policy: Policy, now: datetime) -> None:
    policy.promises.update(within=40 * MINUTE)
    policy.tiers.filter(position=2).update(after=15 * MINUTE)
    policy.tiers.filter(position=4).delete()

    services.recalculate([ticket], because="Enterprise changed", now=now)

    assert StoredEvent.objects.get(type="ClockRearranged").sentence == (
        "The promise to ticket 4711 was rearranged under Enterprise: Enterprise changed; "
        "due 18 Mar 09:50 → 09:40 UTC; tier 2 18 Mar 09:20 → 09:15 UTC; tier 4 cancelled"
    )


def test_an_entry_of_before_the_old_instants_were_kept_still_reads(
    ticket: Ticket, policy: Policy, now: datetime
) -> None:
    policy.tiers.filter(position=2).update(after=15 * MINUTE)
    services.recalculate([ticket], because="edited", now=now)
    event = StoredEvent.objects.get(type="ClockRearranged").event
    assert isinstance(event, ClockRearranged)

    old = replace(event, checks={name: value for name, value in event.checks.items() if name != "before"})

    assert old.sentence() == "The promise to ticket 4711 was rearranged under Enterprise: edited; tier 2 changed"


def test_dragging_policies_is_named_as_what_changed(policy: Policy, now: datetime) -> None:
    with managed.saving(policy, now=now):
        policy.position = 7
        policy.save(update_fields=["position"])

    assert [task.args() for task in OrmQ.objects.all()] == [("the order of the policies changed", 0)]


def test_a_colleague_who_is_renamed_is_still_found_by_waiting_checks(now: datetime) -> None:
    ana = make.agent("Ana")
    tiers = ({"audience_kind": "agents"},)
    made = make.policy(minutes=(10,), audiences=tiers)
    made.tiers.get().agents.set([ana])
    ticket = make.ticket()

    with managed.saving(ana, now=now):
        ana.email = "anna@example.com"
        ana.save()
    services.recalculate([ticket], because="renamed", now=now)
    sweep(now + 10 * MINUTE)

    assert [person["name"] for person in happened("EscalationReached")[0]["people"]] == ["Ana"]
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_ticket_opened_while_a_policy_is_saved_is_not_missed(now: datetime) -> None:
    made = make.policy(minutes=(10,))
    opening, saved = threading.Event(), threading.Event()

    def open_slowly() -> None:
        with transaction.atomic():
            make.ticket()
            opening.set()
            saved.wait(10)
            # The recalculation is waiting for us by now; give it the time to get it wrong.
            time.sleep(0.3)
        connection.close()

    thread = threading.Thread(target=open_slowly)
    thread.start()
    opening.wait(10)
    with managed.saving(made, now=now):
        made.tiers.update(after=20 * MINUTE)
    saved.set()
    jobs.recalculate("edited", 0)
    thread.join()

    assert Check.objects.get().due_at == now + 20 * MINUTE


def test_an_answered_ticket_is_left_alone(ticket: Ticket, policy: Policy, now: datetime) -> None:
    tickets.record_reply(ticket, author="agent", at=now + MINUTE, now=now + MINUTE)
    policy.promises.update(within=40 * MINUTE)

    assert services.recalculate(services.governed_tickets([ticket.pk]), because="edited", now=now) == 0


def test_what_happens_next_names_the_people_of_today(ticket: Ticket, ana: Agent, now: datetime) -> None:
    sweep(now + 10 * MINUTE)

    steps = ahead(ticket, now=now + 11 * MINUTE)

    assert [step.tier for step in steps] == [2, 3, 4]
    assert [person.name for person in steps[0].told.people] == ["Ana"]
    assert "is on shift (support)" in steps[0].told.people[0].because


def test_the_effect_of_a_change_is_known_before_it_is_saved(ticket: Ticket, now: datetime) -> None:
    before = rules()
    none: list[PolicyRule] = []

    unchanged, lost = effects(before, now=now), effects(none, now=now)

    assert unchanged.nothing
    assert (lost.lost, lost.gained, lost.moved) == (1, 0, 0)
    assert [tier for tier, _, after in lost.first[0].tiers if after is None] == [1, 2, 3, 4]


def test_everything_that_follows_from_one_ticket_shares_its_correlation(
    ticket: Ticket, ana: Agent, now: datetime
) -> None:
    sweep(now + 50 * MINUTE)

    events = StoredEvent.objects.filter(links__stream=ticket.stream)
    assert events.values("correlation_id").distinct().count() == 1
    assert events.filter(causation_id=None).values_list("type", flat=True).get() == "TicketOpened"


@pytest.mark.django_db(transaction=True)
def test_a_recalculation_that_waits_for_another_plan_goes_by_it(now: datetime) -> None:
    make.policy("Enterprise", plans=(make.plan(),))
    make.policy("Starter", plans=(make.plan("starter"),))
    ticket = make.ticket(plan=make.plan(), opened_at=now)

    with transaction.atomic():
        tickets.change_ticket(ticket, {"plan": make.plan("starter")}, now=now)
        thread, _ = in_a_thread(lambda: services.recalculate([ticket], because="edited", now=now))
        make.until_somebody_waits()
    thread.join()

    running = Clock.objects.filter(ticket=ticket, state="running")
    assert list(running.values_list("policy_name", flat=True)) == ["Starter"]
