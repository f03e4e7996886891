"""The jobs that look after the seals."""

from __future__ import annotations

import logging
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from apps.trail.later import enqueue
from apps.trail.seals import keeping, services, verifying
from apps.trail.seals.chain import Head

logger = logging.getLogger(__name__)

# A job ends within half a minute; the next takes up where it left off.
EVENTS_A_JOB = 1_000_000


def verify(start: int = 1, seals: int = 0, events: int = 0, first: int | None = None, most: int = EVENTS_A_JOB) -> str:
    """Look through everything under the seals, and record how it is.

    So many `seals` and `events` were looked through before, from seal `first` on; a job looks through `most` events.
    """
    verified = verifying.verify(start=start, most=most, heads=_kept(), links=True)
    verified.seals += seals
    verified.events += events
    verified.first = first or verified.first
    if verified.holds and verified.newest and verifying.is_more(verified.newest):
        after = verified.newest.number + 1
        enqueue("apps.trail.seals.jobs.verify", after, verified.seals, verified.events, verified.first, most)
        return f"{verified.events:,} events so far"
    recorded = services.record_outcome(verified, now=timezone.now())
    return recorded.event.sentence() if recorded else "Nothing is sealed yet"


def _kept() -> list[Head]:
    """The seals in the file they are added to, so that an end that was cut off shows as well."""
    if not settings.TRAIL_SEAL_FILE:
        return []
    try:
        return keeping.heads_in(Path(settings.TRAIL_SEAL_FILE))
    except OSError as error:
        logger.warning("The seals kept in %s cannot be read: %s", settings.TRAIL_SEAL_FILE, error)
        return []


def show_head() -> str:
    """The newest seal is told to the Slack channel that keeps it, where one does."""
    if not settings.TRAIL_SEAL_CHANNEL:
        return "No channel keeps seals"
    shown = services.show_head(channel=settings.TRAIL_SEAL_CHANNEL, now=timezone.now())
    return f"{shown} is shown" if shown else "Nothing is sealed yet"
