"""What tickets do when a customer's plan changes."""

from __future__ import annotations

from collections.abc import Sequence

from apps.trail.events import ObjectChanged
from apps.trail.later import enqueue
from apps.trail.reacting import Recorded, following, on


@on(ObjectChanged)
def follow_the_customers_plan(entries: Sequence[Recorded[ObjectChanged]]) -> None:
    """Open tickets of a customer whose plan changed get the new plan, in a job, as they may be many."""
    for entry in entries:
        if entry.event.model == "people.customer" and "plan" in entry.event.changes:
            with following(entry):
                before, _ = entry.event.changes["plan"]
                enqueue("apps.tickets.jobs.follow_the_customers_plan", int(entry.event.key), before, 0)
