"""Finding events for people: whatever is asked for together, a page costs about the same on any length of trail.

No index answers every combination in order. So a page goes along one of them, newest first, and looks at no more than
so many entries of it; where those are used up before the page is full, it says up to where it looked, and whoever reads
on begins there. Before it goes on along a long one it sees whether another is short enough to be looked through whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from apps.trail.errors import BadCursor
from apps.trail.followers import SEARCH
from apps.trail.models import Follower, StoredEvent
from apps.trail.order import START, Cursor
from apps.trail.reading import Query, between
from apps.trail.searching import MOST_UNREAD, that_say

# Looked at before anything else is considered: most pages are full by then.
FIRST_LOOK = 500
# What is no longer than this is looked through whole; what is found by words may be a little longer.
SHORT, RARE = 2_000, 5_000
# How far one page looks at most; who scrolls on has the patience for more.
LOOK, LOOK_ON = 3_000, 10_000
MOST_ACTORS = 200

Key = tuple[Any, ...]
Source = Callable[["Key | None", int], "list[Key]"]

PLACE = ("epoch", "transaction", "position")
# Whoever asks for a time wants it in the order of the time.
TIME = ("occurred_at", "position")

BY_STREAM = """
SELECT DISTINCT k.epoch, k.transaction, k.position FROM unnest(%s::text[]) AS given (stream), LATERAL (
    SELECT epoch, transaction, position FROM trail_link WHERE stream = given.stream {before}
    ORDER BY epoch DESC, transaction DESC, position DESC LIMIT %s
) AS k ORDER BY 1 DESC, 2 DESC, 3 DESC LIMIT %s
"""
BY_TYPE = """
SELECT k.epoch, k.transaction, k.position FROM unnest(%s::text[]) AS given (type), LATERAL (
    SELECT epoch, transaction, position FROM trail_storedevent WHERE type = given.type {before}
    ORDER BY epoch DESC, transaction DESC, position DESC LIMIT %s
) AS k ORDER BY 1 DESC, 2 DESC, 3 DESC LIMIT %s
"""
BY_ACTOR = """
SELECT k.epoch, k.transaction, k.position FROM unnest(%s::text[], %s::text[]) AS given (kind, id), LATERAL (
    SELECT epoch, transaction, position FROM trail_storedevent
    WHERE actor_kind = given.kind AND actor_id = given.id {before}
    ORDER BY epoch DESC, transaction DESC, position DESC LIMIT %s
) AS k ORDER BY 1 DESC, 2 DESC, 3 DESC LIMIT %s
"""
IN_ORDER = """
SELECT epoch, transaction, position FROM trail_storedevent WHERE true {before}
ORDER BY epoch DESC, transaction DESC, position DESC LIMIT %s
"""
BY_TIME = """
SELECT occurred_at, position FROM trail_storedevent WHERE occurred_at >= %s AND occurred_at < %s {before}
ORDER BY occurred_at DESC, position DESC LIMIT %s
"""
OF_CHAIN = "SELECT epoch, transaction, position FROM trail_storedevent WHERE correlation_id = %s LIMIT %s"
BY_WORDS = """
SELECT epoch, transaction, position FROM trail_words WHERE words @@ websearch_to_tsquery('simple', %s) LIMIT %s
"""
# Each id of a kind of actors, from one to the next in the index.
ACTORS = """
WITH RECURSIVE known (id) AS (
    (SELECT actor_id FROM trail_storedevent WHERE actor_kind = %s ORDER BY actor_id LIMIT 1)
    UNION ALL
    SELECT (SELECT actor_id FROM trail_storedevent WHERE actor_kind = %s AND actor_id > known.id
            ORDER BY actor_id LIMIT 1)
    FROM known WHERE known.id IS NOT NULL
)
SELECT id FROM known WHERE id IS NOT NULL LIMIT %s
"""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
EVER = (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))


@dataclass(frozen=True)
class Wanted:
    """Which events: all that is said must hold, one of several is enough, and what is left out means any."""

    streams: tuple[str, ...] = ()
    # And on one of each of these.
    also: tuple[tuple[str, ...], ...] = ()
    types: tuple[str, ...] = ()
    # A kind, such as "job", or a kind and an id, such as "user:7".
    actors: tuple[str, ...] = ()
    # Whole words of the actor's name as it was then.
    name: str = ""
    correlation: UUID | None = None
    # occurred_at, half-open.
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""

    @property
    def by_time(self) -> bool:
        """Whether the order is that of occurred_at; else it is the trail's."""
        return self.since is not None or self.until is not None

    @property
    def said(self) -> str:
        """All words an event has to have."""
        return f"{self.words} {self.name}".strip()

    @property
    def rest(self) -> Query:
        """What of it one `reading.Query` can say."""
        return Query(types=self.types, correlation=self.correlation, since=self.since, until=self.until)


@dataclass(frozen=True)
class Found:
    """A page, newest first. `older` is where the next begins; `short` when there may be more before it is full."""

    events: list[StoredEvent] = field(default_factory=list)
    older: str = ""
    short: bool = False
    # Up to when a short page looked.
    looked_to: datetime | None = None


def find(wanted: Wanted, *, before: str = "", limit: int, look: int = LOOK) -> Found:
    """The newest `limit` events before the place, having looked at about so many. Raises BadCursor."""
    search = _Search(wanted, limit)
    start = read_key(before, by_time=wanted.by_time)
    few = search.few()
    if few is not None:
        return search.page(search.among(few, before=start), before=start)
    found: list[StoredEvent] = []
    place, looked, size = start, 0, FIRST_LOOK
    while looked < look and len(found) <= limit:
        keys = search.along(place, size)
        found += search.of(keys, before=start, on_streams=search.goes_along_streams)
        if len(keys) < size:
            return search.page(found, before=start)
        place, looked = keys[-1], looked + len(keys)
        if looked == FIRST_LOOK and len(found) <= limit:
            few = search.short(start)
            if few is not None:
                return search.page(search.among(few, before=start), before=start)
        size = max(look - looked, 1)
    return search.page(found, before=start, end=place)


class _Search:
    """What is wanted, as statements."""

    def __init__(self, wanted: Wanted, limit: int) -> None:
        self.wanted, self.limit = wanted, limit
        self.columns = TIME if wanted.by_time else PLACE
        self.actors = _each(wanted.actors)
        sources: list[tuple[bool, Source]] = [
            (bool(wanted.streams), self._of_streams),
            (bool(wanted.actors) and self.actors is not None, self._of_actors),
            (bool(wanted.types), self._of_types),
        ]
        given = [source for is_given, source in sources if is_given]
        # Along the times where one is given; else along the first thing that is, or the trail itself.
        self.along: Source = self._of_times if wanted.by_time else given[0] if given else self._in_order
        self.others = [source for source in given if source != self.along]
        self.goes_along_streams = bool(wanted.streams) and not wanted.by_time

    def few(self) -> list[Key] | None:
        """The places of all that can be, where that is few without a look."""
        wanted = self.wanted
        if wanted.actors and self.actors == []:
            return []
        if wanted.correlation:
            return _whole(_rows(OF_CHAIN, [wanted.correlation, RARE + 1]), RARE)
        if wanted.said and _estimate(wanted.said) <= RARE:
            return _whole(_rows(BY_WORDS, [wanted.said, RARE + 1]), RARE)
        if wanted.by_time and wanted.streams:
            return _whole(self._of_streams(None, SHORT + 1), SHORT)
        return None

    def short(self, before: Key | None) -> list[Key] | None:
        """The places of all that can be, where one of the other ways to them is short."""
        # They go by place, so in the order of times each page has the whole of them.
        start = None if self.wanted.by_time else before
        found = (_whole(source(start, SHORT + 1), SHORT) for source in self.others)
        return next((keys for keys in found if keys is not None), None)

    def among(self, places: Sequence[Key], *, before: Key | None) -> list[StoredEvent]:
        """Those of the places that are wanted, as `of`, without reading more events than it takes."""
        if self.wanted.by_time:
            return self.of(places, before=before)
        places = sorted((key for key in places if before is None or key < before), reverse=True)
        found: list[StoredEvent] = []
        start, size = 0, 2 * self.limit
        while start < len(places) and len(found) <= self.limit:
            found += self.of(places[start : start + size], before=before)
            start, size = start + size, FIRST_LOOK
        return found

    def _of_streams(self, before: Key | None, limit: int) -> list[Key]:
        return self._keys(BY_STREAM, [list(self.wanted.streams)], before, [limit, limit])

    def _of_types(self, before: Key | None, limit: int) -> list[Key]:
        return self._keys(BY_TYPE, [list(self.wanted.types)], before, [limit, limit])

    def _of_actors(self, before: Key | None, limit: int) -> list[Key]:
        kinds, ids = zip(*(self.actors or ()), strict=True)
        return self._keys(BY_ACTOR, [list(kinds), list(ids)], before, [limit, limit])

    def _in_order(self, before: Key | None, limit: int) -> list[Key]:
        return self._keys(IN_ORDER, [], before, [limit])

    def _of_times(self, before: Key | None, limit: int) -> list[Key]:
        window = [self.wanted.since or EVER[0], self.wanted.until or EVER[1]]
        return self._keys(BY_TIME, window, before, [limit], TIME)

    def _keys(
        self, sql: str, given: list[Any], before: Key | None, limits: list[int], columns: tuple[str, ...] = PLACE
    ) -> list[Key]:
        return _rows(sql.format(before=_before(columns, before)), [*given, *(before or ()), *limits])

    def of(self, places: Sequence[Key], *, before: Key | None, on_streams: bool = False) -> list[StoredEvent]:
        """Those at the places that are wanted, newest first, one more than a page at most.

        `on_streams`: they are known to be on the streams.
        """
        if not places:
            return []
        tables = "trail_storedevent e"
        where, given = ["e.position = ANY(%s)"], [[key[-1] for key in places]]

        def demand(condition: str, *values: Any) -> None:
            where.append(condition)
            given.extend(values)

        wanted = self.wanted
        if wanted.streams and not on_streams:
            _on_streams(wanted.streams, demand)
        for streams in wanted.also:
            _on_streams(streams, demand)
        demand_columns(wanted, demand)
        if wanted.said:
            tables += " JOIN trail_words w ON w.position = e.position"
            demand("w.words @@ websearch_to_tsquery('simple', %s)", wanted.said)
        if before is not None:
            columns = ", ".join(f"e.{column}" for column in self.columns)
            demand(f"({columns}) < ({', '.join(['%s'] * len(before))})", *before)
        order = ", ".join(f"e.{column} DESC" for column in self.columns)
        # Every part of the text is this module's own; what people gave is bound.
        sql = f"SELECT e.* FROM {tables} WHERE {' AND '.join(where)} ORDER BY {order} LIMIT %s"  # noqa: S608
        return list(StoredEvent.objects.raw(sql, [*given, self.limit + 1]))

    def page(self, found: list[StoredEvent], *, before: Key | None, end: Key | None = None) -> Found:
        """The page, with what the search follower has not read yet in its place; `end` is where the look ended."""
        there = {event.position: event for event in found}
        for event in self._unread():
            key = self.key(event)
            # What is beyond where it looked comes with the page after.
            if (before is None or key < before) and (end is None or key >= end):
                there.setdefault(event.position, event)
        events = sorted(there.values(), key=self.key, reverse=True)
        if len(events) > self.limit:
            last = events[self.limit - 1]
            return Found(events[: self.limit], older=write_key(self.key(last)))
        if end is None:
            return Found(events)
        looked_to = end[0] if self.wanted.by_time else StoredEvent.objects.get(position=end[-1]).occurred_at
        return Found(events, older=write_key(end), short=True, looked_to=looked_to)

    def key(self, event: StoredEvent) -> Key:
        """The event's place in the order of this search."""
        return (event.occurred_at, event.position) if self.wanted.by_time else tuple(event.cursor)

    def _unread(self) -> list[StoredEvent]:
        if not self.wanted.said:
            return []
        row = Follower.objects.filter(name=SEARCH).first()
        unread = between(self.wanted.rest, after=row.cursor if row else START, limit=MOST_UNREAD)
        fitting = [event for event in unread if self._fits(event)]
        return that_say(self.wanted.said, fitting)

    def _fits(self, event: StoredEvent) -> bool:
        wanted = self.wanted
        actors = {event.actor_kind, f"{event.actor_kind}:{event.actor_id}"}
        return (
            all(not set(streams).isdisjoint(event.about) for streams in (wanted.streams, *wanted.also) if streams)
            and (not wanted.actors or not actors.isdisjoint(wanted.actors))
            and wanted.name.lower() in event.actor_label.lower()
        )


def _on_streams(streams: tuple[str, ...], demand: Callable[..., None]) -> None:
    # Of a customer's many tickets what an event is about, which is told by the event itself; an event that was linked
    # later is looked for on the first stream, the customer's own.
    demand(
        "(e.about && %s::varchar[] OR EXISTS (SELECT FROM trail_link l WHERE l.stream = %s AND l.epoch = e.epoch"
        " AND l.transaction = e.transaction AND l.position = e.position))",
        list(streams),
        streams[0],
    )


def demand_columns(wanted: Wanted, demand: Callable[..., None]) -> None:
    """What is asked of an event's own columns, for a page of the search and for an export alike."""
    if wanted.types:
        demand("e.type = ANY(%s)", list(wanted.types))
    if wanted.actors:
        demand("(e.actor_kind = ANY(%s) OR e.actor_kind || ':' || e.actor_id = ANY(%s))", *_told_apart(wanted))
    if wanted.name:
        demand("strpos(lower(e.actor_label), lower(%s)) > 0", wanted.name)
    if wanted.correlation:
        demand("e.correlation_id = %s", wanted.correlation)
    if wanted.since:
        demand("e.occurred_at >= %s", wanted.since)
    if wanted.until:
        demand("e.occurred_at < %s", wanted.until)


def _told_apart(wanted: Wanted) -> tuple[list[str], list[str]]:
    """The actors that are wanted: the kinds, and those that have an id."""
    return [actor for actor in wanted.actors if ":" not in actor], [actor for actor in wanted.actors if ":" in actor]


def _each(actors: tuple[str, ...]) -> list[tuple[str, str]] | None:
    """Every kind and id that is meant; None when those are too many to go along."""
    each: list[tuple[str, str]] = []
    for actor in actors:
        kind, colon, known = actor.partition(":")
        each += [(kind, known)] if colon else [(kind, row[0]) for row in _rows(ACTORS, [kind, kind, MOST_ACTORS + 1])]
    return each if len(each) <= MOST_ACTORS else None


def _whole(keys: list[Key], most: int) -> list[Key] | None:
    return keys if len(keys) <= most else None


def _estimate(words: str) -> int:
    """How many events have the words, by the statistics of the database."""
    query = "EXPLAIN (FORMAT JSON) SELECT FROM trail_words WHERE words @@ websearch_to_tsquery('simple', %s)"
    [(plan,)] = _rows(query, [words])
    [read] = plan if isinstance(plan, list) else json.loads(plan)
    return int(read["Plan"]["Plan Rows"])


def _before(columns: tuple[str, ...], key: Key | None) -> str:
    return "" if key is None else f"AND ({', '.join(columns)}) < ({', '.join(['%s'] * len(columns))})"


def _rows(sql: str, given: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())


def write_key(key: Key) -> str:
    """The place as a text: of the trail's order as its cursor is written, of times with microseconds before it."""
    if len(key) == len(PLACE):
        return str(Cursor(*key))
    return f"{(key[0] - EPOCH) // MICROSECOND}_{key[1]}"


def read_key(text: str, *, by_time: bool) -> Key | None:
    """The place that was written as `text`; None for the trail's end. Raises BadCursor."""
    if not text:
        return None
    if not by_time:
        return tuple(Cursor.parse(text))
    microseconds, _, position = text.partition("_")
    try:
        if len(position) > 18:
            raise ValueError
        return (EPOCH + int(microseconds) * MICROSECOND, int(position))
    except (ValueError, OverflowError) as error:
        raise BadCursor(f"“{text[:60]}” is no place on the trail; take one from an earlier answer.") from error
