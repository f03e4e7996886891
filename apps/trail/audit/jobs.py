"""The audit log's jobs."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from apps.escalations.holding import stopping
from apps.trail import later
from apps.trail.audit import linking
from apps.trail.audit.choosing import FILL

LONGEST = timedelta(seconds=20)


def fill() -> str:
    """Put past events of newly chosen types on the audit logs, for a while; another job goes on where this one ends."""
    until, seen = timezone.now() + LONGEST, 0
    while not stopping.is_set():
        now = timezone.now()
        if now >= until:
            later.enqueue(FILL)
            return f"{seen} seen, more to come"
        read = linking.fill_some(now=now)
        if read is None:
            return f"{seen} seen"
        seen += read
    return f"{seen} seen, stopped"
