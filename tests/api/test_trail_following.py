"""Following the trail by long poll: nothing missed, nothing twice, and nobody kept from the web's threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from apps.trail import awaiting
from apps.trail import services as trail
from tests.api.conftest import Bearer
from tests.api.test_problems import problem
from tests.trail.lamps import DoorOpened, switched

FOLLOW = "/api/v1/events/follow/"


@pytest.fixture
def client(bearing: Bearer) -> APIClient:
    """An integration that may read the trail."""
    return bearing("events")


@contextmanager
def meanwhile(*work: Callable[[], Any]) -> Iterator[list[Any]]:
    """Runs each in a thread of its own with a connection of its own; what they returned, once the block is over."""
    returned: list[Any] = []

    def run(each: Callable[[], Any]) -> None:
        try:
            returned.append(each())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(each,)) for each in work]
    for thread in threads:
        thread.start()
    yield returned
    for thread in threads:
        thread.join()


def ended(client: APIClient) -> str:
    """Where the trail ends for those who follow, once everything recorded so far is settled."""
    newest = client.get("/api/v1/events/?limit=1").json()["results"][0]["cursor"]
    # The horizon waits for transactions of other databases in the cluster, too.
    for _ in range(600):
        at: str = client.get(FOLLOW).json()["next"]
        if at == newest:
            return at
        time.sleep(0.1)
    raise AssertionError("The horizon stays behind.")


def until_waiting(count: int) -> None:
    """Returns when so many polls wait in this process."""
    for _ in range(1_000):
        if awaiting.MOST - awaiting._room._value >= count:
            return
        time.sleep(0.01)
    raise AssertionError("Nobody waits.")


@pytest.mark.django_db(transaction=True)
def test_who_begins_learns_where_the_trail_ends_and_what_is_there_is_told_at_once(
    client: APIClient, now: datetime
) -> None:
    switched(now=now)
    start = ended(client)
    first, second = (entry.position for entry in switched(2, now=now))
    ended(client)

    began = time.monotonic()
    page = client.get(f"{FOLLOW}?after={start}&wait=30").json()

    assert time.monotonic() - began < 5
    assert [event["position"] for event in page["results"]] == [first, second]
    assert page["next"] == page["results"][-1]["cursor"]


@pytest.mark.django_db(transaction=True)
def test_what_comes_while_somebody_waits_ends_the_wait(client: APIClient, now: datetime) -> None:
    switched(now=now)
    start = ended(client)

    with meanwhile(lambda: client.get(f"{FOLLOW}?after={start}&type=DoorOpened&wait=30")) as answers:
        until_waiting(1)
        switched(now=now)
        door = trail.record(DoorOpened(door="front"), about=["house"], now=now)

    [event] = answers[0].json()["results"]
    assert event["position"] == door.position


@pytest.mark.django_db(transaction=True)
def test_when_nothing_came_the_answer_is_empty_with_the_same_cursor(client: APIClient, now: datetime) -> None:
    switched(now=now)
    start = ended(client)

    began = time.monotonic()
    answer = client.get(f"{FOLLOW}?after={start}&wait=1")

    assert time.monotonic() - began >= 1
    assert answer.json() == {"results": [], "next": start}
    assert "Retry-After" not in answer


@pytest.mark.django_db(transaction=True)
def test_only_what_is_on_the_stream_ends_the_wait(client: APIClient, now: datetime) -> None:
    switched(now=now)
    start = ended(client)
    switched(now=now, about=["elsewhere"])
    [here] = switched(now=now, about=["house"])
    ended(client)

    page = client.get(f"{FOLLOW}?after={start}&stream=house&limit=5").json()

    assert [event["position"] for event in page["results"]] == [here.position]


@pytest.mark.django_db(transaction=True)
def test_a_wait_holds_no_transaction(client: APIClient, now: datetime) -> None:
    switched(now=now)
    start = ended(client)

    with meanwhile(lambda: client.get(f"{FOLLOW}?after={start}&wait=10")):
        until_waiting(1)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
            )
            assert cursor.fetchone() == (0,)
        # News ends the wait.
        switched(now=now)


@pytest.mark.django_db(transaction=True)
def test_who_finds_no_room_to_wait_is_told_to_come_back_and_room_is_made_again(
    client: APIClient, now: datetime
) -> None:
    switched(now=now)
    start = ended(client)
    address = f"{FOLLOW}?after={start}&wait=3"

    with meanwhile(*[lambda: client.get(address)] * awaiting.MOST) as waited:
        until_waiting(awaiting.MOST)
        began = time.monotonic()
        turned_away = client.get(address)
        took = time.monotonic() - began

    assert took < 1
    assert (turned_away.status_code, turned_away["Retry-After"]) == (200, "5")
    assert turned_away.json() == {"results": [], "next": start}
    assert [answer.json()["next"] for answer in waited] == [start] * awaiting.MOST
    assert "Retry-After" not in client.get(f"{FOLLOW}?after={start}&wait=1")


@pytest.mark.django_db(transaction=True)
def test_who_finds_no_room_still_gets_what_is_there(client: APIClient, now: datetime) -> None:
    switched(now=now)
    start = ended(client)
    [news] = switched(now=now)
    end = ended(client)

    with meanwhile(*[lambda: client.get(f"{FOLLOW}?after={end}&wait=10")] * awaiting.MOST):
        until_waiting(awaiting.MOST)
        page = client.get(f"{FOLLOW}?after={start}&wait=2").json()
        # News ends the others' wait.
        switched(now=now)

    assert [event["position"] for event in page["results"]] == [news.position]


@pytest.mark.django_db(transaction=True)
def test_a_client_that_follows_misses_nothing_while_eight_write(
    client: APIClient, settings: Any, now: datetime
) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"key": "100000/min"}}
    writers, each = 8, 40
    seen: list[int] = []

    def write(who: int) -> None:
        for n in range(each):
            with transaction.atomic():
                switched(now=now, first=n, about=[f"house:{who}"])

    def follow() -> None:
        after, until = "0.0.0", time.monotonic() + 90
        while len(seen) < writers * each and time.monotonic() < until:
            page = client.get(f"{FOLLOW}?type=LampSwitched&after={after}&limit=30&wait=5").json()
            seen.extend(event["position"] for event in page["results"])
            after = page["next"]

    with meanwhile(follow, *[lambda who=who: write(who) for who in range(writers)]):
        pass

    assert len(seen) == len(set(seen)) == writers * each


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("after=now", "after"),
        ("after=0.0.0&wait=31", "wait"),
        ("after=0.0.0&wait=-1", "wait"),
        ("after=0.0.0&wait=soon", "wait"),
        ("after=0.0.0&before=0.0.0", "before"),
        ("after=0.0.0&q=lamp", "q"),
    ],
)
def test_what_cannot_be_followed_is_refused_by_name(client: APIClient, asked: str, name: str) -> None:
    assert list(problem(client.get(f"{FOLLOW}?{asked}"), 400)["errors"]) == [name]


@pytest.mark.django_db
def test_on_an_empty_trail_one_begins_at_its_beginning(client: APIClient) -> None:
    # The key's own event is of this very transaction, so not settled.
    assert client.get(FOLLOW).json() == {"results": [], "next": "0.0.0"}


@pytest.mark.django_db
def test_who_follows_too_eagerly_is_slowed_down_like_everybody(client: APIClient, settings: Any) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"key": "2/min"}}

    answers = [client.get(f"{FOLLOW}?after=0.0.0&wait=0") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) >= 1
