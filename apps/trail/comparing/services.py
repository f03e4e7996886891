"""Noting what was found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from apps.trail import services as trail
from apps.trail.comparing.events import FindingNoted
from apps.trail.errors import TrailError
from apps.trail.models import Link, StoredEvent
from apps.trail.reacting import Recorded

LONGEST, MOST_CITED = 4_000, 100


class BadFinding(TrailError):
    """A finding cannot be noted like that."""


def note_finding(text: str, *, on: str, citing: Sequence[StoredEvent], now: datetime) -> Recorded[FindingNoted]:
    """The finding is on the case's stream, with the events it is about. Raises BadFinding."""
    said = text.strip().replace("\x00", "")
    if not said:
        raise BadFinding("Write down what you found.")
    if len(said) > LONGEST:
        raise BadFinding(f"A finding has at most {LONGEST:,} characters; this one has {len(said):,}.")
    if len(citing) > MOST_CITED:
        raise BadFinding(f"A finding is about at most {MOST_CITED} events; choose those that show it.")
    if not Link.objects.filter(stream=on).exists():
        raise BadFinding(f"There is nothing on {on}: note it on a case that exists.")
    positions = sorted(event.position for event in citing)
    return trail.record(FindingNoted(stream=on, text=said, events=positions), about=[on], now=now)
