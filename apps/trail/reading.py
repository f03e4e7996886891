"""Reading the trail in its order: forwards or backwards, from any place, by stream, type, actor, chain, time, words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.trail.models import Link, StoredEvent
from apps.trail.order import START, Cursor

# What is recorded later may still belong before an event of a transaction that is at work, or above one.
HORIZON = "SELECT trail_current_epoch(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
NEWEST = """
SELECT epoch, transaction, position FROM trail_storedevent WHERE epoch < %s OR transaction < %s
ORDER BY epoch DESC, transaction DESC, position DESC LIMIT 1
"""
COUNT_AFTER = """
SELECT count(*) FROM (
    SELECT FROM trail_storedevent WHERE (epoch, transaction, position) > (%s, %s, %s)
    ORDER BY epoch, transaction, position LIMIT %s
) AS later
"""
# From type to type by the index, however many events there are of each.
TYPES = """
WITH RECURSIVE known (type) AS (
    (SELECT type FROM trail_storedevent ORDER BY type LIMIT 1)
    UNION ALL
    SELECT (SELECT e.type FROM trail_storedevent e WHERE e.type > known.type ORDER BY e.type LIMIT 1)
    FROM known WHERE known.type IS NOT NULL
)
SELECT type FROM known WHERE type IS NOT NULL
"""


@dataclass(frozen=True)
class Query:
    """Which events: all that is said must hold, and what is left out means any."""

    stream: str = ""
    types: tuple[str, ...] = ()
    # A kind, such as "job", or a kind and an id, such as "user:7".
    actor: str = ""
    # Any of these, each a kind and an id: one person acts by more than one door.
    actors: tuple[str, ...] = ()
    correlation: UUID | None = None
    # occurred_at, half-open.
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""


@dataclass(frozen=True)
class Horizon:
    """Everything of earlier epochs, and of this one below `transaction`, is visible for good."""

    epoch: int
    transaction: int


def horizon() -> Horizon:
    """Up to where a reader who must miss nothing may go now."""
    with connection.cursor() as cursor:
        cursor.execute(HORIZON)
        return Horizon(*cursor.fetchone())


def version(stream: str) -> int:
    """How many events are on the stream: what `expected` of `services.record` compares with."""
    return Link.objects.filter(stream=stream).count()


def recorded_types() -> list[str]:
    """Every type there is an event of, as it is stored, by name."""
    with connection.cursor() as cursor:
        cursor.execute(TYPES)
        return [name for (name,) in cursor.fetchall()]


def newest(below: Horizon) -> Cursor | None:
    """The last settled event's place; None on an empty trail."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, [below.epoch, below.transaction])
        row = cursor.fetchone()
        return Cursor(*row) if row else None


def count_after(cursor: Cursor, *, most: int) -> int:
    """How many events come after the place, counted up to `most`."""
    with connection.cursor() as reader:
        reader.execute(COUNT_AFTER, [*cursor, most])
        count: int = reader.fetchone()[0]
        return count


def forwards(query: Query, *, after: Cursor = START, limit: int, below: Horizon | None = None) -> list[StoredEvent]:
    """The first `limit` events after the place, oldest first; with `below` only such as are settled."""
    return _read(query, "ASC", after=after, before=None, limit=limit, below=below)


def backwards(query: Query, *, before: Cursor | None = None, limit: int) -> list[StoredEvent]:
    """The last `limit` events before the place (None: the trail's end), newest first."""
    return _read(query, "DESC", after=None, before=before, limit=limit, below=None)


def between(query: Query, *, after: Cursor, before: Cursor | None = None, limit: int) -> list[StoredEvent]:
    """The last `limit` events after one place and before another (None: the trail's end), newest first."""
    return _read(query, "DESC", after=after, before=before, limit=limit, below=None)


def _read(
    query: Query,
    direction: str,
    *,
    after: Cursor | None,
    before: Cursor | None,
    limit: int,
    below: Horizon | None,
) -> list[StoredEvent]:
    # Whatever drives the reading gives the order from its own index: the stream's links, the words, or the events.
    table = "l" if query.stream else "w" if query.words else "e"
    place = f"({table}.epoch, {table}.transaction, {table}.position)"
    tables = ["trail_storedevent e"]
    where: list[str] = []
    given: list[Any] = []

    def demand(condition: str, *values: Any) -> None:
        where.append(condition)
        given.extend(values)

    if query.stream:
        tables.append("JOIN trail_link l USING (position)")
        demand("l.stream = %s", query.stream)
    if query.words:
        tables.append("JOIN trail_words w ON w.position = e.position")
        demand("w.words @@ websearch_to_tsquery('simple', %s)", query.words)
    if query.types:
        demand("e.type = ANY(%s)", list(query.types))
    if query.actor:
        kind, _, actor = query.actor.partition(":")
        demand("e.actor_kind = %s", kind)
        if actor:
            demand("e.actor_id = %s", actor)
    if query.actors:
        pairs = [part for each in query.actors for part in each.partition(":")[::2]]
        demand(f"({' OR '.join(['(e.actor_kind = %s AND e.actor_id = %s)'] * len(query.actors))})", *pairs)
    if query.correlation:
        demand("e.correlation_id = %s", query.correlation)
    if query.since:
        demand("e.occurred_at >= %s", query.since)
    if query.until:
        demand("e.occurred_at < %s", query.until)
    if after is not None and after != START:
        demand(f"{place} > (%s, %s, %s)", *after)
    if before is not None:
        demand(f"{place} < (%s, %s, %s)", *before)
    if below is not None:
        demand(f"({table}.epoch < %s OR {table}.transaction < %s)", below.epoch, below.transaction)
    order = ", ".join(f"{table}.{column} {direction}" for column in ("epoch", "transaction", "position"))
    # Every part of the text is this module's own; what people gave is bound.
    narrowed = f"WHERE {' AND '.join(where)}" if where else ""
    sql = f"SELECT e.* FROM {' '.join(tables)} {narrowed} ORDER BY {order} LIMIT %s"  # noqa: S608
    return list(StoredEvent.objects.raw(sql, [*given, limit]))
