"""The only writers of tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.people.models import Customer, Plan
from apps.sla.models import SEVERITIES, TICKET_TYPES
from apps.tickets.errors import BadTicket, IllegalMove, RefusedField, UnknownTicket
from apps.tickets.events import ReplyRecorded, TicketChanged, TicketOpened, TicketStatusChanged
from apps.tickets.models import Reply, ReplySourceHealth, Ticket
from apps.tickets.wording import NUMBER_RULE, is_number, plain_number
from apps.trail import services as trail
from apps.trail.events import Event
from apps.trail.instants import slip_in

# Clocks of two machines differ a little; more than this is a mistake.
SKEW = timedelta(minutes=5)
# Who makes a ticket known has seldom waited longer; more is likely a slip in the date.
USUAL = timedelta(days=30)
LONGEST_SUBJECT = 500
FILLABLE = ("subject", "customer", "plan", "severity", "type", "channel", "thread_ts", "url")
Status = Ticket.Status


def find(number: str) -> Ticket:
    """The ticket of this number, with or without a # before it.

    Raises UnknownTicket.
    """
    number = plain_number(number)
    ticket = Ticket.objects.select_related("customer", "plan").filter(number=number).first()
    if ticket is None:
        raise UnknownTicket(f"There is no ticket {number}.")
    return ticket


@transaction.atomic
def open_ticket(
    *,
    number: str,
    opened_at: datetime,
    origin: str,
    now: datetime,
    subject: str = "",
    customer: Customer | None = None,
    plan: Plan | None = None,
    channel_plan: Plan | None = None,
    severity: str = "normal",
    type: str = "question",
    channel: str = "",
    thread_ts: str = "",
    url: str = "",
    really_then: bool = True,
) -> tuple[Ticket, bool]:
    """The ticket of this number and whether this call opened it; a number known before changes nothing.

    A # before the number is none of it. The plan is the one stated, else the customer's, else the channel's.
    Promises start at `opened_at`, the ticket's own time; without really_then a new ticket of more than USUAL ago is
    refused, since its tiers would all speak at once. Raises BadTicket.
    """
    number = plain_number(number)
    must_be_number(number)
    _must_be_past(opened_at, now, "opened")
    _must_be_known(severity=severity, type=type)
    must_have_its_channel(channel=channel, thread_ts=thread_ts)
    ticket, created = Ticket.objects.get_or_create(
        number=number,
        defaults={
            "subject": cut(subject),
            "customer": customer,
            "plan": plan or (customer.plan if customer else None) or channel_plan,
            "severity": severity,
            "type": type,
            "origin": origin,
            "opened_at": opened_at,
            "last_customer_message_at": opened_at,
            "channel": channel,
            "thread_ts": thread_ts,
            "url": url,
        },
    )
    if created:
        if not really_then and (reason := why_unusual(opened_at, now=now)):
            raise RefusedField("opened_at", reason)
        event = TicketOpened(
            ticket=ticket.pk,
            number=ticket.number,
            subject=ticket.subject,
            customer=customer.name if customer else "",
            plan=ticket.plan.slug if ticket.plan else "",
            severity=severity,
            type=type,
            origin=origin,
            opened_at=opened_at,
        )
        trail.record(event, about=ticket.streams, now=now)
    return ticket, created


@transaction.atomic
def change_ticket(ticket: Ticket, changes: Mapping[str, Any], *, now: datetime) -> bool:
    """What `changes` says of the ticket is true now; False when it was already.

    Fields: FILLABLE. A customer given without a plan brings their own plan along. Raises BadTicket.
    """
    unknown = set(changes) - set(FILLABLE)
    if unknown:
        raise BadTicket(f"A ticket has no {', '.join(sorted(unknown))} that can be changed so.")
    _must_be_known(severity=changes.get("severity"), type=changes.get("type"))
    wanted = dict(changes)
    if "subject" in wanted:
        wanted["subject"] = cut(wanted["subject"])
    customer = wanted.get("customer")
    if customer is not None and "plan" not in wanted and customer.plan is not None:
        wanted["plan"] = customer.plan
    row = _held(ticket)
    differing = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    if not differing:
        return False
    if differing.keys() & {"channel", "thread_ts"}:
        whole = {name: wanted.get(name, getattr(row, name)) for name in ("channel", "thread_ts")}
        must_have_its_channel(**whole)
    shown = {name: [_shown(getattr(row, name)), _shown(value)] for name, value in differing.items()}
    for name, value in differing.items():
        setattr(row, name, value)
        setattr(ticket, name, value)
    row.save(update_fields=list(differing))
    trail.record(TicketChanged(ticket=row.pk, number=row.number, changes=shown), about=row.streams, now=now)
    return True


def fill_in(ticket: Ticket, known: Mapping[str, Any], *, now: datetime) -> bool:
    """Add what was not known of the ticket before; nothing is overwritten but the plan, by a new customer's own."""
    missing = {name: value for name, value in known.items() if value and not getattr(ticket, name)}
    return change_ticket(ticket, missing, now=now) if missing else False


def record_reply(ticket: Ticket, *, author: str, at: datetime, now: datetime) -> bool:
    """A reply in the ticket is known, at its own time; False when it was known before. Raises BadTicket."""
    return bool(record_replies([(ticket.pk, at)], author=author, now=now))


@dataclass(frozen=True)
class Chain:
    """What led to something, when it is not what runs now."""

    cause: UUID
    correlation: UUID


@transaction.atomic
def record_replies(
    replies: Sequence[tuple[int, datetime]],
    *,
    author: str,
    now: datetime,
    chains: Mapping[int, Chain] | None = None,
) -> list[int]:
    """Record replies as (ticket's key, time), many at once; the keys of those that were news.

    `chains` says by ticket what each goes on with.

    An agent's reply opens a new ticket, a customer's reopens a pending or solved one. One from just before a ticket
    was opened counts as of its opening. Raises BadTicket, and then records none.
    """
    if author not in Reply.Author.values:
        raise BadTicket(f"A reply is by an agent or the customer, not by {author!r}.")
    for _, at in replies:
        _must_be_past(at, now, "replied to")
    times = dict(replies)
    # Tickets are locked before clocks everywhere, in the order of their keys, so nobody waits in a circle.
    rows = list(
        Ticket.objects.select_for_update(of=("self",), no_key=True)
        .select_related("customer")
        .filter(pk__in=times)
        .order_by("pk")
    )
    times |= {row.pk: _within_life(row, times[row.pk]) for row in rows}
    known = set(
        Reply.objects.filter(
            Q.create([Q(ticket=row.pk, at=times[row.pk]) for row in rows], connector=Q.OR), author=author
        ).values_list("ticket_id", flat=True)
        if rows
        else ()
    )
    news = [row for row in rows if row.pk not in known]
    Reply.objects.bulk_create([Reply(ticket=row, author=author, at=times[row.pk]) for row in news])
    happenings = []
    for row in news:
        chain = chains.get(row.pk) if chains else None
        happenings.extend(_apply_reply(row, author, times[row.pk], chain))
    Ticket.objects.bulk_update(news, ["first_response_at", "last_customer_message_at", "status", "reopened_at"])
    trail.record_many(happenings, now=now)
    return [row.pk for row in news]


def _apply_reply(row: Ticket, author: str, at: datetime, chain: Chain | None) -> list[trail.Happening]:
    by_agent = author == Reply.Author.AGENT
    first = by_agent and row.first_response_at is None
    before = row.status
    if by_agent:
        row.first_response_at = min(at, row.first_response_at or at)
        if row.status == Status.NEW:
            row.status = Status.OPEN
    else:
        row.last_customer_message_at = max(at, row.last_customer_message_at or at)
        if row.status in (Status.PENDING, Status.SOLVED):
            # At the customer's own time, however late we hear of it.
            _give_status(row, Status.OPEN, at=at)
    reply = ReplyRecorded(ticket=row.pk, number=row.number, author=author, at=at, first=first)
    events: list[Event] = [reply]
    if row.status != before:
        events.append(TicketStatusChanged(ticket=row.pk, number=row.number, before=before, after=row.status))
    cause, correlation = (chain.cause, chain.correlation) if chain else (None, None)
    return [trail.Happening(event=event, about=row.streams, cause=cause, correlation=correlation) for event in events]


@transaction.atomic
def move(ticket: Ticket, to: str, *, now: datetime) -> bool:
    """The ticket has the status `to`; False when it had it before.

    Raises IllegalMove: nothing becomes new again.
    """
    if to not in Status.values:
        raise IllegalMove(f"A ticket cannot be {to!r}; it can be {', '.join(Status.values[1:])}.")
    row = _held(ticket)
    if row.status == to:
        return False
    if to == Status.NEW:
        raise IllegalMove(f"{row} is {row.status}; it cannot be new again.")
    before = row.status
    _give_status(row, to, at=now)
    ticket.status, ticket.reopened_at = row.status, row.reopened_at
    row.save(update_fields=["status", "reopened_at"])
    event = TicketStatusChanged(ticket=row.pk, number=row.number, before=before, after=to)
    trail.record(event, about=row.streams, now=now)
    return True


def _held(ticket: Ticket) -> Ticket:
    """The row, to the end of this transaction. Read once it is held: else its customer could be the one it had."""
    Ticket.objects.select_for_update(no_key=True).only("pk").get(pk=ticket.pk)
    return Ticket.objects.select_related("customer", "plan").get(pk=ticket.pk)


def _give_status(row: Ticket, to: str, *, at: datetime) -> None:
    """`row`, still to be saved, has the status `to`; from an ended one its life begins anew at `at`."""
    if row.status in Ticket.ENDED and to not in Ticket.ENDED:
        row.reopened_at = at
    row.status = to


def source_answered(name: str, *, now: datetime) -> None:
    """The reply source answered; whatever was unknown is known again."""
    _forget_others(name)
    ReplySourceHealth.objects.update_or_create(
        name=name, defaults={"answered_at": now, "failing_since": None, "error": ""}
    )


def source_failed(name: str, reason: str, *, now: datetime) -> datetime:
    """The reply source could not be asked; since when that has been so."""
    _forget_others(name)
    health, _ = ReplySourceHealth.objects.get_or_create(name=name)
    since = health.failing_since or now
    ReplySourceHealth.objects.filter(pk=name).update(failing_since=since, error=reason[:300])
    return since


def _forget_others(name: str) -> None:
    # One source is asked at a time: how another one was, before the settings changed, is no news of this one.
    ReplySourceHealth.objects.exclude(name=name).delete()


def must_be_number(number: str) -> None:
    """Raise BadTicket unless a ticket can be called so."""
    if not is_number(number):
        raise BadTicket(f"A ticket's number has {NUMBER_RULE}.")


def must_have_its_channel(*, channel: str, thread_ts: str) -> None:
    """Raise BadTicket for a thread of no channel: nobody could find it."""
    if thread_ts and not channel:
        raise RefusedField("channel", "Say in which channel the thread is: its message is found by both.")


def why_unusual(opened_at: datetime, *, now: datetime) -> str:
    """Why a ticket opened then is likely a slip in the date; empty when it is not."""
    return (
        f"That is more than {USUAL.days} days ago, and its tiers would speak at once."
        if opened_at < now - USUAL
        else ""
    )


def cut(subject: str) -> str:
    """The subject, as long as we keep it; a longer one ends with …, and the whole is in the help desk."""
    return subject if len(subject) <= LONGEST_SUBJECT else f"{subject[: LONGEST_SUBJECT - 1]}…"


def _within_life(row: Ticket, at: datetime) -> datetime:
    """The reply's time, which a clock that differs a little may have put before the ticket's opening."""
    if at + SKEW < row.opened_at:
        raise BadTicket(
            f"A reply at {at.isoformat()} came before ticket {row.number} was opened at {row.opened_at.isoformat()}."
        )
    return max(at, row.opened_at)


def _must_be_past(at: datetime, now: datetime, what: str) -> None:
    if at.tzinfo is None:
        raise BadTicket("A time needs its zone, such as 2026-03-30T08:00:00Z.")
    if slip := slip_in(at):
        raise BadTicket(slip)
    if at > now + SKEW:
        raise BadTicket(f"A ticket cannot have been {what} in the future ({at.isoformat()}).")


def _must_be_known(*, severity: str | None, type: str | None) -> None:
    for word, choices, what in ((severity, SEVERITIES, "severity"), (type, TICKET_TYPES, "type")):
        names = [name for name, _ in choices]
        if word is not None and word not in names:
            raise BadTicket(f"{word!r} is no {what}; use {', '.join(names)}.")


def _shown(value: Any) -> Any:
    return str(value) if isinstance(value, Customer | Plan) else value
