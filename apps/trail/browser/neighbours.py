"""What came before an event and after it on each of its streams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from apps.trail.models import StoredEvent

# One look into the index of links for each side of each stream.
BESIDE = """
SELECT given.stream, earlier.position, later.position
FROM unnest(%(streams)s::text[]) WITH ORDINALITY AS given (stream, ordinal)
LEFT JOIN LATERAL (
    SELECT position FROM trail_link
    WHERE stream = given.stream AND (epoch, transaction, position) < (%(epoch)s, %(transaction)s, %(position)s)
    ORDER BY epoch DESC, transaction DESC, position DESC LIMIT 1
) AS earlier ON true
LEFT JOIN LATERAL (
    SELECT position FROM trail_link
    WHERE stream = given.stream AND (epoch, transaction, position) > (%(epoch)s, %(transaction)s, %(position)s)
    ORDER BY epoch, transaction, position LIMIT 1
) AS later ON true
ORDER BY given.ordinal
"""


@dataclass(frozen=True)
class Neighbours:
    """The positions beside an event on one stream; None where there is none that may be read."""

    stream: str
    earlier: int | None
    later: int | None


def neighbours(event: StoredEvent, may_read: Callable[[StoredEvent], bool]) -> list[Neighbours]:
    """For each stream the event is about."""
    with connection.cursor() as cursor:
        cursor.execute(BESIDE, {"streams": event.about, **event.cursor._asdict()})
        rows = cursor.fetchall()
    events = StoredEvent.objects.in_bulk([position for row in rows for position in row[1:] if position])
    open_to = {position for position, found in events.items() if may_read(found)}
    return [
        Neighbours(stream, earlier if earlier in open_to else None, later if later in open_to else None)
        for stream, earlier, later in rows
    ]
