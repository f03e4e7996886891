"""One change with its event against the change alone, and against what other packages record of it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from django.utils import timezone

from apps.tickets.events import TicketStatusChanged
from apps.tickets.models import Ticket
from apps.trail import services as trail
from bench import ground
from bench.trail import rows

ROUNDS, CHANGES = 40, 100
MANY = 500

WAYS: dict[str, tuple[rows.Change, Callable[[], AbstractContextManager[object]]]] = {
    "plain": (rows.plain, nullcontext),
    "recorded": (rows.recorded, rows.somebody),
    "logged": (rows.logged, rows.log_actor),
    "kept": (rows.kept, nullcontext),
}


def measure(env: dict[str, str]) -> None:
    """In turns, each round in another order, and the middle of the rounds' ratios."""
    tickets = rows.shuffled()
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    for number in range(-2, ROUNDS):
        names = list(WAYS)
        names = names[number % 4 :] + names[: number % 4]
        first = (number * CHANGES) % rows.TICKETS
        for name in names:
            rate = _rate(name, tickets[first : first + CHANGES])
            if number >= 0:
                rates[name].append(rate)

    def ratio(name: str) -> float:
        return statistics.median(ours / other for ours, other in zip(rates["recorded"], rates[name], strict=True))

    per_second = {name: statistics.median(found) for name, found in rates.items()}
    ground.say("a change without a trail, a second", f"{per_second['plain']:.0f}")
    ground.say("a change with its event, against it (at least 0.60, aim 0.70)", f"{ratio('plain'):.2f} x")
    ground.say("against django-auditlog (at least 1.5)", f"{ratio('logged'):.2f} x")
    ground.say("against django-simple-history (at least 1.1)", f"{ratio('kept'):.2f} x")
    rows.watched(True)
    _many()


def _rate(name: str, tickets: list[Ticket]) -> float:
    change, around = WAYS[name]
    for ticket in tickets:
        ticket.refresh_from_db(fields=["status"])
    rows.watched(name == "recorded")
    with around():
        started = time.perf_counter()
        for ticket in tickets:
            change(ticket)
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
