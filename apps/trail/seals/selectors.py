"""How it stands with the seals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from apps.trail import reading
from apps.trail.models import StoredEvent
from apps.trail.reading import Query
from apps.trail.seals import sealing
from apps.trail.seals.events import TrailTampered, TrailVerified
from apps.trail.seals.models import Seal

# The first whose end is not before the event; seals come in the order of their ends.
COVERING = """
SELECT number FROM trail_seal WHERE (epoch, transaction, position) >= (%s, %s, %s)
ORDER BY epoch, transaction, position LIMIT 1
"""
OUTCOMES = (TrailTampered.__name__, TrailVerified.__name__)


@dataclass(frozen=True)
class Standing:
    """What was found last, and since when events wait to be sealed; None where there is nothing to say."""

    outcome: StoredEvent | None
    unsealed_since: datetime | None

    @property
    def tampered(self) -> bool:
        return self.outcome is not None and self.outcome.type == TrailTampered.__name__


def standing() -> Standing:
    """As it is now, in a constant number of queries."""
    return Standing(outcome=_outcome(), unsealed_since=sealing.unsealed_since())


def found_altered(position: int) -> StoredEvent | None:
    """What the last verification told, where it names the event at this position as the first that differs."""
    outcome = _outcome()
    if outcome is None or outcome.type != TrailTampered.__name__:
        return None
    return outcome if outcome.payload.get("position") == position else None


def _outcome() -> StoredEvent | None:
    # One by one, each from the index by type: together they are looked for among all events.
    last = [event for name in OUTCOMES for event in reading.backwards(Query(types=(name,)), limit=1)]
    return max(last, key=lambda event: event.cursor, default=None)


def newest() -> Seal | None:
    """The newest seal."""
    return Seal.objects.bare().order_by("-number").first()


def covering(position: int) -> Seal | None:
    """The seal that covers the event at this position; None when it is not sealed, or not there."""
    event = StoredEvent.objects.filter(position=position).first()
    if event is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(COVERING, list(event.cursor))
        row = cursor.fetchone()
    return Seal.objects.bare().get(number=row[0]) if row else None
