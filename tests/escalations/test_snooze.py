"""Pushing the waiting checks."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from apps.escalations import services
from apps.escalations.errors import BadSnooze, NothingToSnooze
from apps.escalations.models import Check, Clock
from apps.sla.models import Policy
from apps.tickets.models import Ticket
from tests import make
from tests.escalations.engine import MINUTE, happened, sweep

pytestmark = pytest.mark.django_db


def test_a_snooze_pushes_every_waiting_check_and_not_the_due(ticket: Ticket, now: datetime) -> None:
    sweep(now + 10 * MINUTE)

    next_at = services.snooze(ticket, by=30 * MINUTE, key="m1", now=now + 11 * MINUTE)

    clock = Clock.objects.get()
    assert next_at == clock.next_at == now + 50 * MINUTE
    assert clock.due_at == now + 50 * MINUTE
    dues = list(Check.objects.order_by("tier").values_list("due_at", flat=True))
    assert dues == [now + m * MINUTE for m in (10, 50, 65, 80)]


def test_one_mention_snoozes_once(ticket: Ticket, now: datetime) -> None:
    first = services.snooze(ticket, by=30 * MINUTE, key="m1", now=now)
    again = services.snooze(ticket, by=30 * MINUTE, key="m1", now=now)

    assert first == again == now + 40 * MINUTE
    assert len(happened("ChecksSnoozed")) == 1


def test_a_tier_added_later_is_shifted_too(ticket: Ticket, policy: Policy, now: datetime) -> None:
    services.snooze(ticket, by=30 * MINUTE, key="m1", now=now)
    policy.tiers.create(position=5, after=60 * MINUTE, audience_kind="on_shift")

    services.recalculate([ticket], because="a tier came", now=now)

    assert Check.objects.get(tier=5).due_at == now + 90 * MINUTE


def test_a_snooze_with_nothing_running_says_so(now: datetime) -> None:
    with pytest.raises(NothingToSnooze):
        services.snooze(make.ticket(), by=30 * MINUTE, key="m1", now=now)


@pytest.mark.parametrize("by", [timedelta(0), timedelta(seconds=59), timedelta(hours=24, seconds=1), -MINUTE])
def test_a_snooze_of_no_sensible_length_is_refused(ticket: Ticket, now: datetime, by: timedelta) -> None:
    with pytest.raises(BadSnooze):
        services.snooze(ticket, by=by, key="m1", now=now)


@pytest.mark.django_db(transaction=True)
def test_a_snooze_and_a_reply_at_once_do_not_wait_for_each_other(now: datetime) -> None:
    make.policy(plans=(make.plan(),))
    ticket = make.ticket(plan=make.plan())

    def snooze() -> None:
        try:
            services.snooze(ticket, by=30 * MINUTE, key="m1", now=now)
        except NothingToSnooze:
            outcome.append("answered")
        finally:
            connection.close()

    outcome: list[str] = []
    thread = threading.Thread(target=snooze)
    with transaction.atomic():
        Ticket.objects.select_for_update().get(pk=ticket.pk)
        thread.start()
        make.until_somebody_waits()
        services.stop_for_reply(ticket.pk, at=now + MINUTE, now=now + MINUTE)
    thread.join()

    assert outcome == ["answered"]
    assert Clock.objects.get().state == "met"
