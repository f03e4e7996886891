"""Zendesk, Freshdesk and a generic endpoint on loopback, with tickets and faults a test can set.

    with StandInHelpdesk() as desk:
        desk.ticket("4711", opened_at=now)
        desk.reply("4711", at=now + timedelta(minutes=5))

Zendesk and Freshdesk live at `desk.address`, the generic endpoint at `desk.generic_url`. By hand:
`python -m tests.standins.helpdesk --port 9002 --replied 4711`.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from tests.standins.server import Heard, LoopbackServer, Say

GENERIC_PATH = "/replies"


@dataclass
class Ticket:
    opened_at: datetime
    replied_at: datetime | None = None
    replied: bool = False
    merged: bool = False
    messaging: bool = False
    binned: bool = False


@dataclass(frozen=True)
class Call:
    """One call as it came in; `at` is Unix time, `tickets` how many it asked about."""

    vendor: str
    tickets: int
    at: float
    authorization: str


@dataclass
class Fault:
    """`times` is how often still (None: always)."""

    say: Say
    times: int | None
    stall: float = 0.0


def signed(raw: bytes, secret: str) -> dict[str, str]:
    """The headers of a webhook that we accept."""
    digest = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return {"X-SupportOps-Signature": f"sha256={digest}", "Content-Type": "application/json"}


class StandInHelpdesk(LoopbackServer):
    """See the module."""

    def __init__(self, port: int = 0) -> None:
        self._lock = threading.RLock()
        self.reset()
        super().__init__(port)

    @property
    def generic_url(self) -> str:
        return self.address + GENERIC_PATH

    def reset(self) -> None:
        """Forgets tickets, faults, credentials and calls."""
        with self._lock:
            self.tickets: dict[str, Ticket] = {}
            self.calls: list[Call] = []
            self._fault: Fault | None = None
            self._authorization: str | None = None
            self.inline_metrics = False
            self.have_replied = False

    # What a test sets.

    def ticket(self, number: str, *, opened_at: datetime, merged: bool = False, messaging: bool = False) -> None:
        with self._lock:
            self.tickets[number] = Ticket(opened_at, merged=merged, messaging=messaging)

    def reply(self, number: str, *, at: datetime | None) -> None:
        """The ticket was answered; with None nobody knows when."""
        with self._lock:
            self.tickets[number].replied = True
            self.tickets[number].replied_at = at

    def bin(self, number: str) -> None:
        """The ticket was deleted; the vendor still knows that it was there."""
        with self._lock:
            self.tickets[number].binned = True

    def delete(self, number: str) -> None:
        """The ticket was deleted for good: nobody knows of it."""
        with self._lock:
            del self.tickets[number]

    def expect_basic(self, user: str, password: str) -> None:
        self._authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def expect_bearer(self, token: str) -> None:
        self._authorization = f"Bearer {token}"

    def stall(self, seconds: float, times: int | None = None) -> None:
        """Answers rightly, but so much later."""
        self._fault = Fault(Say(), times, stall=seconds)

    def drip(self, seconds: float, *, head: bool = False) -> None:
        """Answers rightly, but a byte at a time; with `head` the headers too."""
        self._fault = Fault(Say(drip=seconds, drip_head=head), None)

    def fail(self, status: int = 500, times: int | None = None) -> None:
        self._fault = Fault(Say(status, b'{"error": "wrong"}'), times)

    def answer_html(self, times: int | None = None) -> None:
        self._fault = Fault(Say(200, b"<html><body>Maintenance</body></html>", "text/html"), times)

    def answer(self, body: Any, times: int | None = None) -> None:
        """200 with this JSON, whatever was asked."""
        self._fault = Fault(Say(200, json.dumps(body).encode()), times)

    def drop(self, times: int | None = None) -> None:
        """Closes the connection without an answer."""
        self._fault = Fault(Say(drop=True), times)

    def heal(self) -> None:
        self._fault = None

    # Answering.

    def hear(self, heard: Heard) -> Say:
        headers = {name.lower(): value for name, value in heard.headers.items()}
        with self._lock:
            vendor, asked, say = self._answered(heard)
            self.calls.append(Call(vendor, asked, time.time(), headers.get("authorization", "")))
            fault = self._fault
            if fault is not None and fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._fault = None
        if self._authorization is not None and headers.get("authorization") != self._authorization:
            return _json({"error": "Couldn't authenticate you"}, 401)
        if fault is None:
            return say
        if fault.stall:
            self.closing.wait(fault.stall)
            return say
        return replace(fault.say, status=say.status, body=say.body) if fault.say.drip else fault.say

    def _answered(self, heard: Heard) -> tuple[str, int, Say]:
        if heard.path == "/api/v2/tickets/show_many.json":
            ids = parse_qs(heard.query).get("ids", [""])[0].split(",")
            return "zendesk", len(ids), self._zendesk(ids)
        if heard.path.startswith("/api/v2/tickets/"):
            return "freshdesk", 1, self._freshdesk(heard.path.rpartition("/")[2])
        if heard.path == GENERIC_PATH and heard.verb == "POST":
            asked = json.loads(heard.body)
            return "generic", len(asked), self._generic(asked)
        return "", 0, _json({"error": "RecordNotFound"}, 404)

    def _zendesk(self, ids: list[str]) -> Say:
        if len(ids) > 100:
            return _json({"error": "TooManyIds"}, 400)
        if not all(number.isdigit() for number in ids):
            return _json({"error": "InvalidIds"}, 400)
        found = [(int(number), self.tickets[number]) for number in ids if number in self.tickets]
        tickets, metrics = [], []
        for number, ticket in found:
            row: dict[str, Any] = {
                "id": number,
                "created_at": _rfc3339(ticket.opened_at),
                "status": "deleted" if ticket.binned else "closed" if ticket.merged else "open",
                "tags": ["closed_by_merge"] if ticket.merged else [],
            }
            metric = _metric(number, ticket)
            if self.inline_metrics:
                row["metric_set"] = metric
            else:
                metrics.append(metric)
            tickets.append(row)
        page = {"tickets": tickets, "count": len(tickets), "next_page": None, "previous_page": None}
        return _json(page if self.inline_metrics else page | {"metric_sets": metrics})

    def _freshdesk(self, id: str) -> Say:
        ticket = self.tickets.get(id)
        if ticket is None:
            return Say(404, b"")
        replied_at = _rfc3339(ticket.replied_at) if ticket.replied_at else None
        stats = {"first_responded_at": replied_at, "agent_responded_at": replied_at, "resolved_at": None}
        row = {"id": int(id), "created_at": _rfc3339(ticket.opened_at), "stats": stats}
        # Freshdesk has the field on deleted tickets alone.
        return _json(row | {"deleted": True} if ticket.binned else row)

    def _generic(self, asked: list[dict[str, Any]]) -> Say:
        name = "have_replied" if self.have_replied else "replied"
        rows = []
        for question in asked:
            ticket = self.tickets.get(question["ticket_id"])
            if ticket is not None:
                at = _rfc3339(ticket.replied_at) if ticket.replied_at else None
                rows.append({"ticket_id": question["ticket_id"], name: ticket.replied, "replied_at": at})
        return _json(rows)


def _metric(id: int, ticket: Ticket) -> dict[str, Any]:
    seconds = int((ticket.replied_at - ticket.opened_at).total_seconds()) if ticket.replied_at else None
    return {
        "id": 9_000_000 + id,
        "ticket_id": id,
        "created_at": _rfc3339(ticket.opened_at),
        "replies": 1 if ticket.replied else 0,
        "reply_time_in_minutes": {"calendar": None if seconds is None else seconds // 60, "business": None},
        "reply_time_in_seconds": {"calendar": seconds if ticket.messaging else None},
    }


def _rfc3339(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(body: Any, status: int = 200) -> Say:
    return Say(status, json.dumps(body).encode())


def main() -> None:
    options = argparse.ArgumentParser(description="A stand-in for a help desk on 127.0.0.1.")
    options.add_argument("--port", type=int, default=9002)
    options.add_argument("--open", nargs="*", default=[], help="numbers of tickets without a reply")
    options.add_argument("--replied", nargs="*", default=[], help="numbers of tickets with a reply, as of now")
    chosen = options.parse_args()
    desk = StandInHelpdesk(chosen.port)
    started = datetime.now(UTC)
    for number in [*chosen.open, *chosen.replied]:
        desk.ticket(number, opened_at=started)
    for number in chosen.replied:
        desk.reply(number, at=started)
    print(f"HELPDESK_URL={desk.address} (zendesk, freshdesk) or {desk.generic_url} (generic)", flush=True)
    desk.wait_for_ctrl_c()


if __name__ == "__main__":
    main()
