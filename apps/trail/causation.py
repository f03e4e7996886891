"""What led to an event and what it led to, as one tree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from apps.trail.models import StoredEvent

# UNION rather than UNION ALL, so that causes that run in a circle, which nothing forbids, end as well. Without an
# ORDER BY the rows come as they are found, level by level, and LIMIT ends the search. A plain join downwards might be
# planned as one look at the whole table; the lateral part is one look into the index an event.
UP = """
WITH RECURSIVE up (id, causation_id) AS (
    SELECT id, causation_id FROM trail_storedevent WHERE id = %s
    UNION
    SELECT e.id, e.causation_id FROM up JOIN trail_storedevent e ON e.id = up.causation_id
)
SELECT id FROM up LIMIT %s
"""
DOWN = """
WITH RECURSIVE down (id) AS (
    SELECT %s::uuid
    UNION
    SELECT e.id FROM down, LATERAL (
        SELECT id FROM trail_storedevent WHERE causation_id = down.id LIMIT %s
    ) AS e
)
SELECT id FROM down LIMIT %s
"""


@dataclass(frozen=True)
class Node:
    """An event with what it led to, in the trail's order."""

    event: StoredEvent
    children: tuple[Node, ...]


@dataclass(frozen=True)
class Tree:
    """Everything with one root cause; `cut` when there was more than was asked for."""

    root: Node
    cut: bool


def chain(event: StoredEvent, *, most: int = 500) -> Tree:
    """The tree of everything that has the same root cause as `event`, of at most so many events.

    When that is too many, what led to `event` goes first, then what it led to, then the rest. A cause that is not on
    the trail counts as none.
    """
    up = _ids(UP, [event.event_id, most + 1])
    path = up[:most]
    kept = dict.fromkeys(path)
    cut = len(up) > most
    for start in (event.event_id, path[-1]):
        for found in _ids(DOWN, [start, most + 1, most + 1]):
            if found not in kept and len(kept) == most:
                cut = True
                break
            kept[found] = None
    return Tree(_tree(path[-1], kept), cut)


def _ids(query: str, given: list[UUID | int]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return [row[0] for row in cursor.fetchall()]


def _tree(root: UUID, ids: Iterable[UUID]) -> Node:
    """The events under `root` as nodes. Without recursion: a chain may be longer than Python's stack."""
    events = StoredEvent.objects.in_bulk(list(ids), field_name="event_id")
    effects: dict[UUID | None, list[UUID]] = {}
    for found in sorted(events.values(), key=lambda event: event.cursor):
        effects.setdefault(found.causation_id, []).append(found.event_id)
    order, placed = [root], {root}
    led_to: dict[UUID, list[UUID]] = {}
    for each in order:
        led_to[each] = [effect for effect in effects.get(each, ()) if effect not in placed]
        placed.update(led_to[each])
        order.extend(led_to[each])
    nodes: dict[UUID, Node] = {}
    for each in reversed(order):
        nodes[each] = Node(events[each], tuple(nodes[effect] for effect in led_to[each]))
    return nodes[root]
