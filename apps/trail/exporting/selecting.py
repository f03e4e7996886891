"""Which events an export holds, and reading all of them in the trail's order, so many at a time.

No index answers every combination in order, so the reading goes along one of them, page by page, and keeps what fits:
it takes time in proportion to that index, and memory for one page. Only settled events are read, so nothing can appear
later among those that were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from apps.trail.finding import Wanted, demand_columns
from apps.trail.followers import SEARCH
from apps.trail.models import Follower, StoredEvent
from apps.trail.order import START, Cursor
from apps.trail.reading import Horizon
from apps.trail.searching import that_say

PAGE = 500
ALONG = """
SELECT DISTINCT k.epoch, k.transaction, k.position FROM {given}, LATERAL (
    SELECT epoch, transaction, position FROM {table}
    WHERE {condition} AND (epoch, transaction, position) > (%s, %s, %s) AND (epoch < %s OR transaction < %s)
    ORDER BY epoch, transaction, position LIMIT %s
) AS k ORDER BY 1, 2, 3 LIMIT %s
"""
BY_STREAM = ALONG.format(
    given="unnest(%s::text[]) AS given (stream)", table="trail_link", condition="stream = given.stream"
)
BY_TYPE = ALONG.format(
    given="unnest(%s::text[]) AS given (type)", table="trail_storedevent", condition="type = given.type"
)
BY_ACTOR = ALONG.format(
    given="unnest(%s::text[], %s::text[]) AS given (kind, id)",
    table="trail_storedevent",
    condition="actor_kind = given.kind AND actor_id = given.id",
)
ALL = """
SELECT epoch, transaction, position FROM trail_storedevent
WHERE (epoch, transaction, position) > (%s, %s, %s) AND (epoch < %s OR transaction < %s)
ORDER BY epoch, transaction, position LIMIT %s
"""
OF_CHAIN = """
SELECT epoch, transaction, position FROM trail_storedevent
WHERE correlation_id = %s AND (epoch, transaction, position) > (%s, %s, %s) AND (epoch < %s OR transaction < %s)
ORDER BY epoch, transaction, position LIMIT %s
"""


def pages(wanted: Wanted, *, below: Horizon, size: int = PAGE) -> Iterator[list[StoredEvent]]:
    """The settled events that fit, oldest first; a page may hold few or none where few fit."""
    read = _read_by_search() if wanted.said else START
    place, keys = START, [START]
    while keys:
        keys = _along(wanted, after=place, below=below, size=size)
        if keys:
            yield _fitting(wanted, keys, read)
            place = keys[-1]


def first_few(wanted: Wanted, *, below: Horizon, few: int = 5, look: int = 3) -> tuple[list[StoredEvent], bool]:
    """The oldest few that fit among those looked at first, and whether these are all there is to look at."""
    found: list[StoredEvent] = []
    for looked, page in enumerate(pages(wanted, below=below)):
        found += page
        if len(found) > few or looked + 1 == look:
            return found[:few], False
    return found, True


def _along(wanted: Wanted, *, after: Cursor, below: Horizon, size: int) -> list[Cursor]:
    """The next places on the shortest way that is known to pass all that fit."""
    bounds: list[Any] = [*after, below.epoch, below.transaction]
    by_id = [actor.partition(":")[::2] for actor in wanted.actors if ":" in actor]
    if wanted.correlation:
        return _places(OF_CHAIN, [wanted.correlation, *bounds, size])
    if wanted.streams:
        return _places(BY_STREAM, [list(wanted.streams), *bounds, size, size])
    if wanted.actors and len(by_id) == len(wanted.actors):
        kinds, ids = zip(*by_id, strict=True)
        return _places(BY_ACTOR, [list(kinds), list(ids), *bounds, size, size])
    if wanted.types:
        return _places(BY_TYPE, [list(wanted.types), *bounds, size, size])
    return _places(ALL, [*bounds, size])


def _places(sql: str, given: Sequence[Any]) -> list[Cursor]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return [Cursor(*row) for row in cursor.fetchall()]


def _fitting(wanted: Wanted, keys: Sequence[Cursor], read: Cursor) -> list[StoredEvent]:
    """The events at these places that fit, in their order. `read`: up to where words are known."""
    where, given = ["e.position = ANY(%s)"], [[key.position for key in keys]]

    def demand(condition: str, *values: Any) -> None:
        where.append(condition)
        given.extend(values)

    for streams in (wanted.streams, *wanted.also):
        if streams:
            demand(
                "EXISTS (SELECT FROM trail_link l WHERE l.stream = ANY(%s) AND l.epoch = e.epoch"
                " AND l.transaction = e.transaction AND l.position = e.position)",
                list(streams),
            )
    demand_columns(wanted, demand)
    if wanted.said:
        # What the search has not read yet is looked at below.
        demand(
            "((e.epoch, e.transaction, e.position) > (%s, %s, %s) OR EXISTS (SELECT FROM trail_words w"
            " WHERE w.position = e.position AND w.words @@ websearch_to_tsquery('simple', %s)))",
            *read,
            wanted.said,
        )
    # Every part of the text is this module's own; what people gave is bound.
    sql = (
        f"SELECT e.* FROM trail_storedevent e WHERE {' AND '.join(where)}"  # noqa: S608
        " ORDER BY e.epoch, e.transaction, e.position"
    )
    events = list(StoredEvent.objects.raw(sql, given))
    if not wanted.said:
        return events
    unread = [event for event in events if event.cursor > read]
    saying = {event.position for event in that_say(wanted.said, unread)}
    return [event for event in events if event.cursor <= read or event.position in saying]


def _read_by_search() -> Cursor:
    row = Follower.objects.filter(name=SEARCH).first()
    return row.cursor if row else START
