"""What a help desk's message changes here."""

from __future__ import annotations

from datetime import datetime

from apps.integrations.helpdesk.webhook import HelpdeskMessage
from apps.people.selectors import customer_called, plan_called
from apps.tickets import services as tickets
from apps.tickets.models import LONGEST_URL, Ticket


def follow(message: HelpdeskMessage, *, now: datetime) -> Ticket:
    """The ticket, as it is after what the help desk said; the same message twice changes nothing.

    A ticket heard of first in Slack gets what was unknown filled in, and nothing overwritten.
    Raises UnknownTicket for a reply or a solution to a ticket nobody told us of, BadTicket for what cannot be.
    """
    if message.kind == "created":
        return _created(message, now=now)
    ticket = tickets.find(message.number)
    if message.kind == "replied":
        tickets.record_reply(ticket, author=message.author or "agent", at=message.at, now=now)
    else:
        tickets.move(ticket, Ticket.Status.SOLVED, now=now)
    return tickets.find(message.number)


def _created(message: HelpdeskMessage, *, now: datetime) -> Ticket:
    customer = customer_called(message.customer or "")
    plan = plan_called(message.plan or "")
    # The ticket matters more than a link to it.
    url = message.url if message.url and len(message.url) <= LONGEST_URL else ""
    ticket, created = tickets.open_ticket(
        number=message.number,
        opened_at=message.at,
        origin=Ticket.Origin.HELPDESK,
        now=now,
        subject=message.subject or "",
        customer=customer,
        plan=plan,
        severity=message.severity or "normal",
        type=message.type or "question",
        url=url,
    )
    if not created:
        known = {"subject": message.subject, "customer": customer, "plan": plan, "url": url}
        tickets.fill_in(ticket, known, now=now)
    return ticket
