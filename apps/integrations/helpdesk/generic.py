"""Any help desk as a source of replies, behind one JSON endpoint of the organisation's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any

from apps.integrations.helpdesk.answers import chunks, instant, misshapen
from apps.integrations.helpdesk.connection import Connection, Request
from apps.tickets.replies import Answer, Question

TICKETS_A_CALL = 500


class Generic:
    """Posts `[{"ticket_id", "timestamp"}]` and reads `[{"ticket_id", "replied", "replied_at"}]`.

    `timestamp` is when the ticket was opened. `have_replied` is read as `replied`: the wrappers written for
    SLA Buddy say it so.
    """

    name = "The help desk"
    batch = 500

    def __init__(self, *, url: str, token: str, timeout: float) -> None:
        """`url` is the endpoint itself; `token` may be empty, then no credential is sent."""
        self._connection = Connection(vendor=self.name, url=url, timeout=timeout, bearer=token or None)

    def replies(self, tickets: Sequence[Question]) -> dict[str, Answer]:
        """See ReplySource. A ticket the endpoint does not mention is not known there."""
        asked = {ticket.number: ticket for ticket in tickets}
        requests = [
            Request("POST", json=[_question(ticket) for ticket in some])
            for some in chunks(list(asked.values()), TICKETS_A_CALL)
        ]
        return {
            answer.number: answer
            for page in self._connection.ask(requests)
            for answer in _read(page)
            if answer.number in asked
        }


def _question(ticket: Question) -> dict[str, str]:
    opened_at = ticket.opened_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {"ticket_id": ticket.number, "timestamp": opened_at}


def _read(page: Any) -> Iterator[Answer]:
    if not isinstance(page, list):
        raise misshapen(Generic.name, "it is not a list")
    for row in page:
        try:
            replied = row["replied"] if "replied" in row else row["have_replied"]
            if not isinstance(replied, bool):
                raise ValueError("not a boolean")
            at = row.get("replied_at") if replied else None
            yield Answer(str(row["ticket_id"]), replied, instant(at) if at else None)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise misshapen(Generic.name, 'a row is not {"ticket_id", "replied", "replied_at"}')
