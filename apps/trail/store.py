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

# A stream's name cannot hold it: it separates the streams of one event on their way into the statement.
SEPARATOR = "\x1f"

# Plain SQL because it costs half of two ORM inserts (docs/decisions/0002): one round trip, one plan.
APPEND = """
WITH added AS (
    INSERT INTO trail_storedevent (id, type, version, payload, about, actor_kind, actor_id, actor_label,
                                   correlation_id, causation_id, metadata, occurred_at)
    SELECT id, type, version, payload, string_to_array(about, chr(31)), actor_kind, actor_id, actor_label,
           correlation_id, causation_id, metadata, occurred_at
    FROM unnest(%s::uuid[], %s::text[], %s::smallint[], %s::jsonb[], %s::text[], %s::text[], %s::text[], %s::text[],
                %s::uuid[], %s::uuid[], %s::jsonb[], %s::timestamptz[])
         WITH ORDINALITY AS given (id, type, version, payload, about, actor_kind, actor_id, actor_label,
                                   correlation_id, causation_id, metadata, occurred_at, ordinal)
    ORDER BY ordinal
    RETURNING id, position, about
), linked AS (
    INSERT INTO trail_link (stream, position)
    SELECT stream, position FROM added, unnest(about) AS stream
)
SELECT id, position FROM added
"""


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
    columns = [
        [row.id for row in rows],
        [row.type for row in rows],
        [row.version for row in rows],
        [json.dumps(row.payload) for row in rows],
        [SEPARATOR.join(row.about) for row in rows],
        [row.actor.kind for row in rows],
        [row.actor.id for row in rows],
        [row.actor.label for row in rows],
        [row.correlation for row in rows],
        [row.cause for row in rows],
        [json.dumps(row.metadata) for row in rows],
        [row.occurred_at for row in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(APPEND, columns)  # type: ignore[arg-type]
        return dict(cursor.fetchall())
