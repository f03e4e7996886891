"""Zendesk as a source of replies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from apps.integrations.helpdesk.answers import chunks, instant, is_id, misshapen
from apps.integrations.helpdesk.connection import Connection, Request
from apps.tickets.replies import Answer, Question

IDS_A_CALL = 100
"""Zendesk refuses a longer `show_many`."""


class Zendesk:
    """Asks `tickets/show_many` with the metrics side-loaded: a hundred tickets a call.

    Source: Zendesk's API reference, "Ticket Metrics" and "Show Multiple Tickets".
    """

    name = "Zendesk"
    batch = 300

    def __init__(self, *, url: str, user: str, token: str, timeout: float) -> None:
        """`url` is the account's address, `https://acme.zendesk.com`; `user` is an agent's email."""
        account = user.removesuffix("/token")
        self._connection = Connection(vendor=self.name, url=url, timeout=timeout, basic=(f"{account}/token", token))

    def replies(self, tickets: Sequence[Question]) -> dict[str, Answer]:
        """See ReplySource. Deleted and merged tickets are gone; numbers Zendesk does not know are left out."""
        ids = list(dict.fromkeys(ticket.number for ticket in tickets if is_id(ticket.number)))
        requests = [
            Request(
                "GET",
                "api/v2/tickets/show_many.json",
                params={"ids": ",".join(some), "include": "metric_sets"},
            )
            for some in chunks(ids, IDS_A_CALL)
        ]
        asked = set(ids)
        answers: dict[str, Answer] = {}
        for page in self._connection.ask(requests):
            for answer in _read(page):
                if answer.number in asked:
                    answers[answer.number] = answer
        return answers


def _read(page: Any) -> Iterator[Answer]:
    try:
        tickets = page["tickets"]
        # The metrics come beside the tickets or inside each, depending on the account.
        metrics = {metric["ticket_id"]: metric for metric in page.get("metric_sets") or []}
        for ticket in tickets:
            if _is_gone(ticket):
                yield Answer(str(ticket["id"]), replied=False, replied_at=None, gone=True)
                continue
            metric = ticket.get("metric_set") or metrics.get(ticket["id"])
            if metric is None:
                raise misshapen(Zendesk.name, "a ticket came without its metrics")
            yield _answer(ticket, metric)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        raise misshapen(Zendesk.name, "it is not a list of tickets with metrics")


def _is_gone(ticket: Any) -> bool:
    # A merged ticket is closed with this tag, and its answer lives in another ticket.
    return ticket.get("status") == "deleted" or "closed_by_merge" in (ticket.get("tags") or [])


def _answer(ticket: Any, metric: Any) -> Answer:
    number = str(ticket["id"])
    if metric["replies"] <= 0:
        return Answer(number, replied=False, replied_at=None)
    return Answer(number, replied=True, replied_at=_first_reply(ticket, metric))


def _first_reply(ticket: Any, metric: Any) -> datetime | None:
    """When the first public reply was sent, as exactly as Zendesk tells.

    Zendesk counts whole minutes, so a reply can seem up to a minute earlier than it was, and one sent within
    a minute of the due may pass for met; messaging tickets have seconds. Replied without a count (a ticket an
    agent opened) is a reply at a time unknown.
    """
    opened_at = instant(ticket.get("created_at") or metric.get("created_at"))
    seconds = (metric.get("reply_time_in_seconds") or {}).get("calendar")
    if seconds is not None:
        return opened_at + timedelta(seconds=seconds)
    minutes = (metric.get("reply_time_in_minutes") or {}).get("calendar")
    return None if minutes is None else opened_at + timedelta(minutes=minutes)
