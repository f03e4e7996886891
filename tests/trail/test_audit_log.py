"""The audit log: events of chosen types are on the logs of the customers they belong to, new and past ones."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django_q.models import OrmQ

from apps.tickets import services as tickets
from apps.trail import following, reading
from apps.trail import services as trail
from apps.trail.audit import choosing, linking
from apps.trail.following import advance
from apps.trail.models import AuditType, Follower, Link, StoredEvent
from tests import make

# The horizon moves at a commit.
pytestmark = pytest.mark.django_db(transaction=True)


def on_log(slug: str = "acme") -> list[str]:
    """The types of the events on the customer's log, in the trail's order."""
    links = Link.objects.filter(stream=f"audit:customer:{slug}").order_by("epoch", "transaction", "event")
    return list(links.values_list("event__type", flat=True))


def until(done: Callable[[], bool], step: Callable[[], object]) -> None:
    """Steps until it is done: other databases of the cluster may hold back the horizon for a while."""
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end, "It did not come to that."
        step()


def follow(now: datetime) -> None:
    """The follower reads to the trail's end."""
    [audit] = [each for each in following.followers() if each.name == "audit"]
    last = StoredEvent.objects.order_by("epoch", "transaction", "position").last()
    assert last is not None
    until(
        lambda: Follower.objects.filter(name="audit", position__gte=last.position).exists(),
        lambda: advance(audit, token="me", now=now),
    )


def settle() -> None:
    """Nothing can appear any more before what is recorded by now."""
    last = StoredEvent.objects.order_by("epoch", "transaction", "position").last()
    assert last is not None
    until(lambda: reading.newest(reading.horizon()) == last.cursor, lambda: time.sleep(0.01))


def fill(now: datetime, batch: int = 1_000) -> None:
    """Every chosen type's past is on the logs."""
    settle()
    while linking.fill_some(now=now, batch=batch) is not None:
        pass


def test_new_events_of_a_chosen_type_are_put_on_their_customers_log(now: datetime) -> None:
    choosing.choose(["TicketOpened"], now=now)
    make.ticket("1", customer=make.customer())
    make.ticket("2", customer=make.customer("globex"))
    make.ticket("3")

    follow(now)

    assert on_log("acme") == ["TicketOpened"]
    assert on_log("globex") == ["TicketOpened"]
    assert Link.objects.filter(stream__startswith="audit:").count() == 2


def test_types_nobody_chose_stay_off_the_log(now: datetime) -> None:
    choosing.choose(["TicketOpened"], now=now)
    ticket = make.ticket("1", customer=make.customer())
    tickets.change_ticket(ticket, {"subject": "Else"}, now=now)

    follow(now)

    assert on_log() == ["TicketOpened"]


def test_an_event_about_a_ticket_alone_is_its_customers(now: datetime) -> None:
    choosing.choose(["VatRateCorrected"], now=now)
    make.ticket("1", customer=make.customer())
    trail.publish("VatRateCorrected", about=["ticket:1"], now=now)

    follow(now)

    assert on_log() == ["VatRateCorrected"]


def test_a_customer_who_becomes_known_later_gets_the_story_from_the_start(now: datetime) -> None:
    choosing.choose(["TicketOpened", "ReplyRecorded"], now=now)
    ticket = make.ticket("1")
    tickets.record_reply(ticket, author="customer", at=now, now=now)
    follow(now)
    assert on_log() == []

    tickets.change_ticket(ticket, {"customer": make.customer()}, now=now)
    follow(now)

    assert on_log() == ["TicketOpened", "ReplyRecorded"]


def test_a_customer_set_by_sql_gets_the_story_as_well(now: datetime) -> None:
    choosing.choose(["TicketOpened", "ChangedOutside"], now=now)
    make.ticket("1")
    acme = make.customer()

    with connection.cursor() as cursor:
        cursor.execute("UPDATE tickets_ticket SET customer_id = %s", [acme.pk])
    follow(now)

    assert on_log()[0] == "TicketOpened"
    assert "ChangedOutside" in on_log()


def test_past_events_are_put_on_the_log_in_steps(now: datetime) -> None:
    acme = make.customer()
    for number in range(7):
        make.ticket(str(number), customer=acme)
    choosing.choose(["TicketOpened"], now=now)

    fill(now, batch=3)

    row = AuditType.objects.get()
    assert on_log() == ["TicketOpened"] * 7
    assert (row.past, row.progress) == (7, 100)
    told = StoredEvent.objects.get(type="AuditLogFilled")
    assert (told.field("events"), told.field("chosen")) == (7, "TicketOpened")


def test_filling_once_more_doubles_nothing(now: datetime) -> None:
    make.ticket("1", customer=make.customer())
    choosing.choose(["TicketOpened"], now=now)
    fill(now)

    choosing.hide(["TicketOpened"], now=now)
    choosing.choose(["TicketOpened"], now=now + timedelta(hours=1))
    fill(now)
    follow(now)

    assert on_log() == ["TicketOpened"]
    assert AuditType.objects.get().linked == 1


def test_while_a_type_is_off_nothing_of_it_is_linked_and_turned_on_again_it_is_whole(now: datetime) -> None:
    acme = make.customer()
    choosing.choose(["TicketOpened"], now=now)
    choosing.hide(["TicketOpened"], now=now)
    make.ticket("1", customer=acme)
    follow(now)
    assert on_log() == []

    choosing.choose(["TicketOpened"], now=now)
    fill(now)

    assert on_log() == ["TicketOpened"]


def test_a_process_killed_in_the_middle_leaves_the_rest_to_the_next(now: datetime) -> None:
    acme = make.customer()
    for number in range(6):
        make.ticket(str(number), customer=acme)
    choosing.choose(["TicketOpened"], now=now)
    settle()
    connection.close()
    child = os.fork()
    if child == 0:
        try:
            linking.fill_some(now=now, batch=2)
            # A batch that is done but not committed when the process dies.
            with transaction.atomic():
                linking.fill_some(now=now, batch=2)
                os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    _, ended = os.waitpid(child, 0)
    assert os.WTERMSIG(ended) == signal.SIGKILL
    assert AuditType.objects.get().seen == 2

    fill(now, batch=2)

    assert on_log() == ["TicketOpened"] * 6
    assert AuditType.objects.get().seen == 6


def test_two_workers_at_once_double_nothing_and_record_the_end_once(now: datetime) -> None:
    acme = make.customer()
    for number in range(40):
        make.ticket(str(number), customer=acme)
    choosing.choose(["TicketOpened", "ClockStarted"], now=now)
    settle()
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        try:
            while linking.fill_some(now=now, batch=3) is not None:
                pass
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert StoredEvent.objects.filter(type="AuditLogFilled").count() == 2
    assert on_log() == ["TicketOpened"] * 40


def test_choosing_twice_at_once_chooses_once(now: datetime) -> None:
    start = threading.Barrier(2)
    counts: list[int] = []

    def choose() -> None:
        start.wait()
        try:
            counts.append(choosing.choose(["TicketOpened", "ReplyRecorded"], now=now))
        finally:
            connection.close()

    choosers = [threading.Thread(target=choose) for _ in range(2)]
    for each in choosers:
        each.start()
    for each in choosers:
        each.join()

    assert sorted(counts) == [0, 2]
    assert StoredEvent.objects.filter(type="ObjectCreated", payload__model="trail.audittype").count() == 2


def test_choosing_has_a_worker_fill_the_log(now: datetime) -> None:
    choosing.choose(["TicketOpened"], now=now)

    assert [task.func() for task in OrmQ.objects.all()] == [choosing.FILL]


def test_what_is_put_on_logs_does_not_flood_the_trail(now: datetime) -> None:
    make.ticket("1", customer=make.customer())
    choosing.choose(["TicketOpened"], now=now)
    fill(now)
    follow(now)

    assert not StoredEvent.objects.filter(type="EventsLinked").exists()


def test_there_is_to_choose_what_the_code_records_and_what_was_published(now: datetime) -> None:
    trail.publish("VatRateCorrected", about=["customer:acme"], now=now)

    choices = choosing.choices()

    assert "VatRateCorrected" in choices
    assert "TicketOpened" in choices
    assert set(choosing.USUAL) <= set(choices)
