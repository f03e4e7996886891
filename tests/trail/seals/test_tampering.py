"""Somebody with every right changes the past: each way is found, and what was changed is named."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from apps.trail.models import StoredEvent
from apps.trail.order import Cursor
from apps.trail.seals import comparing, leaves, merkle
from apps.trail.seals.chain import Head
from apps.trail.seals.models import Seal
from apps.trail.seals.verifying import Finding, verify
from tests.trail.lamps import switched
from tests.trail.seals.sealing import seal, tampering

pytestmark = pytest.mark.django_db(transaction=True)
EVENTS = 12


@pytest.fixture
def positions(now: datetime) -> list[int]:
    """Three seals over four events each."""
    made = []
    for first in range(0, EVENTS, 4):
        made += [entry.position for entry in switched(4, now=now, first=first)]
        seal(now=now)
    return made


def found() -> list[Finding]:
    """What verifying finds, which is the same whoever makes the hashes."""
    told = verify().findings
    assert verify(read=leaves.made_here).findings == told
    return told


def only() -> Finding:
    [one] = found()
    return one


def test_an_untouched_trail_holds(positions: list[int]) -> None:
    verified = verify(links=True)

    assert verified.holds
    assert (verified.seals, verified.events, verified.first) == (3, EVENTS, 1)
    assert verified.newest is not None
    assert verified.newest.last.position == positions[-1]
    assert verify(read=leaves.made_here).holds


CHANGES = {
    "a letter of the payload": """payload = jsonb_set(payload, '{lamp}', '"lamp 4x"')""",
    "1 into 1.0": "payload = payload || '{\"room\": 1.0}'",
    "the type": "type = 'DoorOpened'",
    "the version": "version = 2",
    "the actor": "actor_label = 'Somebody else'",
    "the kind of actor": "actor_kind = 'user'",
    "the actor's id": "actor_id = '7'",
    "what it is about": "about = about || 'customer:acme'::text",
    "the cause": "causation_id = correlation_id",
    "the chain": "correlation_id = id",
    "the id": "id = gen_random_uuid()",
    "the metadata": 'metadata = \'{"path": "/"}\'',
    "when it happened, by a microsecond": "occurred_at = occurred_at + interval '1 microsecond'",
    "when it happened, to never": "occurred_at = 'infinity'",
    "when it happened, to long ago": "occurred_at = '4000-01-01 BC'",
    "the payload, to what its type cannot read": "payload = '{\"lamp\": [1], \"room\": null}', type = 'EventsLinked'",
    "when it was recorded": "recorded_at = recorded_at - interval '1 hour'",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_an_altered_event_is_named(positions: list[int], change: str) -> None:
    with tampering() as cursor:
        cursor.execute(f"UPDATE trail_storedevent SET {change} WHERE position = %s", [positions[5]])

    one = only()

    event_id = StoredEvent.objects.values_list("event_id", flat=True).get(position=positions[5])
    assert (one.what, one.seal, one.position) == (comparing.ALTERED, 2, positions[5])
    assert one.says.startswith(f"Event {positions[5]} ({event_id}: ")
    assert one.says.endswith(") was altered, under seal 2.")


@pytest.mark.parametrize("index", [0, 3, 4, 7, 11])
def test_a_deleted_event_is_named(positions: list[int], index: int) -> None:
    with tampering() as cursor:
        cursor.execute("DELETE FROM trail_storedevent WHERE position = %s", [positions[index]])

    one = only()

    assert (one.what, one.seal, one.position) == (comparing.MISSING, 1 + index // 4, positions[index])
    assert one.says == f"Event {positions[index]} is missing, under seal {1 + index // 4}."


def test_a_swapped_pair_is_named(positions: list[int]) -> None:
    with tampering() as cursor:
        for at, to in ((5, -1), (6, 5), (-1, 6)):
            cursor.execute(
                "UPDATE trail_storedevent SET position = %s WHERE position = %s",
                [positions[to] if to > 0 else -1, positions[at] if at > 0 else -1],
            )

    first, second = found()

    assert (first.what, first.seal, first.position) == (comparing.REORDERED, 2, positions[5])
    assert (second.what, second.seal, second.position) == (comparing.REORDERED, 2, positions[6])
    event = StoredEvent.objects.get(position=positions[5])
    assert first.says == (
        f"Event {positions[5]} ({event.event_id}: {event.sentence}) was reordered: "
        f"it stood where event {positions[6]} should be, under seal 2."
    )


def test_an_event_moved_to_another_transaction_is_named(positions: list[int], now: datetime) -> None:
    with tampering() as cursor:
        cursor.execute("UPDATE trail_storedevent SET transaction = transaction - 1 WHERE position = %s", [positions[5]])

    one = only()

    assert (one.what, one.seal, one.position) == (comparing.REORDERED, 2, positions[5])


@pytest.mark.parametrize("seal_number", [1, 2, 3])
def test_an_inserted_event_is_named(positions: list[int], seal_number: int) -> None:
    like = positions[seal_number * 4 - 2]
    with tampering() as cursor:
        cursor.execute(
            """
            INSERT INTO trail_storedevent (position, id, epoch, transaction, type, version, payload, about, actor_kind,
                                           actor_id, actor_label, correlation_id, metadata, occurred_at)
            SELECT -5, gen_random_uuid(), epoch, transaction, type, version, payload, about, actor_kind, actor_id,
                   actor_label, correlation_id, metadata, occurred_at
            FROM trail_storedevent WHERE position = %s
            """,
            [like],
        )

    one = only()

    assert (one.what, one.seal, one.position) == (comparing.ADDED, seal_number, -5)
    assert "was added afterwards" in one.says


@pytest.mark.parametrize("place", ["-1, 0", "0, 0", "-2147483648, -5"])
def test_an_event_inserted_before_all_others_is_named(positions: list[int], place: str) -> None:
    with tampering() as cursor:
        cursor.execute(
            f"""
            INSERT INTO trail_storedevent (position, id, epoch, transaction, type, version, payload, about, actor_kind,
                                           actor_id, actor_label, correlation_id, metadata, occurred_at)
            SELECT -5, gen_random_uuid(), {place}, type, version, payload, about, actor_kind, actor_id, actor_label,
                   correlation_id, metadata, occurred_at
            FROM trail_storedevent WHERE position = %s
            """,
            [positions[0]],
        )

    one = only()

    assert (one.what, one.seal, one.position) == (comparing.ADDED, 1, -5)


def test_an_event_that_was_taken_off_a_stream_is_named(positions: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE trail_link DISABLE TRIGGER trail_link_keep")
        cursor.execute("DELETE FROM trail_link WHERE position = %s", [positions[5]])
        cursor.execute("ALTER TABLE trail_link ENABLE ALWAYS TRIGGER trail_link_keep")

    [one] = verify(links=True).findings

    event = StoredEvent.objects.get(position=positions[5])
    assert (one.seal, one.position) == (2, positions[5])
    assert one.says == f"Event {positions[5]} ({event.event_id}: {event.sentence}) is no longer on house, under seal 2."
    assert verify().holds


def test_of_several_changes_the_first_comes_first(positions: list[int]) -> None:
    with tampering() as cursor:
        cursor.execute("DELETE FROM trail_storedevent WHERE position = %s", [positions[9]])
        cursor.execute("UPDATE trail_storedevent SET type = 'X' WHERE position = %s", [positions[2]])
        cursor.execute("DELETE FROM trail_storedevent WHERE position = %s", [positions[1]])

    assert [(one.what, one.position) for one in found()] == [
        (comparing.MISSING, positions[1]),
        (comparing.ALTERED, positions[2]),
        (comparing.MISSING, positions[9]),
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("UPDATE trail_seal SET root = '\\x00' WHERE number = 2", "Seal 2 itself was altered."),
        ("UPDATE trail_seal SET made_at = now() WHERE number = 2", "Seal 2 itself was altered."),
        ("UPDATE trail_seal SET count = 3 WHERE number = 2", "Seal 2 itself was altered."),
        ("UPDATE trail_seal SET previous = '\\x00' WHERE number = 2", "Seal 2 does not follow on the one before it."),
        ("UPDATE trail_seal SET hash = '\\x00' WHERE number = 2", "Seal 2 itself was altered."),
        ("UPDATE trail_seal SET count = 2147483647, epoch = 9 WHERE number = 2", "Seal 2 itself was altered."),
        ("DELETE FROM trail_seal WHERE number = 2", "Seal 2 is missing: after it comes seal 3."),
    ],
)
def test_an_altered_chain_is_named(positions: list[int], change: str, says: str) -> None:
    with tampering() as cursor:
        cursor.execute(change)

    assert found()[0].says == says


def test_an_event_altered_with_what_its_seal_kept_of_it_is_found(positions: list[int]) -> None:
    with tampering() as cursor:
        cursor.execute("UPDATE trail_storedevent SET type = 'X' WHERE position = %s", [positions[5]])
        cursor.execute("UPDATE trail_seal SET leaves = '\\x00' WHERE number = 2")

    one = only()

    assert (one.seal, one.says) == (2, "Under seal 2 something was altered, and so was what it kept of each event.")


def cut_off(cursor: Any, after: int) -> None:
    """Everything after a seal is gone, and so are the seals over it."""
    cursor.execute(
        "DELETE FROM trail_storedevent WHERE position > (SELECT position FROM trail_seal WHERE number = %s)", [after]
    )
    cursor.execute("DELETE FROM trail_seal WHERE number > %s", [after])


def test_an_end_that_was_cut_off_is_seen_by_the_kept_head_alone(positions: list[int]) -> None:
    kept = Seal.objects.get(number=3).head
    with tampering() as cursor:
        cut_off(cursor, after=2)

    assert verify().holds
    [one] = verify(heads=[kept]).findings
    assert one.says == "Seal 3 was kept outside, and the chain ends with seal 2: the rest was cut off."


def test_an_end_that_was_sealed_anew_is_seen_by_the_kept_head_alone(positions: list[int], now: datetime) -> None:
    heads = [one.head for one in Seal.objects.all()]
    with tampering() as cursor:
        cut_off(cursor, after=1)
    switched(4, now=now)
    seal(now=now)
    switched(4, now=now)
    seal(now=now)

    assert verify().holds
    [one] = verify(heads=heads).findings
    assert one.says == "Seal 2 is not the one that was kept outside: up to there the trail was rewritten."


def test_a_kept_seal_that_is_missing_in_the_middle_is_named(positions: list[int]) -> None:
    kept = Seal.objects.get(number=2).head
    with tampering() as cursor:
        cursor.execute("DELETE FROM trail_seal WHERE number = 2")

    assert verify(heads=[kept]).findings[-1].says == "Seal 2 was kept outside, and is missing."


def test_a_trail_that_is_gone_is_seen_by_the_kept_head(positions: list[int]) -> None:
    kept = Seal.objects.get(number=3).head
    with tampering() as cursor:
        cut_off(cursor, after=0)
        cursor.execute("DELETE FROM trail_storedevent")
        cursor.execute("DELETE FROM trail_seal")

    [one] = verify(heads=[kept]).findings
    assert one.says == "Seal 3 was kept outside, and there is no seal at all: the rest was cut off."


def test_a_head_that_is_right_changes_nothing(positions: list[int]) -> None:
    assert verify(heads=[one.head for one in Seal.objects.all()]).holds
    assert not verify(heads=[Head(2, bytes(32))]).holds


def test_from_a_seal_on_what_is_before_is_not_looked_at(positions: list[int]) -> None:
    with tampering() as cursor:
        cursor.execute("UPDATE trail_storedevent SET type = 'X' WHERE position = %s", [positions[1]])

    later = verify(start=2)

    assert later.holds
    assert (later.seals, later.events, later.first) == (2, 8, 2)
    assert not verify(start=1).holds


def test_with_few_events_asked_for_only_the_newest_are_read(positions: list[int]) -> None:
    with tampering() as cursor:
        cursor.execute("UPDATE trail_storedevent SET type = 'X' WHERE position = %s", [positions[-1]])

    quick = verify(newest_events=2)

    assert quick.seals == 3
    assert [one.position for one in quick.findings] == [positions[-1]]


def test_verifying_writes_nothing(positions: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        try:
            assert verify().holds
        finally:
            cursor.execute("SET default_transaction_read_only = off")


def test_a_long_trail_is_read_a_piece_at_a_time(positions: list[int]) -> None:
    with tampering() as cursor:
        cursor.execute("DELETE FROM trail_storedevent WHERE position = %s", [positions[8]])

    verified = verify(at_once=5, seals_at_once=2)

    assert (verified.seals, verified.events) == (3, EVENTS)
    assert [(one.what, one.position) for one in verified.findings] == [(comparing.MISSING, positions[8])]


def test_differences_of_a_batch_are_told_in_order() -> None:
    def place(position: int) -> Cursor:
        return Cursor(1, 1, position)

    def leaf(said: str, position: int) -> bytes:
        return merkle.leaf(f"{position}{said}".encode())

    names = {1: "a", 2: "b", 3: "c", 4: "d"}
    there = {1: "a", 2: "c", 3: "b", 5: "e"}
    told = comparing.differences(
        {place(n): leaf(said, n) for n, said in names.items()},
        {place(n): leaf(said, n) for n, said in there.items()},
        lambda at, to: leaf(there[at.position], to.position),
    )

    assert [(one.place.position, one.what, one.was_at and one.was_at.position) for one in told] == [
        (2, comparing.REORDERED, 3),
        (3, comparing.REORDERED, 2),
        (4, comparing.MISSING, None),
        (5, comparing.ADDED, None),
    ]
