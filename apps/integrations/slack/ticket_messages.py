"""A message in a watched channel becomes a ticket, once, however we heard of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import uuid_utils.compat as uuids
from django.db import transaction

from apps.integrations.slack import selectors, services
from apps.integrations.slack.candidates import (
    Ourselves,
    could_be_ticket,
    instant,
    message_in,
    ourselves_in,
    posted_by,
)
from apps.integrations.slack.models import SlackEvent, SlackMessage, WatchedChannel
from apps.integrations.slack.parsing import TicketMessage, Unparsed, parse
from apps.people.models import Customer, Plan
from apps.people.selectors import customer_called, plan_called
from apps.tickets import services as tickets
from apps.tickets.errors import TicketError
from apps.tickets.models import LONGEST_URL, Ticket
from apps.trail.context import acting

Outcome = SlackMessage.Outcome


def worth_keeping(payload: Mapping[str, Any]) -> bool:
    """Whether an event's message could be a ticket: an app posted it, in a watched channel.

    Reads at most two rows: it is asked before Slack is answered.
    """
    channel, message, edited = message_in(payload["event"])
    if not could_be_ticket(message, ourselves_in(payload)):
        return False
    if edited and not _not_understood(channel, str(message["ts"])).exists():
        return False
    return selectors.is_watched(channel)


def on_message(event: SlackEvent, now: datetime) -> None:
    """Work a message event: the ticket it announces is open, or why not is on record."""
    channel, message, edited = message_in(event.payload["event"])
    watched = selectors.watch_of(channel)
    seen: SlackMessage | None = None
    if watched is not None and edited:
        seen = _not_understood(channel, str(message["ts"])).select_for_update().first()
        if seen is not None:
            seen.payload = dict(message)
            read_again(seen, watched, now=now)
    elif watched is not None:
        seen = keep(watched, message, now=now)
    if seen is None:
        # A scan was quicker, or nobody watches the channel any more.
        services.finish(event, forget=True)


def keep(watched: WatchedChannel, message: Mapping[str, Any], *, now: datetime) -> SlackMessage | None:
    """The message is seen and its ticket open; None when it was seen before."""
    read = parse(message, watched.pattern)
    with transaction.atomic():
        # First, since it is unique: a scan and an event with the same message take turns here.
        seen = services.claim_message(
            watched.channel.slack_id, str(message["ts"]), message, outcome=Outcome.UNPARSED, now=now
        )
        if seen is not None:
            _follow(seen, read, watched, now=now)
        return seen


def keep_found(
    watched: WatchedChannel, message: Mapping[str, Any], us: Ourselves, *, now: datetime
) -> SlackMessage | None:
    """Keep a message that a scan found; a chain of its own on the trail, as if Slack had sent it."""
    if not could_be_ticket(message, us):
        return None
    poster, name = posted_by(message)
    with acting(
        actor=selectors.actor_of(poster, name),
        correlation=uuids.uuid7(),
        metadata={"slack_channel": watched.channel.slack_id, "slack_ts": message["ts"], "found_by": "scan"},
    ):
        return keep(watched, message, now=now)


@transaction.atomic
def read_again(seen: SlackMessage, watched: WatchedChannel, *, now: datetime) -> bool:
    """Parse a message that was not understood once more; whether it is a ticket now."""
    _follow(seen, parse(seen.payload, watched.pattern), watched, now=now)
    return seen.outcome in (Outcome.TICKET, Outcome.KNOWN)


@transaction.atomic
def open_by_hand(seen: SlackMessage, read: TicketMessage, *, now: datetime) -> tuple[Ticket, bool]:
    """Somebody says which ticket the message is; its age does not matter then. Raises TicketError.

    The message's ticket, and whether it is so by this call: who comes second is told of the first one's ticket,
    and changes nothing.
    """
    # Without a join: whoever waited for the lock would not see a ticket younger than their query.
    locked = SlackMessage.objects.select_for_update().get(pk=seen.pk)
    if locked.ticket is not None:
        return locked.ticket, False
    ticket, created = _open(locked, read, selectors.watch_of(locked.channel), now=now)
    outcome = Outcome.TICKET if created else Outcome.KNOWN
    services.settle_message(locked, outcome, reason="Opened by hand.", ticket=ticket.pk)
    return ticket, True


def _not_understood(channel: str, ts: str) -> Any:
    return SlackMessage.objects.filter(channel=channel, ts=ts, outcome=Outcome.UNPARSED)


def _follow(seen: SlackMessage, read: TicketMessage | Unparsed, watched: WatchedChannel, *, now: datetime) -> None:
    posted_at = instant(seen.ts)
    assert posted_at is not None
    if posted_at < now - watched.horizon:
        number = "" if isinstance(read, Unparsed) else f" (ticket {read.number})"
        services.settle_message(seen, Outcome.TOO_OLD, reason=f"Older than the channel's horizon{number}.")
        return
    if isinstance(read, Unparsed):
        services.settle_message(seen, Outcome.UNPARSED, reason=read.reason)
        return
    try:
        # In a savepoint: a ticket that cannot be leaves the message on record with the reason.
        with transaction.atomic():
            ticket, created = _open(seen, read, watched, now=now)
    except TicketError as refusal:
        services.settle_message(seen, Outcome.UNPARSED, reason=str(refusal))
        return
    services.settle_message(seen, Outcome.TICKET if created else Outcome.KNOWN, ticket=ticket.pk)


def _open(
    seen: SlackMessage, read: TicketMessage, watched: WatchedChannel | None, *, now: datetime
) -> tuple[Ticket, bool]:
    posted_at = instant(seen.ts)
    assert posted_at is not None
    customer = customer_called(read.customer or "")
    stated = plan_called(read.plan or "")
    of_channel = watched.plan if watched else None
    # The parser allows Slack's longer addresses.
    url = read.url if read.url and len(read.url) <= LONGEST_URL else ""
    ticket, created = tickets.open_ticket(
        number=read.number,
        opened_at=posted_at,
        origin=Ticket.Origin.SLACK,
        now=now,
        subject=read.subject or "",
        customer=customer,
        plan=stated,
        channel_plan=of_channel,
        severity=read.severity or "normal",
        type=read.type or "question",
        channel=seen.channel,
        thread_ts=seen.ts,
        url=url,
    )
    if not created:
        known = _missing(ticket, customer, stated, of_channel)
        known |= {"subject": read.subject, "url": url}
        # Channel and thread go together: half of each would point at a thread that is not there.
        if not ticket.thread_ts and ticket.channel in ("", seen.channel):
            known |= {"channel": seen.channel, "thread_ts": seen.ts}
        tickets.fill_in(ticket, known, now=now)
    return ticket, created


def _missing(ticket: Ticket, customer: Customer | None, stated: Plan | None, of_channel: Plan | None) -> dict[str, Any]:
    """Customer and plan for a ticket that lacks them; in the order of open_ticket."""
    of_customer = customer.plan if customer and ticket.customer is None else None
    return {"customer": customer, "plan": stated or of_customer or of_channel}
