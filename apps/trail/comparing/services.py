"""Noting what was found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from apps.trail import reading
from apps.trail import services as trail
from apps.trail.comparing.events import FindingNoted
from apps.trail.context import current
from apps.trail.errors import StreamMoved, TrailError
from apps.trail.models import Link, StoredEvent
from apps.trail.reacting import Recorded
from apps.trail.reading import Query

LONGEST, MOST_CITED = 4_000, 100
# Within so long the same finding is a button that was pressed twice.
A_MOMENT = timedelta(minutes=1)
TRIES = 5


class BadFinding(TrailError):
    """A finding cannot be noted like that."""


def note_finding(text: str, *, on: str, citing: Sequence[StoredEvent], now: datetime) -> Recorded[FindingNoted] | None:
    """The finding is on the case's stream, with the events it is about. Raises BadFinding.

    None when the same person noted the same there a moment ago: a button was pressed twice.
    """
    said = text.strip().replace("\x00", "")
    if not said:
        raise BadFinding("Write down what you found.")
    if len(said) > LONGEST:
        raise BadFinding(f"A finding has at most {LONGEST:,} characters; this one has {len(said):,}.")
    if len(citing) > MOST_CITED:
        raise BadFinding(f"A finding is about at most {MOST_CITED} events; choose those that show it.")
    if not Link.objects.filter(stream=on).exists():
        raise BadFinding(f"There is nothing on {on}: note it on a case that exists.")
    finding = FindingNoted(stream=on, text=said, events=sorted(event.position for event in citing))
    for _ in range(TRIES):
        version = reading.version(on)
        if _was_just_noted(finding, now):
            return None
        try:
            return trail.record(finding, about=[on], now=now, expected={on: version})
        except StreamMoved:
            # What was recorded meanwhile may be this very finding.
            continue
    raise BadFinding(f"Much is being recorded on {on} just now: note it once more.")


def _was_just_noted(finding: FindingNoted, now: datetime) -> bool:
    actor = current().actor
    query = Query(stream=finding.stream, types=(FindingNoted.__name__,), actor=f"{actor.kind}:{actor.id}")
    last = reading.backwards(query, limit=1)
    return bool(last) and last[0].payload == finding.as_payload() and now - last[0].occurred_at < A_MOMENT
