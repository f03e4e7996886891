"""Finding events by words: in what the search follower has read, and in the little it has not read yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import connection

from apps.trail import reading
from apps.trail.followers import SEARCH, said_by
from apps.trail.models import Follower, StoredEvent
from apps.trail.order import START, Cursor
from apps.trail.reading import Query

# With no worker there the unread part grows; of it so many of the newest are looked through.
MOST_UNREAD = 2_000
MATCH = """
SELECT position FROM unnest(%s::bigint[], %s::text[]) AS given (position, said)
WHERE to_tsvector('simple', said) @@ websearch_to_tsquery('simple', %s)
"""


def search(query: Query, *, before: Cursor | None = None, limit: int) -> list[StoredEvent]:
    """The last `limit` events before the place that match, newest first."""
    if not query.words:
        return reading.backwards(query, before=before, limit=limit)
    found = _unread(query, before=before)[:limit]
    if len(found) < limit:
        found += reading.backwards(query, before=before, limit=limit - len(found))
    return found


def _unread(query: Query, *, before: Cursor | None) -> list[StoredEvent]:
    """Those that match among the events the follower has not read, newest first."""
    row = Follower.objects.filter(name=SEARCH).first()
    read = row.cursor if row else START
    if before is not None and before <= read:
        return []
    unread = reading.between(replace(query, words=""), after=read, before=before, limit=MOST_UNREAD)
    return that_say(query.words, unread)


def that_say(words: str, events: Sequence[StoredEvent]) -> list[StoredEvent]:
    """Those of the events that have the words, whether the follower has read them or not."""
    if not events:
        return []
    with connection.cursor() as cursor:
        cursor.execute(MATCH, [[e.position for e in events], [said_by(e) for e in events], words])
        matching = {position for (position,) in cursor.fetchall()}
    return [event for event in events if event.position in matching]
