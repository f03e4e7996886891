"""Freshdesk as a source of replies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.integrations.helpdesk.answers import instant, is_id, misshapen
from apps.integrations.helpdesk.connection import Connection, Request
from apps.tickets.replies import Answer, Question


class Freshdesk:
    """Asks ticket by ticket, several at once: Freshdesk has no call for a list of numbers.

    Source: Freshdesk's API reference, "View a Ticket", `include=stats`.
    """

    name = "Freshdesk"
    batch = 40

    def __init__(self, *, url: str, token: str, timeout: float) -> None:
        """`url` is the account's address, `https://acme.freshdesk.com`; `token` is an agent's API key."""
        # The key is the user name; Freshdesk ignores the password but wants one.
        self._connection = Connection(vendor=self.name, url=url, timeout=timeout, basic=(token, "X"))

    def replies(self, tickets: Sequence[Question]) -> dict[str, Answer]:
        """See ReplySource. Deleted tickets are gone; numbers Freshdesk does not know, or cannot have, are left out."""
        ids = list(dict.fromkeys(ticket.number for ticket in tickets if is_id(ticket.number)))
        requests = [Request("GET", f"api/v2/tickets/{number}", params={"include": "stats"}) for number in ids]
        found = self._connection.ask(requests, absent_is_none=True)
        return {
            number: _answer(number, ticket) for number, ticket in zip(ids, found, strict=True) if ticket is not None
        }


def _answer(number: str, ticket: Any) -> Answer:
    # Freshdesk keeps a deleted ticket for a while, and says so; without the field it is not deleted.
    if isinstance(ticket, dict) and ticket.get("deleted") is True:
        return Answer(number, replied=False, replied_at=None, gone=True)
    try:
        replied_at = ticket["stats"]["first_responded_at"]
        if replied_at is None:
            return Answer(number, replied=False, replied_at=None)
        return Answer(number, replied=True, replied_at=instant(replied_at))
    except (KeyError, TypeError, ValueError):
        raise misshapen(Freshdesk.name, "a ticket came without its stats")
