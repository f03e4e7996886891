"""Publishing on the trail through the API, and putting events on further streams."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from apps.api.models import ApiKey, IdempotentRequest
from apps.trail import reading
from apps.trail.models import StoredEvent
from apps.trail.reading import Query
from tests import make
from tests.api.conftest import Bearer
from tests.api.test_problems import problem
from tests.trail.lamps import switched

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/events/"
CORRECTION = {"type": "VatRateCorrected", "data": {"before": 16, "after": 19}, "about": ["customer:acme"]}


@pytest.fixture
def client(bearing: Bearer) -> APIClient:
    """An integration that may publish."""
    return bearing("events")


def nested(levels: int) -> dict[str, Any]:
    value: Any = 1
    for _ in range(levels):
        value = {"in": value}
    return value


def test_an_integration_publishes_in_its_own_name(client: APIClient, now: datetime) -> None:
    [cause] = switched(now=now)
    sent = {**CORRECTION, "caused_by": str(cause.id), "occurred_at": "2026-03-18T08:00:00+01:00"}

    answer = client.post(EVENTS, sent)

    assert answer.status_code == 201
    event, key = answer.json(), ApiKey.objects.get()
    assert event["actor"] == {"kind": "integration", "id": str(key.pk), "label": "events"}
    assert (event["type"], event["payload"]) == ("VatRateCorrected", CORRECTION["data"])
    assert (event["streams"], event["sentence"]) == (["customer:acme"], "Vat rate corrected")
    assert (event["causation_id"], event["correlation_id"]) == (str(cause.id), str(cause.correlation))
    assert event["occurred_at"] == "2026-03-18T07:00:00Z"
    assert client.get(f"{EVENTS}{event['id']}/").json() == event


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "vat rate"}, "type"),
        ({"type": "TicketOpened"}, "type"),
        ({"type": ""}, "type"),
        ({"type": "V" * 101}, "type"),
        ({"data": [1]}, "data"),
        ({"data": nested(21)}, "data"),
        ({"data": nested(400)}, "data"),
        ({"data": {"text": "x" * 66_000}}, "data"),
        ({"about": []}, "about"),
        ({"about": "customer:acme"}, "about"),
        ({"about": ["x" * 201]}, "about.0"),
        ({"about": ["audit:customer:acme"]}, "about.0"),
        ({"about": [f"case:{n}" for n in range(21)]}, "about"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"occurred_at": "2199-01-01T00:00:00Z"}, "occurred_at"),
        ({"caused_by": "7"}, "caused_by"),
        ({"caused_by": str(UUID(int=1))}, "caused_by"),
        ({"actor": "somebody else"}, "actor"),
    ],
)
def test_what_cannot_be_published_is_refused_beside_the_field(
    client: APIClient, change: dict[str, Any], field: str
) -> None:
    body = problem(client.post(EVENTS, {**CORRECTION, **change}), 400)

    assert list(body["errors"]) == [field]
    assert [event.type for event in StoredEvent.objects.filter(actor_kind="integration")] == ["ApiKeyUsed"]


@pytest.mark.parametrize("missing", ["type", "about"])
def test_what_an_event_needs_is_asked_for(client: APIClient, missing: str) -> None:
    sent = {name: value for name, value in CORRECTION.items() if name != missing}

    assert list(problem(client.post(EVENTS, sent), 400)["errors"]) == [missing]


def test_under_an_idempotency_key_an_event_is_published_once(client: APIClient) -> None:
    first = client.post(EVENTS, CORRECTION, HTTP_IDEMPOTENCY_KEY="once")
    again = client.post(EVENTS, CORRECTION, HTTP_IDEMPOTENCY_KEY="once")

    assert (again.status_code, again.json()) == (201, first.json())
    assert StoredEvent.objects.filter(type="VatRateCorrected").count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_was_taken_over_while_at_work_publishes_nothing(client: APIClient) -> None:
    answers: list[Any] = []

    def publish() -> None:
        answers.append(client.post(EVENTS, CORRECTION, HTTP_IDEMPOTENCY_KEY="once"))
        connection.close()

    slow = threading.Thread(target=publish)
    with transaction.atomic(), connection.cursor() as cursor:
        # Whoever records on the stream waits for us.
        cursor.execute("SELECT pg_advisory_xact_lock(7112027, hashtext('customer:acme') & 255)")
        slow.start()
        make.until_somebody_waits()
        IdempotentRequest.objects.update(created_at=timezone.now())
    slow.join()

    problem(answers[0], 409)
    assert not StoredEvent.objects.filter(type="VatRateCorrected").exists()


def test_a_refusal_publishes_nothing_and_is_kept_under_its_key(client: APIClient) -> None:
    for _ in range(2):
        refused = client.post(EVENTS, {**CORRECTION, "type": "no"}, HTTP_IDEMPOTENCY_KEY="once")

        problem(refused, 400)
    assert [event.type for event in StoredEvent.objects.filter(actor_kind="integration")] == ["ApiKeyUsed"]


def test_an_event_is_put_on_a_further_stream_once(client: APIClient, now: datetime) -> None:
    [entry] = switched(now=now)
    link = {"stream": "case:12", "because": "The first sign of it."}

    statuses = [client.post(f"{EVENTS}{name}/links/", link).status_code for name in (entry.position, entry.id)]

    assert statuses == [201, 200]
    on_case = reading.forwards(Query(stream="case:12"), limit=10)
    assert [event.type for event in on_case] == ["LampSwitched", "EventsLinked"]
    assert on_case[1].actor_kind == "integration"
    assert on_case[1].payload["because"] == link["because"]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"because": "x"}, "stream"),
        ({"stream": "case:12"}, "because"),
        ({"stream": "", "because": "x"}, "stream"),
        ({"stream": "x" * 201, "because": "x"}, "stream"),
        ({"stream": "audit:customer:acme", "because": "x"}, "stream"),
        ({"stream": "case:12", "because": "x" * 501}, "because"),
        ({"stream": "case:12", "because": "x", "to": "case:13"}, "to"),
    ],
)
def test_a_link_that_cannot_be_is_refused_beside_the_field(
    client: APIClient, now: datetime, sent: dict[str, str], field: str
) -> None:
    [entry] = switched(now=now)

    assert list(problem(client.post(f"{EVENTS}{entry.position}/links/", sent), 400)["errors"]) == [field]


def test_an_event_that_is_not_there_cannot_be_linked(client: APIClient) -> None:
    problem(client.post(f"{EVENTS}999999/links/", {"stream": "case:12", "because": "x"}), 404)


def test_a_clock_a_little_ahead_of_ours_is_believed(client: APIClient) -> None:
    soon = (timezone.now() + timedelta(minutes=2)).isoformat()

    assert client.post(EVENTS, {**CORRECTION, "occurred_at": soon}).status_code == 201
