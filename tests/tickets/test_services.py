"""How tickets come to be, change, and are answered."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django_q.models import OrmQ

from apps.people.models import Customer
from apps.tickets import jobs
from apps.tickets import services as tickets
from apps.tickets.errors import BadTicket, IllegalMove, UnknownTicket
from apps.tickets.models import Reply, Ticket
from apps.trail import managed
from apps.trail.models import StoredEvent
from tests import make
from tests.make import MINUTE
from tests.rotations.threads import in_a_thread

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def types() -> list[str]:
    return list(StoredEvent.objects.order_by("position").values_list("type", flat=True))


def test_the_same_number_twice_changes_nothing_and_is_no_error(now: datetime) -> None:
    first = make.ticket("4711", subject="It broke")

    again, created = tickets.open_ticket(number="4711", subject="Something else", opened_at=now, origin="api", now=now)

    assert not created
    assert again == first
    assert again.subject == "It broke"
    assert types() == ["TicketOpened"]


@pytest.mark.django_db(transaction=True)
def test_two_who_open_one_number_at_once_open_one_ticket(now: datetime) -> None:
    results = []
    barrier = threading.Barrier(4)

    def open_it() -> None:
        barrier.wait()
        results.append(tickets.open_ticket(number="4711", opened_at=now, origin="api", now=now)[1])
        connection.close()

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [False, False, False, True]
    assert types() == ["TicketOpened"]


def test_the_plan_is_the_one_stated_else_the_customers_else_the_channels(now: datetime) -> None:
    teams, pro, enterprise = make.plan("teams"), make.plan("pro"), make.plan("enterprise")
    acme = make.customer(plan=enterprise)

    stated = make.ticket("1", plan=teams, customer=acme, channel_plan=pro)
    customers = make.ticket("2", customer=acme, channel_plan=pro)
    channels = make.ticket("3", channel_plan=pro)

    assert [stated.plan, customers.plan, channels.plan] == [teams, enterprise, pro]


@pytest.mark.parametrize(
    "fields",
    [
        {"number": "  "},
        {"number": "x" * 65},
        {"severity": "terrible"},
        {"type": "rant"},
        {"opened_at": make.NOW + HOUR},
        {"opened_at": datetime(2026, 3, 18, 9, 0)},
        {"opened_at": datetime(1, 1, 1, tzinfo=UTC)},
        {"opened_at": datetime(1969, 12, 31, tzinfo=UTC)},
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(now: datetime, fields: dict[str, object]) -> None:
    given = {"number": "1", "opened_at": now, "origin": "api", "now": now, **fields}

    with pytest.raises(BadTicket):
        tickets.open_ticket(**given)  # type: ignore[arg-type]

    assert not Ticket.objects.exists()


def test_a_customer_filled_in_later_brings_their_plan(now: datetime) -> None:
    ticket = make.ticket()

    changed = tickets.change_ticket(ticket, {"customer": make.customer()}, now=now)

    assert changed
    assert tickets.find("4711").plan == make.plan("enterprise")
    assert types()[-1] == "TicketChanged"


def test_saying_what_was_known_records_nothing(now: datetime) -> None:
    ticket = make.ticket(subject="It broke")

    assert not tickets.change_ticket(ticket, {"subject": "It broke"}, now=now)
    assert types() == ["TicketOpened"]


def test_filling_in_never_overwrites(now: datetime) -> None:
    ticket = make.ticket(subject="It broke")

    tickets.fill_in(ticket, {"subject": "Other", "url": "https://help.example/4711"}, now=now)

    found = tickets.find("4711")
    assert (found.subject, found.url) == ("It broke", "https://help.example/4711")


def test_a_status_is_no_field_to_change(now: datetime) -> None:
    with pytest.raises(BadTicket, match="status"):
        tickets.change_ticket(make.ticket(), {"status": "closed"}, now=now)


def test_a_plan_that_changes_for_the_customer_changes_for_their_open_tickets_in_a_job(now: datetime) -> None:
    acme = make.customer()
    make.ticket("1", customer=acme)
    closed = make.ticket("2", customer=acme)
    tickets.move(closed, "closed", now=now)

    with managed.saving(acme, now=now):
        acme.plan = make.plan("teams")
        acme.save()
    [task] = OrmQ.objects.all()
    jobs.follow_the_customers_plan(*task.task["args"])

    assert tickets.find("1").plan == make.plan("teams")
    assert tickets.find("2").plan == make.plan("enterprise")


def test_a_customers_tickets_are_followed_page_by_page(now: datetime) -> None:
    acme = make.customer()
    for number in range(jobs.PAGE + 1):
        make.ticket(str(number), customer=acme)
    Customer.objects.update(plan=make.plan("teams"))

    changed = jobs.follow_the_customers_plan(acme.pk, "Enterprise", 0)
    [task] = OrmQ.objects.all()
    changed += jobs.follow_the_customers_plan(*task.task["args"])

    assert changed == jobs.PAGE + 1
    assert not Ticket.objects.exclude(plan=make.plan("teams")).exists()


def test_a_reply_told_twice_is_one_reply(now: datetime) -> None:
    ticket = make.ticket()

    first = tickets.record_reply(ticket, author="agent", at=now + HOUR, now=now + HOUR)
    second = tickets.record_reply(ticket, author="agent", at=now + HOUR, now=now + HOUR)

    assert (first, second) == (True, False)
    assert Reply.objects.count() == 1


def test_the_first_response_is_the_earliest_agents_reply_in_whatever_order_they_are_told(
    now: datetime,
) -> None:
    ticket = make.ticket()

    tickets.record_reply(ticket, author="agent", at=now + 2 * HOUR, now=now + 3 * HOUR)
    tickets.record_reply(ticket, author="agent", at=now + HOUR, now=now + 3 * HOUR)
    tickets.record_reply(ticket, author="customer", at=now + HOUR / 2, now=now + 3 * HOUR)

    found = tickets.find("4711")
    assert found.first_response_at == now + HOUR
    assert found.last_customer_message_at == now + HOUR / 2
    assert found.status == "open"


def test_a_customer_who_writes_reopens_a_solved_ticket(now: datetime) -> None:
    ticket = make.ticket()
    tickets.move(ticket, "solved", now=now)

    tickets.record_reply(ticket, author="customer", at=now + HOUR, now=now + HOUR)

    assert tickets.find("4711").status == "open"


@pytest.mark.parametrize("at", [make.NOW + HOUR, datetime(2026, 3, 18, 9, 0), datetime(1, 1, 1, tzinfo=UTC)])
def test_a_reply_at_a_time_that_cannot_be_is_refused(now: datetime, at: datetime) -> None:
    with pytest.raises(BadTicket):
        tickets.record_reply(make.ticket(), author="agent", at=at, now=now)


def test_nothing_becomes_new_again(now: datetime) -> None:
    ticket = make.ticket()
    tickets.move(ticket, "open", now=now)

    with pytest.raises(IllegalMove):
        tickets.move(ticket, "new", now=now)


def test_an_unknown_number_says_so() -> None:
    with pytest.raises(UnknownTicket, match="There is no ticket 1"):
        tickets.find("1")


def test_a_reply_from_before_the_ticket_is_refused_and_one_a_moment_before_counts_as_of_the_opening(
    now: datetime,
) -> None:
    ticket = make.ticket()

    with pytest.raises(BadTicket, match="came before ticket 4711 was opened"):
        tickets.record_reply(ticket, author="agent", at=now - HOUR, now=now)
    tickets.record_reply(ticket, author="agent", at=now - tickets.SKEW, now=now)

    assert tickets.find("4711").first_response_at == now


@pytest.mark.parametrize("number", ["50/03", "50 03", "<b>", "..", "-1", "5\n3", "5#3", "##3", "#", "٤٧"])
def test_a_number_that_fits_no_address_is_refused(now: datetime, number: str) -> None:
    with pytest.raises(BadTicket, match="letters, digits"):
        tickets.open_ticket(number=number, opened_at=now, origin="api", now=now)


@pytest.mark.parametrize("number", ["4711", "INC-2026.1_b", "T_1.2"])
def test_a_usual_number_is_taken(number: str) -> None:
    assert make.ticket(number).number == number


def test_a_plan_stated_on_a_ticket_stays_when_the_customers_changes(now: datetime) -> None:
    acme = make.customer(plan=make.plan("teams"))
    make.ticket("1", customer=acme, plan=make.plan("enterprise"))
    make.ticket("2", customer=acme)

    with managed.saving(acme, now=now):
        acme.plan = make.plan("free")
        acme.save()
    [task] = OrmQ.objects.all()
    jobs.follow_the_customers_plan(*task.task["args"])

    assert tickets.find("1").plan == make.plan("enterprise")
    assert tickets.find("2").plan == make.plan("free")


def test_a_reply_told_late_reopens_at_its_own_time(now: datetime) -> None:
    ticket = make.ticket()
    tickets.move(ticket, "solved", now=now + MINUTE)

    tickets.record_reply(ticket, author="customer", at=now + 5 * MINUTE, now=now + 60 * MINUTE)

    assert tickets.find("4711").awaits_since == now + 5 * MINUTE


def test_a_number_is_the_same_with_and_without_the_sign_before_it(now: datetime) -> None:
    first = make.ticket("#4711")

    again, created = tickets.open_ticket(number=" 4711 ", opened_at=now, origin="slack", now=now)

    assert (again, created) == (first, False)
    assert tickets.find("#4711").number == tickets.find("4711").number == "4711"


@pytest.mark.django_db(transaction=True)
def test_a_move_that_waits_for_a_customer_is_told_in_their_story(now: datetime) -> None:
    ticket, acme = make.ticket(), make.customer()

    with transaction.atomic():
        tickets.change_ticket(ticket, {"customer": acme}, now=now)
        thread, _ = in_a_thread(lambda: tickets.move(ticket, "solved", now=now))
        make.until_somebody_waits()
    thread.join()

    assert acme.stream in StoredEvent.objects.get(type="TicketStatusChanged").about
