"""Streams: links made afterwards, versions that are expected, events of one's own, and old payloads."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from apps.trail import reading
from apps.trail import services as trail
from apps.trail.errors import BadEvent, StreamMoved
from apps.trail.models import Link, StoredEvent
from apps.trail.reading import Query
from tests import make
from tests.trail.lamps import DoorOpened, LampSwitched, switched

pytestmark = pytest.mark.django_db


def on(stream: str) -> list[int]:
    return [event.position for event in reading.forwards(Query(stream=stream), limit=1000)]


def test_an_event_can_be_put_on_further_streams_afterwards_without_being_copied(now: datetime) -> None:
    first, second = switched(2, now=now)

    added = trail.link([first.position, second.position], to="case:7", now=now, because="the hall was dark")

    assert added == 2
    linked = StoredEvent.objects.latest("position")
    assert on("case:7") == [first.position, second.position, linked.position]
    assert linked.sentence == "2 events were linked to case:7: the hall was dark"
    assert StoredEvent.objects.filter(type="LampSwitched").count() == 2


def test_linking_again_changes_nothing(now: datetime) -> None:
    [entry] = switched(now=now)
    trail.link([entry.position], to="case:7", now=now)

    assert trail.link([entry.position], to="case:7", now=now) == 0
    assert StoredEvent.objects.filter(type="EventsLinked").count() == 1


def test_what_is_linked_late_keeps_its_own_place_on_the_stream(now: datetime) -> None:
    old, _, new = switched(3, now=now)
    trail.link([new.position], to="case:7", now=now)

    trail.link([old.position], to="case:7", now=now)

    assert on("case:7")[:2] == [old.position, new.position]


def test_an_event_that_is_not_there_is_not_linked(now: datetime) -> None:
    with pytest.raises(BadEvent, match="There is no event 99"):
        trail.link([99], to="case:7", now=now)

    assert not Link.objects.exists()


def test_who_expects_the_streams_version_records_on_it(now: datetime) -> None:
    switched(2, now=now)

    trail.record(DoorOpened(door="front"), about=["house"], now=now, expected={"house": reading.version("house")})

    assert reading.version("house") == 3


def test_who_expects_another_version_is_refused_and_can_go_on(now: datetime) -> None:
    switched(2, now=now)

    with pytest.raises(StreamMoved, match="house is at version 2, not 1"):
        trail.record(DoorOpened(door="front"), about=["house"], now=now, expected={"house": 1})

    trail.record(DoorOpened(door="back"), about=["house"], now=now, expected={"house": 2, "garden": 0})
    assert StoredEvent.objects.filter(type="DoorOpened").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_expect_the_same_version_at_once_one_is_refused(now: datetime) -> None:
    switched(now=now)
    refused: list[StreamMoved] = []

    def other() -> None:
        try:
            trail.record(DoorOpened(door="back"), about=["house"], now=now, expected={"house": 1})
        except StreamMoved as error:
            refused.append(error)
        connection.close()

    with transaction.atomic():
        trail.record(DoorOpened(door="front"), about=["house"], now=now, expected={"house": 1})
        thread = threading.Thread(target=other)
        thread.start()
        make.until_somebody_waits()
    thread.join()

    assert len(refused) == 1
    assert reading.version("house") == 2


@pytest.mark.django_db(transaction=True)
def test_who_expects_a_version_waits_for_a_writer_at_work_that_expects_nothing(now: datetime) -> None:
    refused: list[StreamMoved] = []

    def other() -> None:
        try:
            trail.record(DoorOpened(door="back"), about=["house"], now=now, expected={"house": 0})
        except StreamMoved as error:
            refused.append(error)
        connection.close()

    with transaction.atomic():
        switched(now=now)
        thread = threading.Thread(target=other)
        thread.start()
        make.until_somebody_waits()
    thread.join()

    assert len(refused) == 1


@pytest.mark.django_db(transaction=True)
def test_writers_of_one_stream_that_expect_nothing_do_not_wait_for_each_other(now: datetime) -> None:
    def other() -> None:
        switched(now=now)
        connection.close()

    # The very first event of a cluster begins its epoch, for which all others wait.
    switched(now=now)
    with transaction.atomic():
        switched(now=now)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(30)
        assert not thread.is_alive()

    assert reading.version("house") == 3


def test_an_event_of_ones_own_is_a_line(now: datetime) -> None:
    trail.publish("VatRateCorrected", data={"rate": 19}, about=["customer:acme"], now=now)

    stored = StoredEvent.objects.get()
    assert (stored.type, stored.payload, stored.about) == ("VatRateCorrected", {"rate": 19}, ["customer:acme"])
    assert stored.sentence == "Vat rate corrected"


def nested(levels: int) -> object:
    """So many lists in each other."""
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def test_an_event_of_ones_own_may_name_its_cause_and_joins_its_chain(now: datetime) -> None:
    [cause] = switched(now=now)

    trail.publish("VatRateCorrected", about=["customer:acme"], cause=cause.id, now=now)

    stored = StoredEvent.objects.get(type="VatRateCorrected")
    assert (stored.causation_id, stored.correlation_id) == (cause.id, cause.correlation)


def test_a_cause_that_is_not_there_and_a_time_to_come_are_refused(now: datetime) -> None:
    with pytest.raises(BadEvent, match="could have led to it"):
        trail.publish("VatRateCorrected", about=["customer:acme"], cause=UUID(int=1), now=now)
    with pytest.raises(BadEvent, match="in the future"):
        trail.publish("VatRateCorrected", about=["customer:acme"], occurred_at=now + timedelta(minutes=6), now=now)


@pytest.mark.parametrize(
    ("name", "data", "about", "reason"),
    [
        ("vat rate", {}, ["customer:acme"], "past tense"),
        ("TicketOpened", {}, ["customer:acme"], "recorded by the portal itself"),
        ("VatRateCorrected", {"rate": 1j}, ["customer:acme"], "cannot hold a complex"),
        ("VatRateCorrected", {}, [], "what it is about"),
        ("VatRateCorrected", {}, ["x" * 201], "at most 200"),
        ("VatRateCorrected", {"text": "é" * 40_000}, ["customer:acme"], "80,0.. bytes"),
        ("VatRateCorrected", {"rate": float("nan")}, ["customer:acme"], "not JSON compliant"),
        ("VatRateCorrected", {"deep": nested(20)}, ["customer:acme"], "nested too deeply: at most 20"),
        ("VatRateCorrected", {"deep": nested(2_000)}, ["customer:acme"], "nested too deeply"),
        ("VatRateCorrected", {"half": "\ud800"}, ["customer:acme"], "surrogates not allowed"),
    ],
)
def test_an_event_of_ones_own_that_makes_no_sense_is_refused_with_the_reason(
    now: datetime, name: str, data: dict[str, object], about: list[str], reason: str
) -> None:
    with pytest.raises(BadEvent, match=reason):
        trail.publish(name, data=data, about=about, now=now)

    assert not StoredEvent.objects.exists()


@pytest.mark.parametrize(
    ("type", "version", "payload"),
    [
        ("LightSwitched", 1, {"number": 4}),
        ("LampSwitched", 2, {"lamp": "lamp 4"}),
        ("LampSwitched", 3, {"lamp": "lamp 4", "room": "hall"}),
    ],
)
def test_an_old_payload_is_read_as_one_of_today_and_stays_as_it_was(
    type: str, version: int, payload: dict[str, object]
) -> None:
    stored = StoredEvent(type=type, version=version, payload=payload)

    assert stored.event == LampSwitched(lamp="lamp 4", room="hall")
    assert stored.payload == payload


def test_a_payload_newer_than_the_code_is_still_shown_by_its_type() -> None:
    stored = StoredEvent(type="LampSwitched", version=4, payload={"dimmed": True})

    assert stored.event is None
    assert stored.sentence == "Lamp switched"
