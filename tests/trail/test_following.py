"""Followers: every event at least once, in order, whatever happens to the process that reads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.tickets.models import ReplySourceHealth
from apps.trail import following, reading
from apps.trail.errors import BadEvent, UnknownFollower
from apps.trail.following import Following, advance
from apps.trail.models import Follower, StoredEvent
from tests.trail.lamps import switched

# The horizon moves at a commit.
pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)


class Reader:
    """Follows as `reader`, remembers what it saw, and stumbles over the lamps in `stumbles`."""

    def __init__(self, **options: object) -> None:
        self.seen: list[str] = []
        self.stumbles: set[str] = set()
        defaults = {"types": (), "batch": 4, "from_now": False}
        self.following = Following("reader", self.read, **{**defaults, **options})  # type: ignore[arg-type]

    def read(self, events: Sequence[StoredEvent]) -> None:
        for event in events:
            lamp = str(event.field("lamp"))
            if lamp in self.stumbles:
                raise ValueError(f"{lamp} is too bright")
            # A table the trail does not watch: what is written there is no event to read in turn.
            ReplySourceHealth.objects.create(name=f"{lamp}/{len(self.seen)}")
            self.seen.append(lamp)

    def on(self, *, now: datetime, token: str = "me", wanted: int | None = None) -> int:
        """Reads until nothing is new, or `wanted` were seen: other databases of the cluster hold back the horizon."""
        read, until = 0, time.monotonic() + 30
        while time.monotonic() < until:
            count = advance(self.following, token=token, now=now)
            read += count
            if not count and (wanted is None or len(self.seen) >= wanted):
                break
        return read


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader()
    following._known["reader"] = made.following
    yield made
    del following._known["reader"]


def test_every_event_is_seen_once_and_in_order(reader: Reader, now: datetime) -> None:
    switched(10, now=now)

    reader.on(now=now, wanted=10)
    reader.on(now=now)

    assert reader.seen == [f"lamp {n}" for n in range(10)]


def test_a_follower_of_some_types_is_not_behind_when_others_come(now: datetime) -> None:
    reader = Reader(types=("DoorOpened",))
    switched(10, now=now)

    until = time.monotonic() + 30
    while time.monotonic() < until:
        advance(reader.following, token="me", now=now)
        if following.behind(Follower.objects.get()) == 0:
            break

    assert reader.seen == []
    assert following.behind(Follower.objects.get()) == 0


def test_a_follower_from_now_on_sees_nothing_of_before(now: datetime) -> None:
    reader = Reader(from_now=True)
    last = switched(3, now=now)[-1]
    until = time.monotonic() + 30
    while (newest := reading.newest(reading.horizon())) is None or newest.position < last.position:
        assert time.monotonic() < until
    advance(reader.following, token="me", now=now)

    switched(1, now=now, first=3)
    reader.on(now=now, wanted=1)

    assert reader.seen == ["lamp 3"]


def test_while_one_process_reads_another_does_not_and_takes_over_when_it_died(reader: Reader, now: datetime) -> None:
    switched(2, now=now)
    reader.on(now=now, token="first", wanted=2)
    switched(2, now=now, first=2)

    assert advance(reader.following, token="second", now=now + SECOND) == 0
    reader.on(now=now + following.LEASE + SECOND, token="second", wanted=4)

    assert reader.seen == [f"lamp {n}" for n in range(4)]


def test_what_a_process_does_after_it_lost_its_lease_is_undone(reader: Reader, now: datetime) -> None:
    switched(2, now=now)
    reader.on(now=now, token="slow", wanted=2)
    switched(1, now=now, first=2)
    events = list(StoredEvent.objects.order_by("-position")[:1])
    Follower.objects.update(lease="quick")

    with pytest.raises(following.LeaseLost):
        following._follow(reader.following, events, token="slow", to=events[0].cursor, now=now)

    assert not ReplySourceHealth.objects.filter(name__startswith="lamp 2/").exists()


def test_a_process_that_lost_its_lease_does_not_call_it_a_failure(reader: Reader, now: datetime) -> None:
    switched(2, now=now)
    reader.on(now=now, token="slow", wanted=2)
    row = Follower.objects.get()
    Follower.objects.update(lease="quick")
    events = list(StoredEvent.objects.order_by("position"))

    with pytest.raises(following.LeaseLost):
        following._read(reader.following, events, row, token="slow", to=row.cursor, now=now)

    assert Follower.objects.get().failing_since is None


def test_nothing_new_costs_no_write(reader: Reader, now: datetime) -> None:
    switched(2, now=now)
    reader.on(now=now, wanted=2)

    with CaptureQueriesContext(connection) as queries:
        advance(reader.following, token="me", now=now + SECOND)

    assert [query["sql"] for query in queries if not query["sql"].startswith(("SELECT", "\nSELECT"))] == []


def test_an_event_that_cannot_be_followed_stops_it_there_and_is_tried_again(reader: Reader, now: datetime) -> None:
    switched(6, now=now)
    reader.stumbles = {"lamp 2"}

    reader.on(now=now, wanted=2)
    failing = Follower.objects.get()
    pausing = advance(reader.following, token="me", now=now + timedelta(milliseconds=100))
    reader.stumbles = set()
    reader.on(now=now + 2 * SECOND, wanted=6)

    assert "lamp 2 is too bright" in failing.error
    assert failing.failing_since == now
    assert pausing == 0
    # What it wrote in a batch that failed was undone with it.
    kept = ReplySourceHealth.objects.order_by("pk").values_list("name", flat=True)
    assert [name.partition("/")[0] for name in kept] == [f"lamp {n}" for n in range(6)]
    assert Follower.objects.get().failing_since is None


def test_a_follower_sent_back_reads_everything_from_there_once_more(reader: Reader, now: datetime) -> None:
    entries = switched(4, now=now)
    reader.on(now=now, wanted=4)

    following.send_back("reader", to=entries[2].position, now=now)
    reader.on(now=now, wanted=7)

    # The event that tells of it comes last.
    assert reader.seen == ["lamp 0", "lamp 1", "lamp 2", "lamp 3", "lamp 2", "lamp 3", "None"]


def test_nobody_is_sent_back_to_an_event_that_is_not_there(reader: Reader, now: datetime) -> None:
    switched(1, now=now)
    reader.on(now=now, wanted=1)

    with pytest.raises(BadEvent):
        following.send_back("reader", to=999_999, now=now)
    with pytest.raises(UnknownFollower):
        following.send_back("nobody", to=1, now=now)


def test_a_follower_misses_nothing_while_eight_write(reader: Reader, now: datetime) -> None:
    def write(who: int) -> None:
        for n in range(10):
            switched(now=now, first=who * 100 + n)
        connection.close()

    threads = [threading.Thread(target=write, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        advance(reader.following, token="me", now=now)
    reader.on(now=now, wanted=80)

    assert sorted(reader.seen) == sorted(f"lamp {who * 100 + n}" for who in range(8) for n in range(10))
    for who in range(8):
        mine = [lamp for lamp in reader.seen if who * 100 <= int(lamp.split()[1]) < who * 100 + 10]
        assert mine == [f"lamp {who * 100 + n}" for n in range(10)]
