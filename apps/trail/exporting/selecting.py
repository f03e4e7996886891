"""Which events an export holds, and reading all of them in the trail's order, so many at a time.

No index answers every combination in order, so the reading goes along one of them, page by page, and keeps what fits:
it takes time in proportion to that index, and memory for one page. Only settled events are read, so nothing can appear
later among those that were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.trail.followers import SEARCH, said_by
from apps.trail.models import Follower, StoredEvent
from apps.trail.order import START, Cursor
from apps.trail.reading import Horizon
from apps.trail.searching import MATCH

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


@dataclass(frozen=True)
class Selection:
    """Which events: all that is said must hold, one of several is enough, and what is left out means any."""

    streams: tuple[str, ...] = ()
    # And on one of each of these.
    also: tuple[tuple[str, ...], ...] = ()
    types: tuple[str, ...] = ()
    # Each a kind, such as "job", or a kind and an id, such as "user:7".
    actors: tuple[str, ...] = ()
    # Part of the actor's name as it was then.
    name: str = ""
    correlation: UUID | None = None
    # occurred_at, half-open.
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""


def pages(selection: Selection, *, below: Horizon, size: int = PAGE) -> Iterator[list[StoredEvent]]:
    """The settled events that fit, oldest first; a page may hold few or none where few fit."""
    read = _read_by_search() if selection.words else START
    place, keys = START, [START]
    while keys:
        keys = _along(selection, after=place, below=below, size=size)
        if keys:
            yield _fitting(selection, keys, read)
            place = keys[-1]


def first_few(selection: Selection, *, below: Horizon, few: int = 5, look: int = 3) -> tuple[list[StoredEvent], bool]:
    """The oldest few that fit among those looked at first, and whether these are all there is to look at."""
    found: list[StoredEvent] = []
    for looked, page in enumerate(pages(selection, below=below)):
        found += page
        if len(found) > few or looked + 1 == look:
            return found[:few], False
    return found, True


def _along(selection: Selection, *, after: Cursor, below: Horizon, size: int) -> list[Cursor]:
    """The next places on the shortest way that is known to pass all that fit."""
    bounds: list[Any] = [*after, below.epoch, below.transaction]
    by_id = [actor.partition(":")[::2] for actor in selection.actors if ":" in actor]
    if selection.correlation:
        return _places(OF_CHAIN, [selection.correlation, *bounds, size])
    if selection.streams:
        return _places(BY_STREAM, [list(selection.streams), *bounds, size, size])
    if selection.actors and len(by_id) == len(selection.actors):
        kinds, ids = zip(*by_id, strict=True)
        return _places(BY_ACTOR, [list(kinds), list(ids), *bounds, size, size])
    if selection.types:
        return _places(BY_TYPE, [list(selection.types), *bounds, size, size])
    return _places(ALL, [*bounds, size])


def _places(sql: str, given: Sequence[Any]) -> list[Cursor]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return [Cursor(*row) for row in cursor.fetchall()]


def _fitting(selection: Selection, keys: Sequence[Cursor], read: Cursor) -> list[StoredEvent]:
    """The events at these places that fit, in their order. `read`: up to where words are known."""
    where, given = ["e.position = ANY(%s)"], [[key.position for key in keys]]

    def demand(condition: str, *values: Any) -> None:
        where.append(condition)
        given.extend(values)

    for streams in (selection.streams, *selection.also):
        if streams:
            demand(
                "EXISTS (SELECT FROM trail_link l WHERE l.stream = ANY(%s) AND l.epoch = e.epoch"
                " AND l.transaction = e.transaction AND l.position = e.position)",
                list(streams),
            )
    if selection.types:
        demand("e.type = ANY(%s)", list(selection.types))
    if selection.actors:
        demand("(e.actor_kind = ANY(%s) OR e.actor_kind || ':' || e.actor_id = ANY(%s))", *_told_apart(selection))
    if selection.name:
        demand("strpos(lower(e.actor_label), lower(%s)) > 0", selection.name)
    if selection.correlation:
        demand("e.correlation_id = %s", selection.correlation)
    if selection.since:
        demand("e.occurred_at >= %s", selection.since)
    if selection.until:
        demand("e.occurred_at < %s", selection.until)
    if selection.words:
        # What the search has not read yet is looked at below.
        demand(
            "((e.epoch, e.transaction, e.position) > (%s, %s, %s) OR EXISTS (SELECT FROM trail_words w"
            " WHERE w.position = e.position AND w.words @@ websearch_to_tsquery('simple', %s)))",
            *read,
            selection.words,
        )
    # Every part of the text is this module's own; what people gave is bound.
    sql = (
        f"SELECT e.* FROM trail_storedevent e WHERE {' AND '.join(where)}"  # noqa: S608
        " ORDER BY e.epoch, e.transaction, e.position"
    )
    events = list(StoredEvent.objects.raw(sql, given))
    return _that_say(selection.words, events, read) if selection.words else events


def _told_apart(selection: Selection) -> tuple[list[str], list[str]]:
    return [actor for actor in selection.actors if ":" not in actor], [a for a in selection.actors if ":" in a]


def _read_by_search() -> Cursor:
    row = Follower.objects.filter(name=SEARCH).first()
    return row.cursor if row else START


def _that_say(words: str, events: list[StoredEvent], read: Cursor) -> list[StoredEvent]:
    unread = [event for event in events if event.cursor > read]
    if not unread:
        return events
    with connection.cursor() as cursor:
        cursor.execute(MATCH, [[event.position for event in unread], [said_by(event) for event in unread], words])
        matching = {position for (position,) in cursor.fetchall()}
    return [event for event in events if event.cursor <= read or event.position in matching]
