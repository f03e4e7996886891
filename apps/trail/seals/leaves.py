"""The leaves of events, made by the database: it reads, writes as canonical bytes and hashes in one go.

The expression stands here and not in a function of the database, which whoever changes the past could change as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection

from apps.trail.order import Cursor
from apps.trail.reading import Horizon
from apps.trail.seals import canonical, merkle

# extract() is exact; trunc() takes off the places behind the microseconds, and bears infinity.
DOCUMENT = """
json_build_array(
    epoch, transaction, position, id, type, version, about, actor_kind, actor_id, actor_label, correlation_id,
    causation_id, trunc(extract(epoch FROM occurred_at) * 1000000), trunc(extract(epoch FROM recorded_at) * 1000000),
    payload, metadata
)::text
"""
HASHED = f"sha256('\\x00'::bytea || convert_to({DOCUMENT}, 'UTF8'))"
AFTER = "(epoch, transaction, position) > (%s, %s, %s)"
UP_TO = "(epoch, transaction, position) <= (%s, %s, %s)"
IN_ORDER = "ORDER BY epoch, transaction, position"
SETTLED = "(epoch < %s OR transaction < %s)"

# Every part is this module's own; what is given is bound.
NEXT = f"""
SELECT epoch, transaction, position, {HASHED} FROM trail_storedevent
WHERE {AFTER} AND {SETTLED} {IN_ORDER} LIMIT %s
"""  # noqa: S608
TOGETHER = f"""
SELECT string_agg(leaf, ''::bytea) FROM (
    SELECT {HASHED} AS leaf FROM trail_storedevent WHERE {AFTER} AND {UP_TO} {IN_ORDER} LIMIT %s
) AS leaves
"""  # noqa: S608
DOCUMENTS = f"""
SELECT epoch, transaction, position, {DOCUMENT} FROM trail_storedevent WHERE {AFTER} AND {UP_TO} {IN_ORDER} LIMIT %s
"""  # noqa: S608
# Python knows no instant beyond these years; an event never had one.
KNOWN = "CASE WHEN {0} BETWEEN '0001-01-02Z' AND '9999-12-30Z' THEN {0} END"
VALUES = f"""
SELECT epoch, transaction, position, id, type, version, about, actor_kind, actor_id, actor_label, correlation_id,
       causation_id, {KNOWN.format("occurred_at")}, {KNOWN.format("recorded_at")}, payload::text, metadata::text
FROM trail_storedevent WHERE {AFTER} AND {UP_TO} {IN_ORDER} LIMIT %s
"""  # noqa: S608


class Leaf(NamedTuple):
    """An event's hash, and where it stands."""

    place: Cursor
    hash: bytes


class Document(NamedTuple):
    """An event's canonical bytes, and where it stands."""

    place: Cursor
    text: str

    def moved_to(self, place: Cursor) -> bytes:
        """The leaf the same event would have at another place."""
        here, there = (f"[{', '.join(map(str, cursor))}, " for cursor in (self.place, place))
        return merkle.leaf((there + self.text.removeprefix(here)).encode())


def settled_after(place: Cursor, *, below: Horizon, limit: int) -> list[Leaf]:
    """The next settled events' leaves."""
    rows = _rows(NEXT, [*place, below.epoch, below.transaction, limit])
    return [Leaf(Cursor(*row[:3]), bytes(row[3])) for row in rows]


def between(after: Cursor, to: Cursor, *, limit: int) -> list[bytes]:
    """The leaves after one place up to and with another, as one piece of the database's work."""
    [(joined,)] = _rows(TOGETHER, [*after, *to, limit])
    hashes = bytes(joined or b"")
    return [hashes[at : at + merkle.SIZE] for at in range(0, len(hashes), merkle.SIZE)]


def made_here(after: Cursor, to: Cursor, *, limit: int) -> list[bytes]:
    """The same leaves, made in this process from the values alone."""
    found = []
    for row in _rows(VALUES, [*after, *to, limit]):
        values = dict(zip(canonical.COLUMNS, row, strict=True))
        values |= {name: canonical.read(values[name]) for name in ("payload", "metadata")}
        found.append(merkle.leaf(canonical.document(values)))
    return found


def documents(after: Cursor, to: Cursor, *, limit: int) -> list[Document]:
    """The canonical bytes of the events after one place up to and with another."""
    return [Document(Cursor(*row[:3]), row[3]) for row in _rows(DOCUMENTS, [*after, *to, limit])]


def _rows(sql: str, given: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def split(leaves: bytes) -> Iterator[bytes]:
    """The leaves that were joined."""
    return (leaves[at : at + merkle.SIZE] for at in range(0, len(leaves), merkle.SIZE))
