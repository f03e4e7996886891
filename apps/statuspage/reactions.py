"""Whatever is written of incidents, components and maintenance may be for the public."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.incidents import events, maintenance_events
from apps.statuspage.rendering import transaction_now
from apps.trail.events import Event
from apps.trail.later import enqueue
from apps.trail.reacting import Recorded, on

RENDER = "apps.statuspage.jobs.render"
MODULES = [events, maintenance_events]
# All of them: which is for the public is visible.py's to say, and nobody else's.
KINDS: list[type[Event]] = [
    kind
    for module in MODULES
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Event) and kind.__module__ == module.__name__
]


@on(*KINDS)
def render_at_once(entries: Sequence[Recorded[Any]]) -> None:
    """And not only with the next minute: what is new is read within five seconds."""
    enqueue(RENDER, transaction_now())
