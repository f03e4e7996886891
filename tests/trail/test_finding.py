"""Finding events: every combination gives what looking at each event would, and paging neither loses nor doubles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from django.db import connection

from apps.trail import services as trail
from apps.trail.context import Actor, acting
from apps.trail.errors import BadCursor
from apps.trail.events import Custom
from apps.trail.finding import FIRST_LOOK, LOOK, RARE, Found, Wanted, find, read_key, write_key
from apps.trail.followers import SEARCH, find_by_words
from apps.trail.models import Follower, StoredEvent

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ANA, BEN, SWEEP = Actor("user", "1", "Ana Torres"), Actor("slack", "UBEN", "Ben"), Actor("job", "sweep", "Sweep")


def happened(name: str, *about: str, now: datetime, **data: object) -> int:
    return trail.publish(name, data, about, now=now).position


def read_words() -> None:
    """The search follower has read everything; it would not before the commit, which a test never reaches."""
    events = list(StoredEvent.objects.order_by("position"))
    find_by_words(events)
    Follower.objects.update_or_create(name=SEARCH, defaults=events[-1].cursor._asdict())


def pages(wanted: Wanted, *, limit: int, look: int = LOOK) -> Iterator[Found]:
    before = ""
    while True:
        page = find(wanted, before=before, limit=limit, look=look)
        yield page
        if not page.older:
            return
        before = page.older


def positions(wanted: Wanted, *, limit: int = 3, look: int = LOOK) -> list[int]:
    return [event.position for page in pages(wanted, limit=limit, look=look) for event in page.events]


@pytest.fixture
def mixed(now: datetime) -> list[StoredEvent]:
    """Two kinds by three people on two streams over eight hours, one in five told late; the newest are not read yet."""
    actors, streams = (ANA, BEN, SWEEP), (("ticket:1", "customer:acme"), ("ticket:2",), ("ticket:1",))
    for number in range(40):
        hour = number % 8 if number % 5 else (number * 3) % 8
        with acting(actor=actors[number % 3], correlation=UUID(int=number % 4 + 1)):
            happened(
                "LampKindled" if number % 2 else "GateOpened",
                *streams[number % 7 % 3],
                now=now + hour * HOUR,
                room="kitchen" if number % 4 else "red hall",
            )
        if number == 30:
            read_words()
    return list(StoredEvent.objects.order_by("position"))


def fits(event: StoredEvent, wanted: Wanted) -> bool:
    actors = {event.actor_kind, f"{event.actor_kind}:{event.actor_id}"}
    return (
        (not wanted.streams or bool(set(wanted.streams) & set(event.about)))
        and (not wanted.types or event.type in wanted.types)
        and (not wanted.actors or bool(actors & set(wanted.actors)))
        and wanted.name.lower() in event.actor_label.lower()
        and (wanted.correlation is None or event.correlation_id == wanted.correlation)
        and (wanted.since is None or event.occurred_at >= wanted.since)
        and (wanted.until is None or event.occurred_at < wanted.until)
        and (not wanted.words or wanted.words in event.payload["room"])
    )


def test_every_combination_finds_what_looking_at_each_event_finds(now: datetime, mixed: list[StoredEvent]) -> None:
    for streams, types, actors, correlation, window, words in product(
        [(), ("ticket:1",), ("customer:acme", "ticket:2")],
        [(), ("GateOpened",), ("GateOpened", "LampKindled")],
        [(), ("user:1",), ("job", "slack:UBEN"), ("console",)],
        [None, UUID(int=2)],
        [(None, None), (now + HOUR, None), (now + HOUR, now + 5 * HOUR)],
        ["", "hall"],
    ):
        wanted = Wanted(
            streams=streams,
            types=types,
            actors=actors,
            correlation=correlation,
            since=window[0],
            until=window[1],
            words=words,
        )
        fitting = [event for event in mixed if fits(event, wanted)]
        by_time = sorted(fitting, key=lambda event: (event.occurred_at, event.position), reverse=True)
        by_place = sorted(fitting, key=lambda event: event.cursor, reverse=True)

        found = positions(wanted, limit=7)

        assert found == [event.position for event in (by_time if wanted.by_time else by_place)], wanted


def test_part_of_a_name_finds_who_is_no_agent(mixed: list[StoredEvent]) -> None:
    assert positions(Wanted(name="torres")) == [e.position for e in reversed(mixed) if e.actor_label == "Ana Torres"]


def test_an_event_that_was_linked_later_is_on_the_stream(now: datetime, mixed: list[StoredEvent]) -> None:
    trail.link([mixed[3].position], to="case:1", now=now)

    assert positions(Wanted(streams=("case:1",), types=(mixed[3].type,))) == [mixed[3].position]
    assert positions(Wanted(also=(("case:1",),), types=(mixed[3].type,))) == [mixed[3].position]


def test_what_comes_in_between_two_pages_moves_nothing(now: datetime, mixed: list[StoredEvent]) -> None:
    first = find(Wanted(words="hall"), limit=4)
    happened("GateOpened", "ticket:1", now=now, room="red hall")
    second = find(Wanted(words="hall"), before=first.older, limit=50)

    found = [event.position for event in (*first.events, *second.events)]

    assert found == [event.position for event in reversed(mixed) if "hall" in event.payload["room"]]


@pytest.fixture
def long(now: datetime) -> list[int]:
    """The positions of four blue lamps, far from each other among so many red lamps and blue doors."""
    many = 2 * RARE + 4 * FIRST_LOOK
    blue_lamps = range(1501, many, 3002)
    happenings = [
        trail.Happening(
            event=Custom(
                name="LampKindled" if number % 2 else "GateOpened",
                data={"colour": "red" if number % 2 and number not in blue_lamps else "blue"},
            ),
            about=["house"],
            occurred_at=now + number * timedelta(seconds=1),
        )
        for number in range(many)
    ]
    recorded = trail.record_many(happenings, now=now)
    read_words()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE trail_words, trail_storedevent, trail_link")
    return [recorded[number].position for number in blue_lamps]


@pytest.mark.parametrize("hours", [0, 1])
def test_a_rare_meeting_of_two_frequent_things_is_found_page_by_short_page(
    now: datetime, long: list[int], hours: int
) -> None:
    wanted = Wanted(types=("LampKindled",), words="blue", since=now if hours else None)

    found = list(pages(wanted, limit=5, look=FIRST_LOOK))

    assert [event.position for page in found for event in page.events] == long[::-1]
    assert [page.short for page in found[:-1]] == [True] * (len(found) - 1)
    assert found[0].looked_to is not None


def test_a_page_looks_at_no_more_than_it_may(long: list[int]) -> None:
    page = find(Wanted(types=("GateOpened",), words="-blue"), limit=50)

    assert page.events == []
    assert page.short


def test_somebody_who_did_little_is_found_at_once_however_much_others_did(now: datetime, long: list[int]) -> None:
    with acting(actor=Actor("console", "7", "Ana")):
        position = happened("VatRateCorrected", "house", now=now, colour="blue")

    page = find(Wanted(streams=("house",), actors=("console",), since=now - HOUR), limit=5)

    assert [event.position for event in page.events] == [position]
    assert page.older == ""


@pytest.mark.parametrize("text", ["x", "1.2", "1.2.3.4", "99999999999999999999.1.1", "1_x", "_", "9" * 30 + "_1"])
@pytest.mark.parametrize("by_time", [False, True])
def test_what_is_no_place_is_refused(text: str, by_time: bool) -> None:
    with pytest.raises(BadCursor):
        read_key(text, by_time=by_time)


@pytest.mark.parametrize("key", [(1, 2, 3), (datetime.fromisoformat("2026-03-18T09:00:00.000001+00:00"), 7)])
def test_a_place_is_read_as_it_was_written(key: tuple[object, ...]) -> None:
    assert read_key(write_key(key), by_time=len(key) == 2) == key
