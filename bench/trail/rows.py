"""Tickets to change, the ways to change one, and events by the hundred thousand."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager

import uuid_utils.compat as uuids
from auditlog.context import set_actor
from django.db import connection, transaction
from django.utils import timezone

from apps.people.models import Agent, Customer
from apps.tickets import services as tickets
from apps.tickets.events import TicketStatusChanged
from apps.tickets.models import Ticket
from apps.trail import services as trail
from apps.trail.context import Actor, acting

TICKETS = 2_000
STATES = ("open", "pending")
METADATA = {"method": "POST", "path": "/admin/tickets/ticket/12/change/", "address": "203.0.113.7"}

Change = Callable[[Ticket], None]


def prepare() -> None:
    """There are tickets of some customers, and somebody who changes them."""
    Agent.objects.create_superuser("bench@bench.example", "bench")
    customers = Customer.objects.bulk_create(Customer(slug=f"c{n}", name=f"Customer {n}") for n in range(50))
    Ticket.objects.bulk_create(
        Ticket(
            number=f"T{n}",
            subject=f"The printer on floor {n} is on fire",
            customer=customers[n % 50],
            status=STATES[0],
            opened_at=timezone.now(),
        )
        for n in range(TICKETS)
    )


def shuffled(model: type[Ticket] = Ticket) -> list[Ticket]:
    """The tickets, in an order that is the same every time."""
    found = list(model.objects.select_related("customer"))
    random.Random(7).shuffle(found)
    return found


def somebody() -> AbstractContextManager[object]:
    """Somebody acts, because of something, in a request."""
    actor = Actor(kind="user", id="1", label="Ana Example")
    return acting(actor=actor, cause=uuids.uuid7(), correlation=uuids.uuid7(), metadata=METADATA)


@transaction.atomic
def plain(ticket: Ticket) -> None:
    """Django's update alone."""
    _save(ticket)


@transaction.atomic
def recorded(ticket: Ticket) -> None:
    """The same, and an event on the ticket's and the customer's stream."""
    before = ticket.status
    _save(ticket)
    event = TicketStatusChanged(ticket=ticket.pk, number=ticket.number, before=before, after=ticket.status)
    trail.record(event, about=ticket.streams, now=timezone.now())


def served(ticket: Ticket) -> None:
    """By our service: the row is read and locked, judged, saved, and the event recorded."""
    tickets.move(ticket, _other(ticket), now=timezone.now())


@transaction.atomic
def unrecorded(ticket: Ticket) -> None:
    """What the service does besides: the row is read and locked, and saved."""
    row = Ticket.objects.select_for_update(of=("self",)).select_related("customer").get(pk=ticket.pk)
    row.status = _other(row)
    row.save(update_fields=["status", "reopened_at"])


def log_actor() -> AbstractContextManager[object]:
    """For django-auditlog somebody acts, too."""
    actor: AbstractContextManager[object] = set_actor(Agent.objects.get(email="bench@bench.example"), "203.0.113.7")
    return actor


def watched(yes: bool) -> None:
    """Whether the database itself records a change of a ticket that nobody recorded: no part of a plain change."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE tickets_ticket {'ENABLE' if yes else 'DISABLE'} TRIGGER USER")


def _save(ticket: Ticket) -> None:
    ticket.status = _other(ticket)
    ticket.save(update_fields=["status"])


def _other(ticket: Ticket) -> str:
    return STATES[1 - STATES.index(ticket.status)]


EVENTS = """
WITH added AS (
    INSERT INTO trail_storedevent (id, epoch, transaction, type, version, payload, about, actor_kind, actor_id,
                                   actor_label, correlation_id, causation_id, metadata, occurred_at)
    SELECT uuidv7(), trail_current_epoch(), pg_current_xact_id()::text::bigint,
           (ARRAY['TicketOpened','ReplyRecorded','TicketStatusChanged','TicketChanged'])[1 + n %% 4], 1,
           CASE n %% 4
               WHEN 0 THEN jsonb_build_object(
                   'ticket', n, 'number', 'E' || n / 10, 'origin', 'slack', 'severity', 'high', 'type', 'problem',
                   'plan', 'enterprise', 'customer', 'Customer ' || n %% 5000,
                   'opened_at', '2026-03-18T09:00:00+00:00',
                   'subject', 'The ' || (ARRAY['printer','server','login','export','search'])[1 + n %% 5]
                              || ' on floor ' || n %% 997 || ' broke')
               WHEN 1 THEN jsonb_build_object(
                   'ticket', n, 'number', 'E' || n / 10, 'author', 'agent', 'first', true,
                   'at', '2026-03-18T09:07:00+00:00')
               WHEN 2 THEN jsonb_build_object(
                   'ticket', n, 'number', 'E' || n / 10, 'before', 'open', 'after', 'pending')
               ELSE jsonb_build_object(
                   'ticket', n, 'number', 'E' || n / 10, 'changes', jsonb_build_object(
                       'subject', jsonb_build_array('It broke', 'The printer on floor ' || n %% 997 || ' broke')))
           END,
           ARRAY['ticket:E' || n / 10, 'customer:c' || n %% 5000], 'user', (n %% 50)::text, 'Ana Example',
           uuidv7(), CASE WHEN n %% 4 > 0 THEN uuidv7() END,
           '{"method": "POST", "path": "/admin/tickets/ticket/12/change/", "address": "203.0.113.7"}',
           now() - (1100000 - n) * interval '20 seconds'
    FROM generate_series(%(first)s::int, %(last)s::int) AS n ORDER BY n
    RETURNING epoch, transaction, position, about
)
INSERT INTO trail_link (stream, epoch, transaction, position)
SELECT stream, epoch, transaction, position FROM added, unnest(about) AS stream
"""


def add_events(first: int, last: int) -> None:
    """Events number `first` to `last`, with their links."""
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, {"first": first, "last": last})
