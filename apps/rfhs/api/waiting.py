"""Waiting a moment for an issue that a worker makes. Part of a door."""

from __future__ import annotations

import time

from apps.rfhs.models import RFH, Issue
from apps.rfhs.services import issues

PAUSE = 0.2


def is_being_made(rfh: RFH, *, seconds: float) -> bool:
    """Whether the request's issue is wanted and not there, after at most so many seconds.

    The tracker is asked by the worker alone; this looks at our own row. It ends early where the issue is there, where
    none is made, and where everybody was told that it takes longer.
    """
    until = time.monotonic() + seconds
    while True:
        issue = Issue.objects.filter(rfh=rfh).order_by("pk").first()
        if issue is None or issue.url:
            return False
        hopeless = issue.delayed_at is not None or issue.tracker not in issues.repositories()
        if hopeless or time.monotonic() >= until:
            return True
        time.sleep(PAUSE)
