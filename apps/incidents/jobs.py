"""What incidents' app does by itself, now and then."""

from __future__ import annotations

from django.utils import timezone

from apps.incidents import maintaining
from apps.people.acting import Acting
from apps.trail.context import Actor, acting


def follow_maintenance() -> str:
    """Maintenance begins, ends and is spoken of beforehand as it was planned."""
    with acting(actor=Actor(kind="job", id="maintenance", label="Maintenance")):
        done = maintaining.follow_plans(now=timezone.now(), by=Acting(None, "The plan"))
    failed = f", {done.failed} failed: the log says why" if done.failed else ""
    return f"{done.moved} moved{failed}"
