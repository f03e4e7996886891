"""One change with its event against the change alone, and against what other packages record of it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from django.utils import timezone

from apps.tickets.events import TicketStatusChanged
from apps.tickets.models import Ticket
from apps.trail import services as trail
from bench import ground
from bench.peers.models import HistoricTicket, LoggedTicket
from bench.trail import rows

ROUNDS, CHANGES = 40, 100
MANY = 500


@dataclass(frozen=True)
class Way:
    """How a ticket is changed, as which model, and who acts meanwhile."""

    change: rows.Change
    model: type[Ticket] = Ticket
    around: Callable[[], AbstractContextManager[object]] = nullcontext


WAYS = {
    "plain": Way(rows.plain),
    "recorded": Way(rows.recorded, around=rows.somebody),
    "logged": Way(rows.plain, LoggedTicket, rows.log_actor),
    "kept": Way(rows.plain, HistoricTicket),
    "unrecorded": Way(rows.unrecorded),
    "served": Way(rows.served, around=rows.somebody),
}
# What stands over what, and what it should come to.
RATIOS = (
    ("a change with its event, against Django's update alone (at least 0.60, aim 0.70)", "recorded", "plain"),
    ("against the update under django-auditlog (at least 1.5)", "recorded", "logged"),
    ("against the update under django-simple-history (at least 1.1)", "recorded", "kept"),
    ("the whole service, against the same without its event", "served", "unrecorded"),
)


def measure(env: dict[str, str]) -> None:
    """In turns, each round in another order, and the middle of the rounds' ratios."""
    tickets = {name: rows.shuffled(way.model) for name, way in WAYS.items()}
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    for number in range(-2, ROUNDS):
        names = list(WAYS)
        turn = number % len(names)
        first = (number * CHANGES) % rows.TICKETS
        for name in names[turn:] + names[:turn]:
            rate = _rate(name, tickets[name][first : first + CHANGES])
            if number >= 0:
                rates[name].append(rate)
    ground.say("changes without a trail, a second", f"{statistics.median(rates['plain']):.0f}")
    for said, ours, other in RATIOS:
        ratio = statistics.median(one / two for one, two in zip(rates[ours], rates[other], strict=True))
        ground.say(said, f"{ratio:.2f} x")
    rows.watched(True)
    _many()


def _rate(name: str, tickets: list[Ticket]) -> float:
    way = WAYS[name]
    for ticket in tickets:
        ticket.refresh_from_db(fields=["status"])
    # What the database would tell of itself is part of ours alone.
    rows.watched(name in ("recorded", "served"))
    with way.around():
        started = time.perf_counter()
        for ticket in tickets:
            way.change(ticket)
        return len(tickets) / (time.perf_counter() - started)


def _many() -> None:
    happenings = [
        trail.Happening(
            event=TicketStatusChanged(ticket=n, number=f"M{n}", before="open", after="pending"),
            about=(f"ticket:M{n}", f"customer:c{n % 50}"),
        )
        for n in range(MANY)
    ]
    ratios = []
    for _ in range(7):
        with rows.somebody():
            started = time.perf_counter()
            for one in happenings:
                trail.record_many([one], now=timezone.now())
            each = time.perf_counter() - started
            started = time.perf_counter()
            trail.record_many(happenings, now=timezone.now())
            ratios.append(each / (time.perf_counter() - started))
    ground.say(
        f"{MANY} events by record_many, against one at a time (at least 5)", f"{statistics.median(ratios):.1f} x"
    )
