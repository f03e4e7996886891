"""Looking after hand-overs, now and then."""

from __future__ import annotations

from django.utils import timezone

from apps.rotations import services
from apps.trail.context import Actor, acting


def look_after() -> str:
    """Hand-overs open, remind, close and are settled by themselves."""
    with acting(actor=Actor(kind="job", id="handovers", label="Hand-overs")):
        counts = services.look_after_handovers(now=timezone.now())
    failed = f", {counts.failed} failed: the log says why" if counts.failed else ""
    return f"{counts.opened} opened, {counts.looked} looked after{failed}"
