"""How long after its commit an event is under a seal, with a real worker."""

from __future__ import annotations

import sys
import time

from apps.trail.seals.models import Seal
from bench import ground
from bench.trail import rows

EVENTS, APART = 300, 0.1


def measure(env: dict[str, str]) -> None:
    """A change every tenth of a second; the newest seal is looked at in between."""
    from apps.tickets.models import Ticket
    from apps.trail.models import StoredEvent

    ground.manage("sync", env=env)
    worker = ground.spawn(sys.executable, "manage.py", "worker", env=env)
    tickets = list(Ticket.objects.select_related("customer")[:EVENTS])
    waiting: dict[int, float] = {}
    took: list[float] = []

    def look() -> None:
        reached = Seal.objects.order_by("-number").values_list("position", flat=True).first() or 0
        now = time.monotonic()
        for position in [position for position in waiting if position <= reached]:
            took.append(now - waiting.pop(position))

    try:
        time.sleep(10)
        for ticket in tickets:
            with rows.somebody():
                rows.recorded(ticket)
            committed = time.monotonic()
            waiting[StoredEvent.objects.order_by("-position").values_list("position", flat=True)[0]] = committed
            while time.monotonic() < committed + APART:
                look()
                time.sleep(0.02)
        until = time.monotonic() + 30
        while waiting and time.monotonic() < until:
            look()
            time.sleep(0.02)
    finally:
        ground.end(worker)
    assert not waiting, f"{len(waiting)} events were not sealed"
    ground.say("commit → sealed, p50 / max (at most 5 s)", f"{ground.percentile(took, 50):.1f} s / {max(took):.1f} s")
