"""Sealing: every settled event under exactly one seal, in the trail's order, and nobody waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from apps.trail import reading
from apps.trail.models import StoredEvent
from apps.trail.reading import Query
from apps.trail.seals import keeping, leaves, merkle, places, sealing
from apps.trail.seals.chain import BEGINNING
from apps.trail.seals.models import Seal
from tests.trail.lamps import switched
from tests.trail.seals.sealing import seal

# The horizon moves at a commit.
pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = timedelta(0)


def under(one: Seal) -> list[int]:
    return [place.position for place in places.unpack(bytes(one.places))]


def in_thread(work: Callable[[], Any]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_seal_vouches_for_the_events_in_their_order(now: datetime) -> None:
    positions = [entry.position for entry in switched(5, now=now)]

    one = seal(now=now)

    assert (one.number, one.count, under(one)) == (1, 5, positions)
    assert one.first.position == positions[0]
    assert one.last.position == positions[-1]
    assert bytes(one.previous) == BEGINNING
    assert merkle.root(list(leaves.split(bytes(one.leaves)))) == bytes(one.root)
    assert bytes(one.hash) == one.own_hash


def test_each_seal_names_the_one_before(now: datetime) -> None:
    switched(2, now=now)
    first = seal(now=now)
    switched(3, now=now)

    second = seal(now=now)

    assert (second.number, second.count) == (2, 3)
    assert bytes(second.previous) == bytes(first.hash)


def test_with_nothing_new_nothing_is_sealed(now: datetime) -> None:
    switched(2, now=now)
    seal(now=now)

    assert sealing.seal_next(now=now, patience=AT_ONCE) is None
    assert Seal.objects.count() == 1


def test_the_events_of_two_seconds_go_into_one_seal(now: datetime) -> None:
    switched(1, now=now)

    at_once = sealing.seal_next(now=now)
    switched(1, now=now)
    time.sleep(2.1)
    made = None
    until = time.monotonic() + 30
    while made is None and time.monotonic() < until:
        made = sealing.seal_next(now=now)

    assert at_once is None
    assert made is not None
    assert made.count == 2


def test_an_event_that_commits_late_is_sealed_after_what_was_sealed_before(now: datetime) -> None:
    # The writer draws its position first and commits last.
    switched(1, now=now)
    seal(now=now)
    recorded, may_commit = threading.Event(), threading.Event()

    def late() -> None:
        with transaction.atomic():
            [entry] = switched(1, now=now, first=100)
            assert entry.position
            recorded.set()
            may_commit.wait(20)

    writer = in_thread(late)
    assert recorded.wait(20)
    switched(3, now=now)
    while_it_waits = sealing.seal_next(now=now, patience=AT_ONCE)
    may_commit.set()
    writer.join()
    seal(now=now)

    sealed = [position for one in Seal.objects.all() for position in under(one)]
    assert while_it_waits is None
    assert sealed == [event.position for event in reading.forwards(Query(), limit=10)]
    assert len(sealed) == 5


def test_of_two_who_seal_at_once_one_wins(now: datetime) -> None:
    switched(3, now=now)
    seal(now=now)
    switched(3, now=now)
    seen = []

    def again() -> None:
        until = time.monotonic() + 20
        while Seal.objects.count() < 2 and time.monotonic() < until:
            made = sealing.seal_next(now=now, patience=AT_ONCE)
            if made is not None:
                seen.append(made)

    threads = [in_thread(again) for _ in range(4)]
    for thread in threads:
        thread.join()

    assert list(Seal.objects.values_list("number", "count")) == [(1, 3), (2, 3)]


def test_writers_do_not_wait_for_who_seals(now: datetime) -> None:
    switched(3, now=now)
    added, may_commit = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            until = time.monotonic() + 20
            while sealing.seal_next(now=now, patience=AT_ONCE) is None and time.monotonic() < until:
                pass
            added.set()
            may_commit.wait(20)

    sealer = in_thread(hold)
    assert added.wait(30)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        switched(3, now=now)
    may_commit.set()
    sealer.join()

    assert StoredEvent.objects.count() == 6


def test_a_long_backlog_is_sealed_in_batches(now: datetime) -> None:
    switched(10, now=now)

    seal(now=now, most=4)

    assert [one.count for one in Seal.objects.all()] == [4, 4, 2]


@pytest.mark.parametrize("change", ["UPDATE trail_seal SET count = 0", "DELETE FROM trail_seal"])
def test_the_database_refuses_to_change_a_seal(change: str, now: datetime) -> None:
    switched(1, now=now)
    seal(now=now)

    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(change)


def test_how_far_it_is_behind_is_known(now: datetime) -> None:
    switched(2, now=now)
    seal(now=now)
    nothing = sealing.lag()
    switched(3, now=now)

    behind = sealing.lag()

    assert (nothing.unsealed, nothing.since) == (0, None)
    assert behind.unsealed == 3
    assert behind.since == StoredEvent.objects.order_by("position")[2].recorded_at


def test_each_newest_seal_is_added_to_the_file(now: datetime, tmp_path: Path, settings: Any) -> None:
    settings.TRAIL_SEAL_FILE = str(tmp_path / "seals")
    switched(2, now=now)

    until = time.monotonic() + 30
    while not (tmp_path / "seals").exists() and time.monotonic() < until:
        sealing.seal_on(now=now)
        time.sleep(0.1)

    assert keeping.heads_in(tmp_path / "seals") == [Seal.objects.get().head]
    assert (tmp_path / "seals").stat().st_mode & 0o077 == 0


def test_a_file_that_cannot_be_written_holds_up_no_sealing(now: datetime, tmp_path: Path, settings: Any) -> None:
    settings.TRAIL_SEAL_FILE = str(tmp_path / "not" / "there")
    switched(2, now=now)

    until = time.monotonic() + 30
    while not Seal.objects.exists() and time.monotonic() < until:
        sealing.seal_on(now=now)
        time.sleep(0.1)

    assert Seal.objects.count() == 1
