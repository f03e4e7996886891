"""What happens to tickets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.trail.events import Event

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

    ticket: int
    number: str
    subject: str
    customer: str
    plan: str
    severity: str
    type: str
    origin: str
    opened_at: datetime

    def sentence(self) -> str:
        what = f"Ticket {self.number} ({self.severity} {self.type}) was opened {FROM.get(self.origin, '')}".rstrip()
        return f"{what} by {self.customer}" if self.customer else what


@dataclass(frozen=True, kw_only=True)
class TicketChanged(Event):
    """What is known of a ticket changed; `changes` maps a field to [before, after]."""

    ticket: int
    number: str
    changes: dict[str, list[Any]]

    def sentence(self) -> str:
        parts = [
            f"{name.replace('_', ' ')} {_word(before)} → {_word(after)}"
            for name, (before, after) in self.changes.items()
        ]
        return f"Ticket {self.number} was changed: {', '.join(parts)}"


@dataclass(frozen=True, kw_only=True)
class ReplyRecorded(Event):
    """A reply became known; `at` is the reply's own time."""

    ticket: int
    number: str
    author: str
    at: datetime
    first: bool

    def sentence(self) -> str:
        if self.author == "customer":
            return f"The customer wrote in ticket {self.number}"
        which = "first replied" if self.first else "replied"
        return f"An agent {which} in ticket {self.number}"


@dataclass(frozen=True, kw_only=True)
class TicketStatusChanged(Event):
    """A ticket moved from one status to another."""

    ticket: int
    number: str
    before: str
    after: str

    def sentence(self) -> str:
        return f"Ticket {self.number} went from {self.before} to {self.after}"


def _word(value: Any) -> str:
    return str(value) if value not in (None, "") else "nothing"
