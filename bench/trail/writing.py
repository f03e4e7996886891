"""Eight writers at once, each thinking inside its transaction: with the trail and without.

Each change is what the service does, with its event and without. Clients and server share the cores, so the event's
own work shows here beside any waiting for each other.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from multiprocessing.synchronize import Barrier

from django.db import connection, transaction

from apps.tickets.models import Ticket
from bench import ground
from bench.trail import rows

WRITERS, THINKING, SECONDS, ROUNDS = 8, 0.003, 3.0, 5
DELAY = 2_000


def measure(env: dict[str, str]) -> None:
    """Pairs of runs, and the middle of their ratios."""
    for delay in (0, DELAY):
        ratios, rates = [], []
        for number in range(ROUNDS):
            pair = {}
            for with_trail in (True, False) if number % 2 else (False, True):
                pair[with_trail] = _run(with_trail=with_trail, delay=delay)
            ratios.append(pair[True] / pair[False])
            rates.append(pair[True])
        said = f"{statistics.median(ratios):.2f} x ({statistics.median(rates):.0f} changes a second)"
        with_delay = f" and commit_delay {delay // 1000} ms" if delay else ""
        ground.say(f"{WRITERS} writers, thinking {THINKING * 1000:.0f} ms{with_delay} (at least 0.9)", said)


def _run(*, with_trail: bool, delay: int) -> float:
    """Changes a second of all writers together."""
    rows.watched(with_trail)
    connection.close()
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(WRITERS)
    queue: multiprocessing.Queue[int] = context.Queue()
    keys = list(Ticket.objects.order_by("pk").values_list("pk", flat=True))
    connection.close()
    writers = [
        context.Process(target=_write, args=(keys[n::WRITERS], with_trail, delay, barrier, queue))
        for n in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    done = sum(queue.get(timeout=60) for _ in writers)
    for writer in writers:
        writer.join()
    return done / SECONDS


def _write(keys: list[int], with_trail: bool, delay: int, barrier: Barrier, queue: multiprocessing.Queue[int]) -> None:
    tickets = list(Ticket.objects.filter(pk__in=keys).select_related("customer"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('commit_delay', %s, false)", [str(delay)])
    with rows.somebody():
        change = rows.served if with_trail else rows.unrecorded
        change(tickets[0])
        barrier.wait()
        done, until = 0, time.monotonic() + SECONDS
        while time.monotonic() < until:
            ticket = tickets[done % len(tickets)]
            with transaction.atomic():
                change(ticket)
                time.sleep(THINKING)
            done += 1
    queue.put(done)
    connection.close()
