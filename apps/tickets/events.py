"""What happens to tickets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from apps.trail.events import Event, Personal

TicketId = Annotated[int, "The ticket's id here"]
Number = Annotated[str, "The ticket's number in the help desk"]

FROM = {
    "email": "by email",
    "slack": "from Slack",
    "web": "in the portal",
    "api": "through the API",
    "helpdesk": "by the help desk",
}


@dataclass(frozen=True, kw_only=True)
class TicketOpened(Event):
    """A ticket became known; `opened_at` is the ticket's own time."""

    ticket: TicketId
    number: Number
    subject: Annotated[str, Personal, "What the customer called it"]
    customer: Annotated[str, Personal, "The customer's name; empty when not known"]
    plan: Annotated[str, "The plan's slug; empty without one"]
    severity: Annotated[str, "urgent, high, normal or low"]
    type: Annotated[str, "What kind of ticket, such as problem or question"]
    origin: Annotated[str, "Through which door it came: email, slack, web, api or helpdesk"]
    opened_at: Annotated[datetime, "When the customer wrote it, whenever we heard of it"]

    def sentence(self) -> str:
        what = f"Ticket {self.number} ({self.severity} {self.type}) was opened {FROM.get(self.origin, '')}".rstrip()
        return f"{what} by {self.customer}" if self.customer else what


@dataclass(frozen=True, kw_only=True)
class TicketChanged(Event):
    """What is known of a ticket changed; `changes` maps a field to [before, after]."""

    ticket: TicketId
    number: Number
    changes: Annotated[dict[str, list[Any]], Personal, "By field, [before, after]"]

    def sentence(self) -> str:
        parts = [
            f"{name.replace('_', ' ')} {_word(before)} → {_word(after)}"
            for name, (before, after) in self.changes.items()
        ]
        return f"Ticket {self.number} was changed: {', '.join(parts)}"


@dataclass(frozen=True, kw_only=True)
class ReplyRecorded(Event):
    """A reply became known; `at` is the reply's own time."""

    ticket: TicketId
    number: Number
    author: Annotated[str, "agent or customer"]
    at: Annotated[datetime, "When it was written"]
    first: Annotated[bool, "Whether it is the first response"]

    def sentence(self) -> str:
        if self.author == "customer":
            return f"The customer wrote in ticket {self.number}"
        which = "first replied" if self.first else "replied"
        return f"An agent {which} in ticket {self.number}"


@dataclass(frozen=True, kw_only=True)
class TicketStatusChanged(Event):
    """A ticket moved from one status to another."""

    ticket: TicketId
    number: Number
    before: Annotated[str, "The status it had"]
    after: Annotated[str, "The status it has now"]

    def sentence(self) -> str:
        return f"Ticket {self.number} went from {self.before} to {self.after}"


def _word(value: Any) -> str:
    return str(value) if value not in (None, "") else "nothing"
