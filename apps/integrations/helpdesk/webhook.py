"""What a help desk's webhook says: its signature and its message. Pure; the door checks the clock."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from apps.integrations.helpdesk.answers import instant
from apps.tickets.wording import NUMBER_RULE, is_number, plain_number, severity_called, type_called
from apps.trail.instants import slip_in

HEADER = "X-SupportOps-Signature"
LONGEST_TEXT = 200
LONGEST_URL = 2000

Kind = Literal["created", "replied", "solved"]
Author = Literal["agent", "customer"]


class InvalidMessage(ValueError):
    """The body is not a message we understand; the text says what is wrong with it."""


@dataclass(frozen=True)
class HelpdeskMessage:
    """A ticket was created, replied to or solved, at an aware instant in UTC.

    Subject to url are for "created" and may each be None; `severity` and `type` are ours, or None for a word we do
    not know. `author` is for "replied" alone.
    """

    kind: Kind
    number: str
    at: datetime
    subject: str | None = None
    customer: str | None = None
    plan: str | None = None
    severity: str | None = None
    type: str | None = None
    url: str | None = None
    author: Author | None = None


def sign(secret: str, raw: bytes) -> str:
    """The header's value that `verify` accepts for these bytes."""
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def verify(secret: str, raw: bytes, header: str) -> bool:
    """Does `header` sign these bytes with this secret? Without a secret nothing is ever signed."""
    if not secret:
        return False
    return hmac.compare_digest(sign(secret, raw).encode(), header.strip().encode(errors="replace"))


def read(raw: bytes) -> HelpdeskMessage:
    """The message in a webhook's body. Raises InvalidMessage.

    "created" takes its time from the ticket's `opened_at`, else from `at`; the others from `at`.
    """
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise InvalidMessage("The body is not JSON.")
    if not isinstance(body, dict):
        raise InvalidMessage("The body must be a JSON object.")
    ticket = body.get("ticket")
    if not isinstance(ticket, dict):
        raise InvalidMessage('"ticket" must be an object.')
    kind = body.get("event")
    if kind not in ("created", "replied", "solved"):
        raise InvalidMessage('"event" must be created, replied or solved.')
    number = _number(ticket.get("number"))
    if kind == "created":
        return _created(number, ticket, body)
    at = _instant(body.get("at"), "at")
    if kind == "solved":
        return HelpdeskMessage("solved", number, at)
    author = body.get("author")
    if author not in ("agent", "customer"):
        raise InvalidMessage('"author" must be agent or customer.')
    return HelpdeskMessage("replied", number, at, author=cast(Author, author))


def _created(number: str, ticket: dict[str, Any], body: dict[str, Any]) -> HelpdeskMessage:
    if ticket.get("opened_at") is not None:
        at = _instant(ticket["opened_at"], "ticket.opened_at")
    else:
        at = _instant(body.get("at"), "at")
    return HelpdeskMessage(
        "created",
        number,
        at,
        subject=_text(ticket, "subject"),
        customer=_text(ticket, "customer"),
        plan=_text(ticket, "plan"),
        severity=severity_called(_word(ticket, "severity")),
        type=type_called(_word(ticket, "type")),
        url=_url(ticket),
    )


def _number(value: Any) -> str:
    # A number is a JSON number in some help desks; true is one in Python.
    number = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(number, str) or not number.strip():
        raise InvalidMessage('"ticket.number" is missing.')
    number = plain_number(number)
    if not is_number(number):
        raise InvalidMessage(f'"ticket.number" must be {NUMBER_RULE}.')
    return number


def _instant(value: Any, name: str) -> datetime:
    if value is None:
        raise InvalidMessage(f'"{name}" is missing.')
    try:
        at = instant(value)
    except ValueError:
        raise InvalidMessage(f'"{name}" must be an RFC 3339 time with its zone, such as 2026-03-02T09:30:00Z.')
    if slip := slip_in(at):
        raise InvalidMessage(f'"{name}": {slip}')
    return at


def _text(ticket: dict[str, Any], name: str, longest: int = LONGEST_TEXT) -> str | None:
    """The text at `name`, or None; a long subject is cut where tickets are opened."""
    value = ticket.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidMessage(f'"ticket.{name}" must be a text.')
    # PostgreSQL stores neither; both are legal in JSON.
    value = value.replace("\x00", "").encode(errors="ignore").decode().strip()
    if len(value) > longest and name != "subject":
        raise InvalidMessage(f'"ticket.{name}" is longer than {longest} characters.')
    return value or None


def _word(ticket: dict[str, Any], name: str) -> str:
    # A help desk's own word for it, which may be anything: a ticket and its promise matter more.
    value = ticket.get(name)
    return value if isinstance(value, str) else ""


def _url(ticket: dict[str, Any]) -> str | None:
    url = _text(ticket, "url", LONGEST_URL)
    if url is not None and not url.startswith(("https://", "http://")):
        raise InvalidMessage('"ticket.url" must begin with https:// or http://.')
    return url
