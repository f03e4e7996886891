"""Appending to the trail: one statement for any number of events and their links."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections

from apps.trail.context import Actor
from apps.trail.engine.base import DatabaseWrapper
from apps.trail.errors import StreamMoved
from apps.trail.order import Cursor

# A function of the database (migration 0005): one round trip, and a plan that is kept (docs/decisions/0002). The rows
# travel as one JSON document: bound as arrays, quoting the JSON inside array texts alone costs as much as the rest.
APPEND = "SELECT event_id, event_position FROM trail_append(%s::jsonb, %s::jsonb)"
APPEND_ONE = b"SELECT trail_append_one(%b,'%b',%b,%d,%b,ARRAY[%b],%b,%b,%b,'%b',%b,%b,'%b')"
# Half a character, or a zero byte: JSON can hold what PostgreSQL refuses.
REFUSED = re.compile(r"\x00|\\u(?:0000|d[89a-f])")
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


class Row(NamedTuple):
    """An event on its way into the table."""

    id: UUID
    type: str
    version: int
    payload: dict[str, Any]
    about: tuple[str, ...]
    actor: Actor
    correlation: UUID
    cause: UUID | None
    metadata: Mapping[str, Any]
    occurred_at: datetime
    # The metadata as JSON, which is the same for all events of a request.
    metadata_said: str = "{}"


class Place:
    """Where an event stands on the trail: known once the database was told of it, and told it when asked before."""

    def __init__(self, position: int | None = None) -> None:
        self._position = position

    def given(self, position: int) -> None:
        """The database has told."""
        self._position = position

    @property
    def position(self) -> int:
        """Its position. Raises LookupError when the event was rolled back before the database heard of it."""
        if self._position is None:
            current_engine().send_waiting()
        if self._position is None:
            raise LookupError("This event was rolled back: it has no place on the trail.")
        return self._position


def append_soon(row: Row, engine: DatabaseWrapper) -> Place:
    """The row is on the trail before anything else is said to the database, at the latest with the COMMIT.

    Nothing waits for the answer: a change with its event makes as many round trips as one without.
    """
    payload, actor = json.dumps(row.payload), row.actor
    texts = (payload, row.metadata_said, actor.kind, actor.id, actor.label)
    # What PostgreSQL would refuse is refused at once; and only up to two streams need no sorting of their locks.
    if len(row.about) > 2 or any(map(REFUSED.search, texts)):
        return Place(append([row])[row.id])
    literal, place = engine.literals(), Place()
    statement = APPEND_ONE % (
        b"%d" % engine.cluster(),
        str(row.id).encode(),
        literal(row.type.encode()),
        row.version,
        literal(payload.encode()),
        b",".join([literal(stream.encode()) for stream in row.about]),
        literal(actor.kind.encode()),
        literal(actor.id[:LONGEST].encode()),
        literal(actor.label[:LONGEST].encode()),
        str(row.correlation).encode(),
        b"'%b'" % str(row.cause).encode() if row.cause else b"NULL",
        literal(row.metadata_said.encode()),
        row.occurred_at.isoformat().encode(),
    )
    engine.wait(statement, place.given)
    return place


def current_engine() -> DatabaseWrapper:
    """The connection of this thread."""
    engine = connections[DEFAULT_DB_ALIAS]
    assert isinstance(engine, DatabaseWrapper)
    return engine


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
            "metadata": dict(row.metadata),
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
