"""What a ticket's events say to the customer."""

from __future__ import annotations

from apps.tickets.events import ReplyRecorded, TicketChanged, TicketOpened, TicketStatusChanged
from apps.trail.telling.wordings import tells_the_customer

SEVERITIES = ("urgent", "high", "normal", "low")


@tells_the_customer(TicketOpened, about="A request came, with its number and subject", at="opened_at")
def opened(event: TicketOpened) -> str:
    subject = f": “{event.subject}”" if event.subject else ""
    return f"We received your request {event.number}{subject}."


@tells_the_customer(ReplyRecorded, about="The customer wrote, or we replied; not who, nor what", at="at")
def replied(event: ReplyRecorded) -> str:
    if event.author == "customer":
        return f"You wrote to us about request {event.number}."
    return f"We {'first ' if event.first else ''}replied to your request {event.number}."


@tells_the_customer(TicketStatusChanged, about="A request was solved, closed or opened again")
def moved(event: TicketStatusChanged) -> str:
    ended = ("solved", "closed")
    if event.after in ended:
        return f"Your request {event.number} was marked as {event.after}."
    return f"Your request {event.number} was opened again." if event.before in ended else ""


@tells_the_customer(TicketChanged, about="A request's severity changed; nothing else of a change")
def changed(event: TicketChanged) -> str:
    match event.changes.get("severity"):
        case [before, after] if before in SEVERITIES and after in SEVERITIES:
            return f"The severity of your request {event.number} was changed from {before} to {after}."
    return ""
