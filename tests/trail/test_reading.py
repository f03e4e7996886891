"""Reading the trail: forwards and backwards, from any place, narrowed by everything it can be narrowed by."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from apps.trail import following, reading
from apps.trail import services as trail
from apps.trail.context import Actor, acting
from apps.trail.errors import BadCursor
from apps.trail.models import StoredEvent
from apps.trail.order import START, Cursor
from apps.trail.reading import Query
from apps.trail.searching import search
from tests.trail.lamps import DoorOpened, switched

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def positions(events: list[StoredEvent]) -> list[int]:
    return [event.position for event in events]


def test_pages_by_cursor_give_every_event_once_in_both_directions(now: datetime) -> None:
    everything = [entry.position for entry in switched(25, now=now)]

    def pages(read: Callable[[Cursor | None], list[StoredEvent]]) -> list[int]:
        found: list[int] = []
        at: Cursor | None = None
        while page := read(at):
            found += positions(page)
            at = page[-1].cursor
        return found

    oldest = pages(lambda at: reading.forwards(Query(stream="house"), after=at or START, limit=10))
    newest = pages(lambda at: reading.backwards(Query(), before=at, limit=10))

    assert oldest == everything
    assert newest == everything[::-1]


def test_a_question_is_narrowed_by_all_that_is_said(now: datetime) -> None:
    with acting(actor=Actor("user", "7", "Ana"), correlation=UUID(int=5)):
        [wanted] = switched(now=now, about=["house", "hall"])
    switched(3, now=now + DAY, about=["house"])
    trail.record(DoorOpened(door="front"), about=["hall"], now=now)

    for query in (
        Query(stream="hall", types=("LampSwitched",)),
        Query(actor="user:7"),
        Query(actor="user"),
        Query(correlation=UUID(int=5)),
        Query(types=("LampSwitched",), until=now + timedelta(hours=1)),
        Query(stream="house", since=now, until=now + timedelta(hours=1)),
    ):
        assert positions(reading.backwards(query, limit=10)) == [wanted.position], query
        assert positions(reading.forwards(query, limit=10)) == [wanted.position], query


def test_with_an_end_and_no_beginning_the_newest_before_the_end_come_first(now: datetime) -> None:
    old = switched(3, now=now - 400 * DAY)
    switched(3, now=now)

    found = reading.backwards(Query(until=now - DAY), limit=2)

    assert positions(found) == [old[2].position, old[1].position]


def test_what_happened_long_ago_and_was_told_late_is_on_a_later_page_of_what_was_before_an_end(now: datetime) -> None:
    old = switched(2, now=now - 30 * DAY)
    yesterday = switched(2, now=now - timedelta(hours=30))
    late = switched(1, now=now - 20 * DAY)

    query = Query(until=now - DAY)
    first = reading.backwards(query, limit=2)
    second = reading.backwards(query, before=first[-1].cursor, limit=10)

    assert sorted(positions(first + second)) == [entry.position for entry in (*old, *yesterday, *late)]


@pytest.mark.parametrize("text", ["", "1", "1.2", "1.2.3.4", "a.b.c", "1.2.-3", "1.2.99999999999999999999"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        Cursor.parse(text)


def test_a_place_is_written_and_read() -> None:
    assert Cursor.parse(str(Cursor(1, 83_921, 4711))) == Cursor(1, 83_921, 4711)


@pytest.mark.parametrize("read_before", [False, True])
def test_an_event_is_found_by_its_words_whether_the_follower_has_read_it_or_not(
    now: datetime, read_before: bool
) -> None:
    switched(3, now=now)
    front = trail.record(DoorOpened(door="front"), about=["ticket:4711"], now=now)
    if read_before:
        [follower] = [each for each in following.followers() if each.name == "search"]
        following.advance(follower, token="me", now=now)

    for words in ("front", "4711", "door opened", "front -back", '"front door"'):
        assert positions(search(Query(words=words), limit=10)) == [front.position], words
    assert not search(Query(words="cellar"), limit=10)


@pytest.mark.django_db(transaction=True)
def test_a_reader_below_the_horizon_misses_nothing_while_eight_write(now: datetime) -> None:
    writers, each = 8, 40
    seen: list[int] = []
    done = threading.Event()

    def write(who: int) -> None:
        for n in range(each):
            with transaction.atomic():
                switched(now=now, first=n, about=[f"house:{who}"])
        connection.close()

    def read() -> None:
        at = START
        # The horizon waits behind transactions of other databases in the cluster, too.
        until = time.monotonic() + 60
        while len(seen) < writers * each and time.monotonic() < until:
            finished = done.is_set()
            page = reading.forwards(Query(), after=at, limit=50, below=reading.horizon())
            seen.extend(positions(page))
            at = page[-1].cursor if page else at
            if not page and finished:
                time.sleep(0.01)
        connection.close()

    threads = [threading.Thread(target=write, args=(who,)) for who in range(writers)]
    reader = threading.Thread(target=read)
    reader.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()

    assert len(seen) == len(set(seen)) == writers * each


@pytest.mark.django_db(transaction=True)
def test_an_event_of_a_transaction_that_is_still_at_work_holds_back_what_comes_after_it(now: datetime) -> None:
    began, ended = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            [entry] = switched(now=now, about=["slow"])
            assert entry.position
            began.set()
            ended.wait(30)
        connection.close()

    # The very first event of a cluster begins its epoch, for which all others wait.
    [first] = switched(now=now)
    thread = threading.Thread(target=slow)
    thread.start()
    began.wait(30)
    switched(now=now, about=["quick"])
    meanwhile = reading.forwards(Query(), limit=10, below=reading.horizon())
    ended.set()
    thread.join()

    assert set(positions(meanwhile)) <= {first.position}
    assert [event.about for event in reading.forwards(Query(), limit=10)] == [["house"], ["slow"], ["quick"]]
