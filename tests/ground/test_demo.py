"""The demo organisation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from apps.dashboard.open_pages import open_pages
from apps.escalations.audiences import Directory
from apps.escalations.models import Check, Clock
from apps.pages.models import Page
from apps.people.models import Agent
from apps.rfhs.models import RFH
from apps.rfhs.states import State
from apps.rotations.models import Shift
from apps.rotations.schedules import on_call
from apps.sla.audiences import Audience
from apps.tickets.models import Ticket
from apps.trail.models import StoredEvent
from apps.trail.patterns.checking import check_all
from supportops import demo, roles, shipped
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def organisation(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The demo, loaded once for all of these tests: each undoes what it changes, and this what was loaded."""
    with django_db_blocker.unblock(), transaction.atomic():
        roles.sync(make.NOW)
        shipped.sync(make.NOW)
        demo.load(now=make.NOW)
        yield
        transaction.set_rollback(True)


def test_a_loaded_portal_is_not_empty() -> None:
    assert not demo.is_empty()


def test_everybody_of_the_list_can_sign_in_and_look_at_tickets() -> None:
    seen = {}

    for email, _ in demo.SIGN_INS:
        client = Client()
        assert client.login(email=email, password=demo.PASSWORD)
        seen[email] = client.get("/admin/tickets/ticket/").status_code

    assert set(seen.values()) == {200}
    roles_of = dict(Agent.objects.filter(email__in=seen).values_list("email", "groups__name"))
    assert roles_of == dict(demo.SIGN_INS)


def test_its_patterns_are_found_on_some_tickets_and_on_others_not() -> None:
    found = {
        (each.pattern.name, each.result.found)
        for number in Ticket.objects.values_list("number", flat=True)
        for each in check_all(f"ticket:{number}", readable=lambda event: True).checked
    }

    assert found == {(name, result) for name, *_ in demo.PATTERNS for result in (True, False)}


def test_a_first_tier_is_due_a_little_over_a_minute_after_the_load(now: datetime) -> None:
    first = Check.objects.filter(state="waiting").order_by("due_at")[0]

    assert timedelta(minutes=1) < first.due_at - now < timedelta(minutes=2)
    assert first.clock.policy_name == "Enterprise"


def test_nothing_is_overdue_when_it_is_loaded(now: datetime) -> None:
    assert not Check.objects.filter(state="waiting", due_at__lte=now, clock__state="running").exists()


def test_promises_are_in_every_state() -> None:
    states = set(Clock.objects.exclude(ticket=None).values_list("state", flat=True))

    assert states == {"running", "met", "missed"}
    assert Clock.objects.filter(state="running", breached_at__isnull=False).exists()
    assert Ticket.objects.filter(clocks=None).exists()


def test_the_past_was_told_in_its_order() -> None:
    times = list(
        StoredEvent.objects.filter(type="EscalationReached").order_by("pk").values_list("occurred_at", flat=True)
    )

    assert len(times) > 4
    assert times == sorted(times)


def test_two_not_embedded_are_on_shift_at_any_time_of_the_week(now: datetime) -> None:
    support = Audience(kind="not_embedded", label="support")

    counts = {len(Directory(now + timedelta(hours=hours)).resolve(support).people) for hours in range(-47, 150)}

    assert counts == {2}


def test_somebody_is_embedded_in_a_product(now: datetime) -> None:
    embedded = Shift.objects.at(now).get(kind="embedded")

    assert (embedded.agent.first_name, embedded.product) == ("Dana", "Boards")


def test_shifts_are_extended_and_not_doubled(now: datetime) -> None:
    before = Shift.objects.count()

    demo.extend_shifts(now=now)
    same = Shift.objects.count()
    demo.extend_shifts(now=now + timedelta(days=1))

    assert same == before
    assert Shift.objects.count() == before + 7


def test_again_adds_tickets_and_nobody(now: datetime) -> None:
    people, tickets = Agent.objects.count(), Ticket.objects.count()

    demo.load(now=now + timedelta(hours=1))

    assert Agent.objects.count() == people
    assert Ticket.objects.count() == tickets + len(demo.STORIES)


def test_what_is_announced_is_seen_in_a_channel_of_the_preview(now: datetime) -> None:
    Ticket.objects.get(number="4708", thread_ts="")

    channel, lines = demo.ahead(now=now)

    assert channel == "C0ENTERPRISE"
    assert "ticket 4705 in #support-enterprise: tier 1, Support on shift, not embedded" in lines[1]
    assert not any("4708" in line for line in lines)


def test_sustained_engineering_has_a_primary_a_backup_and_a_lead(now: datetime) -> None:
    demo.load(now=now)

    [(rotation, roles_on)] = on_call(now).items()

    assert str(rotation) == "Sustained Engineering"
    assert [(current.role, len(current.people)) for current in roles_on] == [("primary", 1), ("backup", 1), ("lead", 1)]
    assert roles_on[0].people != roles_on[1].people


def test_a_page_to_sustained_engineering_is_open_and_the_backup_is_next(now: datetime) -> None:
    [unresolved] = open_pages(now=now).shown

    assert unresolved.is_open
    assert [row.role for row in unresolved.page.paged.all()] == ["primary"]
    assert unresolved.next is not None
    assert (unresolved.next.role, unresolved.next.due_at - now) == ("backup", timedelta(minutes=4))
    # Again adds no second one while it is open.
    demo.load(now=now + timedelta(hours=1))
    assert Page.objects.exclude(state=Page.State.RESOLVED).count() == 1


def test_nobody_is_told_of_a_rotation_that_was_there_from_the_beginning() -> None:
    moved = StoredEvent.objects.filter(type="ShiftsMoved").values_list("payload__change", flat=True)

    assert "the rotation is new" not in moved


def test_requests_for_help_are_in_every_state_and_were_learned_from_for_months(now: datetime) -> None:
    assert set(RFH.objects.values_list("state", flat=True)) == set(State) - {State.WITHDRAWN}
    assert RFH.objects.filter(source="page", set_item=True, level="L2").exists()
    assert RFH.objects.filter(communicator__slug="sustained-engineering").exists()
    learned = RFH.objects.exclude(learned="").filter(filed_at__isnull=False)
    assert len({(each.month) for each in learned.values_list("filed_at", flat=True)}) >= 4
