"""Appending to the trail: one statement for any number of events and their links."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.trail.context import Actor

# Plain SQL because it costs half of two ORM inserts (docs/decisions/0002): one round trip, one plan. The rows travel
# as one JSON document: bound as arrays, the quoting of JSON inside array texts alone costs as much as the rest.
APPEND = """
WITH added AS (
    INSERT INTO trail_storedevent (id, type, version, payload, about, actor_kind, actor_id, actor_label,
                                   correlation_id, causation_id, metadata, occurred_at)
    SELECT id, type, version, payload, about, actor_kind, actor_id, actor_label, correlation_id, causation_id,
           metadata, occurred_at
    FROM ROWS FROM (
        jsonb_to_recordset(%s::jsonb) AS (
            id uuid, type text, version smallint, payload jsonb, about text[], actor_kind text, actor_id text,
            actor_label text, correlation_id uuid, causation_id uuid, metadata jsonb, occurred_at timestamptz
        )
    ) WITH ORDINALITY AS given (id, type, version, payload, about, actor_kind, actor_id, actor_label,
                                correlation_id, causation_id, metadata, occurred_at, ordinal)
    ORDER BY ordinal
    RETURNING id, position, about
), linked AS (
    INSERT INTO trail_link (stream, position)
    SELECT stream, position FROM added, unnest(about) AS stream
)
SELECT id, position FROM added
"""

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


def append(rows: Sequence[Row]) -> dict[UUID, int]:
    """Insert the rows in their order; their positions by id."""
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
        cursor.execute(APPEND, [json.dumps(document)])
        return dict(cursor.fetchall())
