"""Whether sealed events are still on the streams they are about: a link that is gone hides an event from its story."""

from __future__ import annotations

from django.db import connection

from apps.trail.order import Cursor

GONE = """
SELECT e.epoch, e.transaction, e.position, stream
FROM trail_storedevent e CROSS JOIN LATERAL unnest(e.about) AS stream
WHERE (e.epoch, e.transaction, e.position) > (%s, %s, %s) AND (e.epoch, e.transaction, e.position) <= (%s, %s, %s)
  AND NOT EXISTS (
    SELECT FROM trail_link l WHERE l.stream = stream.stream AND l.epoch = e.epoch
      AND l.transaction = e.transaction AND l.position = e.position
  )
ORDER BY e.epoch, e.transaction, e.position, stream LIMIT %s
"""


def gone(after: Cursor, to: Cursor, *, limit: int) -> list[tuple[Cursor, str]]:
    """The places of the first events, after one place up to and with another, that are missing on a stream; which."""
    with connection.cursor() as cursor:
        cursor.execute(GONE, [*after, *to, limit])
        return [(Cursor(*row[:3]), str(row[3])) for row in cursor.fetchall()]
