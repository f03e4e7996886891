"""Appending to the trail: one statement for any number of events and their links."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection

from apps.trail.context import Actor
from apps.trail.errors import StreamMoved
from apps.trail.order import Cursor

# A function of the database (migration 0005): one round trip, and a plan that is kept (docs/decisions/0002). The rows
# travel as one JSON document: bound as arrays, quoting the JSON inside array texts alone costs as much as the rest.
APPEND = "SELECT event_id, event_position FROM trail_append(%s::jsonb, %s::jsonb)"
LINK = """
INSERT INTO trail_link (stream, epoch, transaction, position)
SELECT %s, epoch, transaction, position FROM trail_storedevent WHERE position = ANY(%s)
ON CONFLICT DO NOTHING
"""
# As trail_append does: who links takes part in the stream's lock.
SHARE = "SELECT pg_advisory_xact_lock_shared(7112027, hashtext(%s) & 255)"
LINK_ALL = """
INSERT INTO trail_link (stream, epoch, transaction, position)
SELECT stream, epoch, transaction, position
FROM unnest(%s::text[], %s::integer[], %s::bigint[], %s::bigint[]) AS given (stream, epoch, transaction, position)
ORDER BY stream, epoch, transaction, position
ON CONFLICT DO NOTHING
"""
SHARE_ALL = """
SELECT pg_advisory_xact_lock_shared(7112027, bucket)
FROM (SELECT DISTINCT hashtext(stream) & 255 AS bucket FROM unnest(%s::text[]) AS stream ORDER BY 1) AS buckets
"""
MOVED = "TR001"

# The columns' length; a name is cut rather than that nothing its bearer does can be recorded.
LONGEST = 200


@dataclass(frozen=True)
class Row:
    """An event on its way into the table."""

    id: UUID
    type: str
    version: int
    payload: dict[str, Any]
    about: tuple[str, ...]
    actor: Actor
    correlation: UUID
    cause: UUID | None
    metadata: dict[str, Any]
    occurred_at: datetime


def append(rows: Sequence[Row], expected: Mapping[str, int] | None = None) -> dict[UUID, int]:
    """Insert the rows in their order; their positions by id.

    Raises StreamMoved when a stream in `expected` has another number of events than is said there.
    """
    document = [
        {
            "id": str(row.id),
            "type": row.type,
            "version": row.version,
            "payload": row.payload,
            "about": row.about,
            "actor_kind": row.actor.kind,
            "actor_id": row.actor.id[:LONGEST],
            "actor_label": row.actor.label[:LONGEST],
            "correlation_id": str(row.correlation),
            "causation_id": str(row.cause) if row.cause else None,
            "metadata": row.metadata,
            "occurred_at": row.occurred_at.isoformat(),
        }
        for row in rows
    ]
    with connection.cursor() as cursor:
        try:
            cursor.execute(APPEND, [json.dumps(document), json.dumps(dict(expected)) if expected else None])
        except DatabaseError as error:
            cause = error.__cause__
            if getattr(cause, "sqlstate", None) == MOVED:
                raise StreamMoved(f"{str(cause).splitlines()[0]} Somebody was quicker: read it again.") from error
            raise
        return dict(cursor.fetchall())


def link(positions: Iterable[int], stream: str) -> int:
    """Put the events at these positions on the stream as well; how many were not on it yet."""
    with connection.cursor() as cursor:
        cursor.execute(SHARE, [stream])
        cursor.execute(LINK, [stream, list(positions)])
        return int(cursor.rowcount)


def link_all(places: Sequence[tuple[str, Cursor]]) -> int:
    """Put events on streams, each given by its place; how many were not on theirs yet.

    In the order of their places, so that two who link the same at once cannot wait for each other in a circle.
    """
    if not places:
        return 0
    streams = [stream for stream, _ in places]
    columns = zip(*(place for _, place in places), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(SHARE_ALL, [streams])
        cursor.execute(LINK_ALL, [streams, *(list(column) for column in columns)])
        return int(cursor.rowcount)
