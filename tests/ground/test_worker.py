"""The worker as it is deployed, and what becomes of it when its parts are killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.escalations.models import Check, Clock
from apps.sla.models import Tier
from apps.tickets.models import Reply
from apps.trail.context import Actor, acting
from apps.trail.later import enqueue
from apps.trail.models import StoredEvent
from supportops import schedule_sync
from tests import make
from tests.ground.working import Worker, alive, until
from tests.standins.helpdesk import StandInHelpdesk

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

SECOND = timedelta(seconds=1)


@pytest.fixture
def start() -> Iterator[Callable[..., Worker]]:
    """Starts workers on this test's database; all are stopped before the database is emptied."""
    schedule_sync.sync(now=timezone.now())
    make.policy(minutes=(10,))
    started: list[Worker] = []

    def begin(**settings: str) -> Worker:
        started.append(Worker(**settings))
        return started[-1]

    yield begin
    for worker in started:
        worker.kill()


@pytest.fixture
def worker(start: Callable[..., Worker]) -> Worker:
    """A worker that sweeps."""
    one = start()
    one.wait_until_it_sweeps()
    return one


def due_at(instant: datetime, number: str = "4711") -> None:
    """A ticket whose only check is due at `instant`."""
    make.ticket(number, opened_at=instant - timedelta(minutes=10), now=timezone.now())


def reached() -> list[str]:
    return [event.payload["number"] for event in StoredEvent.objects.filter(type="EscalationReached").order_by("pk")]


def lateness(number: str = "4711") -> timedelta:
    """By how much the ticket's check was late, waited for."""
    until(lambda: number in reached(), seconds=70, what=f"tier 1 of {number}")
    check = Check.objects.get(clock__ticket__number=number)
    assert check.settled_at is not None
    return check.settled_at - check.due_at


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def test_a_check_is_reached_within_two_seconds_of_its_due(worker: Worker) -> None:
    due_at(timezone.now() + 3 * SECOND)

    late = lateness()

    assert late < 2 * SECOND


def test_a_killed_holder_is_replaced_within_three_seconds(worker: Worker) -> None:
    due_at(timezone.now() + 0.5 * SECOND)
    kill(worker.at("sweep")[0])

    late = lateness()

    assert late < 3 * SECOND
    assert reached() == ["4711"]


def test_a_sweep_killed_while_it_asks_the_help_desk_loses_nothing_and_says_nothing_twice(
    start: Callable[..., Worker],
) -> None:
    with StandInHelpdesk() as desk:
        worker = start(HELPDESK="generic", HELPDESK_URL=desk.generic_url, HELPDESK_TIMEOUT="15")
        worker.wait_until_it_sweeps()
        due = timezone.now() + 2 * SECOND
        desk.ticket("4712", opened_at=due - timedelta(minutes=10))
        desk.reply("4712", at=due - timedelta(minutes=5))
        # Only the killed one waits; whoever comes after it is answered.
        desk.stall(60, times=1)
        for number in ("4711", "4712"):
            due_at(due, number)

        until(lambda: bool(desk.calls), seconds=20, what="the help desk is asked")
        kill(worker.at("sweep")[0])
        late = lateness("4711")
        until(lambda: Reply.objects.exists(), seconds=20, what="the reply is known")
        time.sleep(1)

        assert late < 5 * SECOND
        assert reached() == ["4711"]
        assert Clock.objects.get(ticket__number="4712").state == Clock.State.MET
        assert StoredEvent.objects.filter(type="ReplyRecorded").count() == Reply.objects.count() == 1


def test_a_sweep_killed_while_it_settles_loses_nothing_and_says_nothing_twice(worker: Worker) -> None:
    due_at(timezone.now() + 2 * SECOND)

    with transaction.atomic(), connection.cursor() as cursor:
        # It has locked the clock, and waits for this with its first event.
        cursor.execute("LOCK TABLE trail_storedevent IN EXCLUSIVE MODE")
        make.until_somebody_waits()
        killed = worker.at("sweep")[0]
        kill(killed)
        until(lambda: killed not in worker.parts and bool(worker.at("sweep")), seconds=20, what="another sweeps")
    lateness()
    time.sleep(1)

    assert reached() == ["4711"]
    assert Check.objects.get().state == Check.State.REACHED


PARTS: dict[str, Callable[[Worker], int]] = {
    "an idle worker": lambda worker: worker.at("idle")[0],
    "the main process": lambda worker: worker.main or 0,
    "the sentinel": lambda worker: worker.sentinel or 0,
    "the pusher or the monitor": lambda worker: worker.others[0],
}


@pytest.mark.parametrize("part", PARTS)
def test_after_any_other_kill_checks_are_reached_within_a_minute(worker: Worker, part: str) -> None:
    due_at(timezone.now() + timedelta(minutes=9), "4712")
    kill(PARTS[part](worker))
    time.sleep(1)
    due_at(timezone.now() + SECOND)

    late = lateness()
    # A sweep that was held all along proves nothing about the queue: other jobs must begin again too.
    Tier.objects.update(after=timedelta(minutes=12))
    enqueue("apps.escalations.jobs.recalculate", "a tier moved", 0)
    until(lambda: StoredEvent.objects.filter(type="ClockRearranged").exists(), seconds=60, what="jobs begin")

    # A minute is promised; seconds are what a new start takes.
    assert late < 20 * SECOND
    assert reached() == ["4711"]


def test_no_orphan_of_a_killed_main_process_takes_jobs(worker: Worker) -> None:
    orphans = worker.group
    kill(worker.main or 0)

    until(lambda: not alive(orphans), seconds=3, what="the old group is gone")


def test_two_workers_reach_each_check_once(worker: Worker, start: Callable[..., Worker]) -> None:
    numbers = [str(number) for number in range(40)]
    second = start()
    soon = timezone.now() + 2 * SECOND
    for place, number in enumerate(numbers):
        due_at(soon + place * SECOND / 16, number)
    # Which of the two ends up holding the sweep is chance.
    until(
        lambda: second.is_whole and len(worker.at("sweep")) + len(second.at("sweep")) == 1,
        seconds=30,
        what="two workers and one sweep",
    )

    until(lambda: len(set(reached())) == 40, seconds=40, what="all are reached")
    time.sleep(1)

    assert sorted(reached()) == sorted(numbers)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_end_it_leaves_nothing_within_five_seconds(worker: Worker, number: signal.Signals) -> None:
    group = worker.group
    began = time.monotonic()

    worker.stop(number)

    assert time.monotonic() - began < 5
    assert worker.guard.returncode == 0
    assert not alive(group)


def test_a_killed_guard_leaves_nothing(worker: Worker) -> None:
    group = worker.group

    worker.guard.kill()

    until(lambda: not alive(group), seconds=5, what="the group is gone")


def test_a_stop_while_it_starts_is_quick(start: Callable[..., Worker]) -> None:
    starting = start()
    until(lambda: starting.main is not None, seconds=20, what="the group starts")
    began = time.monotonic()

    starting.stop()

    assert time.monotonic() - began < 8


def test_what_a_job_does_belongs_to_the_chain_that_enqueued_it(worker: Worker) -> None:
    chain = UUID("0198c0de-0000-7000-8000-000000000001")
    due_at(timezone.now() + timedelta(minutes=5))
    Tier.objects.update(after=timedelta(minutes=12))
    with acting(actor=Actor(kind="user", id="7", label="Ana"), correlation=chain):
        enqueue("apps.escalations.jobs.recalculate", "a tier moved", 0)

    until(lambda: StoredEvent.objects.filter(type="ClockRearranged").exists(), seconds=10, what="recalculated")

    event = StoredEvent.objects.get(type="ClockRearranged")
    assert (event.correlation_id, event.actor_label) == (chain, "Ana")
    assert Clock.objects.get().checks.get().after == timedelta(minutes=12)
