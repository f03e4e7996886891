"""The tree of causes and effects around an event."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
import uuid_utils.compat as uuids
from django.db import connection

from apps.trail import services as trail
from apps.trail import store
from apps.trail.causation import DOWN, UP, Node, Tree, chain
from apps.trail.context import Actor
from apps.trail.models import StoredEvent
from tests.trail.lamps import LampSwitched, switched

pytestmark = pytest.mark.django_db

Shape = tuple[str, list["Shape"]]


def lamp(name: str, cause: UUID | None = None, *, now: datetime) -> UUID:
    """A lamp is switched, because of something; its id."""
    happening = trail.Happening(event=LampSwitched(lamp=name, room="hall"), about=["house"], cause=cause)
    return trail.record_many([happening], now=now)[0].id


def around(id: UUID, **bound: int) -> Tree:
    return chain(StoredEvent.objects.get(event_id=id), **bound)


def shape(node: Node) -> Shape:
    return node.event.payload["lamp"], [shape(child) for child in node.children]


def size(node: Node) -> int:
    waiting, count = [node], 0
    while waiting:
        waiting.extend(waiting.pop().children)
        count += 1
    return count


def test_every_event_of_a_chain_shows_the_whole_tree_from_its_root(now: datetime) -> None:
    root = lamp("root", now=now)
    first, second = lamp("first", root, now=now), lamp("second", root, now=now)
    leaf = lamp("leaf", first, now=now)
    lamp("elsewhere", now=now)

    for each in (root, first, second, leaf):
        tree = around(each)

        assert shape(tree.root) == ("root", [("first", [("leaf", [])]), ("second", [])])
        assert not tree.cut


def test_a_cause_that_is_not_on_the_trail_counts_as_none(now: datetime) -> None:
    only = lamp("only", uuids.uuid7(), now=now)

    assert shape(around(only).root) == ("only", [])


def test_of_too_many_the_way_to_the_event_and_what_it_led_to_stay(now: datetime) -> None:
    root = lamp("root", now=now)
    for n in range(30):
        lamp(f"other {n}", root, now=now)
    event = lamp("event", root, now=now)
    lamp("leaf", event, now=now)

    tree = around(event, most=5)

    assert tree.cut
    assert size(tree.root) == 5
    assert ("event", [("leaf", [])]) in shape(tree.root)[1]


@pytest.mark.parametrize(("most", "cut"), [(4, False), (3, True)])
def test_a_tree_that_just_fits_is_not_cut(now: datetime, most: int, cut: bool) -> None:
    root = lamp("root", now=now)
    for n in range(3):
        lamp(f"leaf {n}", root, now=now)

    tree = around(root, most=most)

    assert (tree.cut, size(tree.root)) == (cut, min(most, 4))


def test_a_chain_longer_than_the_stack_is_cut_above(now: datetime) -> None:
    ids = [uuids.uuid7() for _ in range(3_000)]
    store.append(
        [
            store.Row(
                id=known,
                type="LampSwitched",
                version=3,
                payload={"lamp": str(n), "room": "hall"},
                about=("house",),
                actor=Actor("system"),
                correlation=ids[0],
                cause=ids[n - 1] if n else None,
                metadata={},
                occurred_at=now,
            )
            for n, known in enumerate(ids)
        ]
    )

    whole, cut = around(ids[0], most=3_000), around(ids[-1], most=2_000)

    assert (size(whole.root), whole.cut) == (3_000, False)
    assert (size(cut.root), cut.cut, cut.root.event.payload["lamp"]) == (2_000, True, "1000")


def test_causes_that_run_in_a_circle_end(now: datetime) -> None:
    one, two = uuids.uuid7(), uuids.uuid7()
    row = {"type": "LampSwitched", "version": 3, "about": ("house",), "actor": Actor("system"), "metadata": {}}
    store.append(
        [
            store.Row(id=a, cause=b, correlation=one, occurred_at=now, payload={"lamp": str(a), "room": "hall"}, **row)
            for a, b in ((one, two), (two, one))
        ]
    )

    assert size(around(one).root) == 2


def test_the_search_goes_by_indexes(now: datetime) -> None:
    root = lamp("root", now=now)
    causes = [root, *(entry.id for entry in switched(5_000, now=now))]
    trail.record_many(
        [
            trail.Happening(event=LampSwitched(lamp="effect", room="hall"), about=["house"], cause=cause)
            for cause in causes
        ],
        now=now,
    )

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE trail_storedevent")
        plans = []
        for query, given in ((UP, [root, 101]), (DOWN, [root, 101, 101])):
            cursor.execute(f"EXPLAIN {query}", given)
            plans.append("\n".join(row[0] for row in cursor.fetchall()))

    assert "using trail_storedevent_id" in plans[0]
    assert "trail_causation" in plans[1]
    assert "Seq Scan" not in "".join(plans)
