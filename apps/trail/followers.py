"""What the trail itself does after the commit."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from apps.trail.events import in_words
from apps.trail.following import follower
from apps.trail.models import StoredEvent
from apps.trail.words import words_of

SEARCH = "search"
# Again and again the same: read once more, the words are made anew.
FIND = """
INSERT INTO trail_words (epoch, transaction, position, words)
SELECT epoch, transaction, position, to_tsvector('simple', said)
FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::text[]) AS given (epoch, transaction, position, said)
ON CONFLICT (epoch, transaction, position) DO UPDATE SET words = excluded.words
"""


@follower(SEARCH, batch=500)
def find_by_words(events: Sequence[StoredEvent]) -> None:
    """Each event can be found by its words."""
    places = zip(*(event.cursor for event in events), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(FIND, [*(list(column) for column in places), [said_by(event) for event in events]])


def said_by(event: StoredEvent) -> str:
    """All words an event is found by."""
    return words_of(event.payload, event.about, event.sentence, event.actor_label, event.actor_id, in_words(event.type))
