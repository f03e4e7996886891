"""What follows in the tracker from what happens to a request."""

from __future__ import annotations

from collections.abc import Sequence

from apps.rfhs.events import RFHFiled
from apps.rfhs.services import issues
from apps.trail.later import enqueue
from apps.trail.reacting import Recorded, on


@on(RFHFiled)
def have_its_issue_made(entries: Sequence[Recorded[RFHFiled]]) -> None:
    """At once, and not only with the next minute: the team waits for the link."""
    if any(entry.event.tracker for entry in entries):
        enqueue(issues.MAKE)
