"""Reading the trail through the API: by cursor, narrowed, one event, its tree, and the types there are."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import uuid_utils.compat as uuids
from rest_framework.test import APIClient

from apps.trail import services as trail
from apps.trail import store
from apps.trail.catalogue import catalogue
from apps.trail.context import Actor, acting
from tests import make
from tests.api.conftest import Bearer
from tests.api.test_problems import problem
from tests.trail.lamps import DoorOpened, LampSwitched, switched

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/events/"


@pytest.fixture
def client(bearing: Bearer) -> APIClient:
    """An integration that may read the trail."""
    return bearing("events")


def positions(page: Any) -> list[int]:
    assert page.status_code == 200, page.content
    return [event["position"] for event in page.json()["results"]]


def test_an_event_is_told_whole(client: APIClient, settings: Any, now: datetime) -> None:
    settings.BASE_URL = "https://support.example.com"
    cause = trail.record(DoorOpened(door="front"), about=["house"], now=now)
    chain, seen = UUID(int=5), {"path": "/somewhere/"}
    with acting(actor=Actor("user", "7", "Ana"), correlation=chain, cause=cause.id, metadata=seen):
        [entry] = switched(now=now, about=["house", "hall"])

    for name in (entry.position, entry.id):
        event = client.get(f"{EVENTS}{name}/").json()

        recorded_at, cursor = event.pop("recorded_at"), event.pop("cursor")
        assert event == {
            "id": str(entry.id),
            "position": entry.position,
            "type": "LampSwitched",
            "version": 3,
            "occurred_at": "2026-03-18T09:00:00Z",
            "actor": {"kind": "user", "id": "7", "label": "Ana"},
            "streams": ["house", "hall"],
            "correlation_id": str(chain),
            "causation_id": str(cause.id),
            "sentence": "lamp 0 in the hall was switched",
            "payload": {"lamp": "lamp 0", "room": "hall"},
            "metadata": seen,
            "url": f"https://support.example.com/trail/{entry.position}/",
        }
        assert recorded_at.endswith("Z")
        assert cursor.endswith(f".{entry.position}")


def test_an_old_payload_is_told_as_one_of_today_and_found_under_its_new_name(client: APIClient, now: datetime) -> None:
    row = store.Row(
        id=uuids.uuid7(),
        type="LightSwitched",
        version=1,
        payload={"number": 4},
        about=("house",),
        actor=Actor("system"),
        correlation=uuids.uuid7(),
        cause=None,
        metadata={},
        occurred_at=now,
    )
    store.append([row])

    [event] = client.get(f"{EVENTS}?type=LampSwitched").json()["results"]

    assert (event["type"], event["version"]) == ("LampSwitched", 3)
    assert event["payload"] == {"lamp": "lamp 4", "room": "hall"}


def test_back_from_the_newest_by_before_until_nothing_is_left(client: APIClient, now: datetime) -> None:
    everything = [entry.position for entry in switched(7, now=now)]

    found, before = [], ""
    while before is not None:
        page = client.get(f"{EVENTS}?stream=house&limit=3{before and '&before='}{before}")
        found += positions(page)
        before = page.json()["next"]

    assert found == everything[::-1]


@pytest.mark.django_db(transaction=True)
def test_on_from_the_first_by_after_and_next_stays_when_nothing_is_new(client: APIClient, now: datetime) -> None:
    everything = [entry.position for entry in switched(7, now=now)]

    found, after = [], "0.0.0"
    for _ in range(1_000):
        page = client.get(f"{EVENTS}?type=LampSwitched&limit=3&after={after}")
        found += positions(page)
        if len(found) == 7 and not positions(page):
            break
        after = page.json()["next"]
        # Transactions of other tests in this cluster hold the horizon back.
        time.sleep(0 if positions(page) else 0.01)

    assert found == everything
    assert page.json() == {"results": [], "next": after}


def test_an_event_of_a_transaction_at_work_is_not_read_on_to(client: APIClient, now: datetime) -> None:
    # The whole test is one transaction, so its events are not settled.
    [entry] = switched(now=now)

    page = client.get(f"{EVENTS}?after=0.0.0")

    assert entry.position not in positions(page)
    assert entry.position in positions(client.get(EVENTS))


def test_everything_that_is_said_narrows(client: APIClient, now: datetime) -> None:
    with acting(actor=Actor("user", "7", "Ana"), correlation=UUID(int=5)):
        [wanted] = switched(now=now, about=["house", "hall"])
    switched(2, now=now + timedelta(days=1), first=1)
    trail.record(DoorOpened(door="front"), about=["hall"], now=now + timedelta(days=1))

    for asked in (
        "stream=hall&type=LampSwitched",
        "actor=user:7",
        "actor=user",
        f"correlation={UUID(int=5)}",
        "stream=hall&type=TicketOpened&type=LampSwitched",
        "stream=hall&type=TicketOpened,LampSwitched",
        "type=LampSwitched&until=2026-03-18T10:00:00Z",
        "since=2026-03-18T09:00:00Z&until=2026-03-18T09:00:01Z&type=LampSwitched",
        "q=%22lamp%200%22",
    ):
        assert positions(client.get(f"{EVENTS}?{asked}")) == [wanted.position], asked


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("nosuch=1", "nosuch"),
        ("cursor=1", "cursor"),
        ("after=yesterday", "after"),
        ("after=", "after"),
        ("before=1.2", "before"),
        ("after=1.2.3&before=1.2.3", "before"),
        ("actor=somebody:7", "actor"),
        ("actor=", "actor"),
        ("correlation=7", "correlation"),
        ("type=ticket opened", "type"),
        ("type=TicketOpened,", "type"),
        ("type=" + ",".join(["TicketOpened"] * 51), "type"),
        ("since=now", "since"),
        ("until=2026-03-18T09:00:00", "until"),
        ("since=2026-03-18T09:00:00Z&until=2026-03-18T09:00:00Z", "until"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("limit=1&limit=2", "limit"),
        ("stream=", "stream"),
        ("stream=" + "x" * 201, "stream"),
        ("q=" + "x" * 201, "q"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(client: APIClient, asked: str, name: str) -> None:
    body = problem(client.get(f"{EVENTS}?{asked}"), 400)

    assert list(body["errors"]) == [name]


def test_every_parameter_at_once_is_no_failure(client: APIClient, now: datetime) -> None:
    switched(now=now)
    asked = f"stream=house&type=LampSwitched&actor=system&correlation={UUID(int=5)}&q=lamp&limit=5&format=json"
    asked += "&since=2026-03-18T00:00:00Z&until=2026-03-19T00:00:00Z"

    for place in ("", "&after=1.2.3", "&before=1.2.3"):
        assert positions(client.get(f"{EVENTS}?{asked}{place}")) == []


@pytest.mark.parametrize("name", ["999999999", str(UUID(int=1))])
@pytest.mark.parametrize("rest", ["", "tree/"])
def test_an_event_that_is_not_there_is_a_404(client: APIClient, name: str, rest: str) -> None:
    problem(client.get(f"{EVENTS}{name}/{rest}"), 404)


@pytest.mark.parametrize("name", ["LampSwitched", "1" * 19, "0195a8e2-9f04", "-1"])
def test_what_is_no_name_of_an_event_is_no_address(client: APIClient, name: str) -> None:
    problem(client.get(f"{EVENTS}{name}/"), 404)


def test_the_tree_of_a_ticket_begins_with_what_opened_it(client: APIClient) -> None:
    make.policy()
    make.ticket("4711")
    clock = client.get(f"{EVENTS}?type=ClockStarted").json()["results"][0]

    tree = client.get(f"{EVENTS}{clock['id']}/tree/").json()

    assert tree["cut"] is False
    assert tree["root"]["type"] == "TicketOpened"
    assert [(child["type"], child["led_to"]) for child in tree["root"]["led_to"]] == [("ClockStarted", [])]
    assert set(tree["root"]) == {
        *("id", "position", "type", "occurred_at", "actor", "streams", "causation_id", "sentence", "url", "led_to")
    }


def test_a_chain_deeper_than_readers_can_take_is_cut(client: APIClient, now: datetime) -> None:
    cause, ids = None, []
    for n in range(120):
        happening = trail.Happening(event=LampSwitched(lamp=str(n), room="hall"), about=["house"], cause=cause)
        cause = trail.record_many([happening], now=now)[0].id
        ids.append(cause)

    tree = client.get(f"{EVENTS}{ids[0]}/tree/").json()

    depth, node = 1, tree["root"]
    while node["led_to"]:
        depth, node = depth + 1, node["led_to"][0]
    assert (depth, tree["cut"]) == (100, True)


def test_the_types_are_those_of_the_catalogue(client: APIClient) -> None:
    listed = client.get("/api/v1/event-types/").json()

    assert [entry["type"] for entry in listed] == [entry.type for entry in catalogue()]
    [opened] = [entry for entry in listed if entry["type"] == "TicketOpened"]
    assert opened["app"] == "tickets"
    assert opened["fields"][2] == {
        "name": "subject",
        "holds": "text",
        "meaning": "What the customer called it",
        "required": True,
        "personal": True,
    }


@pytest.mark.parametrize("address", ["", "1/", "1/tree/", "follow/"])
def test_reading_everything_else_does_not_open_the_trail(bearing: Bearer, address: str) -> None:
    refused = problem(bearing("read", "tickets", "config").get(f"{EVENTS}{address}"), 403)

    assert "scope events" in refused["detail"]
