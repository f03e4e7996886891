"""POST under an Idempotency-Key: twice asked, once done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from apps.api import services
from apps.api.models import ApiKey, IdempotentRequest
from apps.api.permissions import EVERY_SCOPE
from apps.escalations.models import Snooze
from apps.people.models import Plan
from apps.rotations.models import Shift
from tests import make
from tests.api.conftest import Bearer

PLANS = "/api/v1/plans/"
PRO = {"slug": "pro", "name": "Pro"}


def post(client: APIClient, body: Any, key: str = "k1", url: str = PLANS) -> Any:
    return client.post(url, body, HTTP_IDEMPOTENCY_KEY=key)


@pytest.mark.django_db
def test_the_same_request_again_gets_the_first_answer(client: APIClient) -> None:
    first = post(client, PRO)
    second = post(client, PRO)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"


@pytest.mark.django_db
def test_without_a_key_nothing_is_kept(client: APIClient) -> None:
    statuses = [client.post(PLANS, PRO).status_code for _ in range(2)]

    assert statuses == [201, 400]
    assert not IdempotentRequest.objects.exists()


@pytest.mark.django_db
def test_a_refusal_is_kept_too(client: APIClient) -> None:
    first = post(client, {"slug": "pro"})
    second = post(client, {"slug": "pro"})

    assert (first.status_code, second.status_code) == (400, 400)
    assert second["Content-Type"] == "application/problem+json"
    assert second["Idempotency-Replayed"] == "true"


@pytest.mark.django_db
@pytest.mark.parametrize(("body", "url"), [({"slug": "teams", "name": "Teams"}, PLANS), (PRO, "/api/v1/customers/")])
def test_another_request_under_the_same_key_is_refused(client: APIClient, body: Any, url: str) -> None:
    post(client, PRO)

    second = post(client, body, url=url)

    assert second.status_code == 422
    assert second["Content-Type"] == "application/problem+json"
    assert Plan.objects.count() == 1


@pytest.mark.django_db
def test_two_api_keys_may_use_the_same_word(bearing: Bearer) -> None:
    first = post(bearing("config"), PRO)
    second = post(bearing("config"), {"slug": "teams", "name": "Teams"})

    assert (first.status_code, second.status_code) == (201, 201)


@pytest.mark.django_db
def test_while_the_first_is_being_worked_the_second_waits(client: APIClient) -> None:
    post(client, PRO)
    IdempotentRequest.objects.update(status=None, body=None, created_at=timezone.now())

    assert post(client, PRO).status_code == 409


@pytest.mark.django_db
def test_a_request_whose_process_died_is_taken_over_after_two_minutes(client: APIClient) -> None:
    post(client, PRO)
    Plan.objects.all().delete()
    died = timezone.now() - timedelta(minutes=2)
    IdempotentRequest.objects.update(status=None, body=None, created_at=died)

    again = post(client, PRO)

    assert again.status_code == 201
    assert IdempotentRequest.objects.get().status == 201


@pytest.mark.django_db
def test_who_was_taken_over_does_not_answer_any_more(now: datetime) -> None:
    api_key, _ = services.create_key(name="CI", scopes=["read"], now=now)
    slow = services.claim_request(api_key, "k", "f", now=now)
    fast = services.claim_request(api_key, "k", "f", now=now + timedelta(minutes=2))

    services.answer_request(slow.row, status=201, body="slow")

    assert (slow.mine, fast.mine) == (True, True)
    assert IdempotentRequest.objects.get().status is None


@pytest.mark.django_db
def test_a_failure_of_ours_may_be_tried_again(now: datetime) -> None:
    api_key, _ = services.create_key(name="CI", scopes=["read"], now=now)
    claim = services.claim_request(api_key, "k", "f", now=now)

    services.drop_request(claim.row)

    assert services.claim_request(api_key, "k", "f", now=now).mine


@pytest.mark.django_db
def test_a_key_older_than_a_day_is_new(client: APIClient) -> None:
    post(client, PRO)
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=24))

    assert post(client, {"slug": "teams", "name": "Teams"}).status_code == 201


@pytest.mark.django_db
def test_answers_older_than_a_day_are_forgotten(now: datetime) -> None:
    api_key, _ = services.create_key(name="CI", scopes=["read"], now=now)
    for hours in (25, 24, 23):
        IdempotentRequest.objects.create(
            api_key=api_key, key=str(hours), fingerprint="f", created_at=now - timedelta(hours=hours)
        )

    forgotten = services.forget_old_requests(now)

    assert forgotten == 2
    assert [row.key for row in IdempotentRequest.objects.all()] == ["23"]


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", " ", "k" * 256])
def test_a_key_of_no_use_is_refused(client: APIClient, key: str) -> None:
    assert post(client, PRO, key=key).status_code == 400


@pytest.mark.django_db
def test_a_snooze_counts_once_under_a_key_and_each_time_without(client: APIClient) -> None:
    make.policy()
    make.ticket("4711", opened_at=timezone.now())
    url = "/api/v1/tickets/4711/snooze/"

    post(client, {"minutes": 30}, url=url)
    post(client, {"minutes": 30}, url=url)
    once = Snooze.objects.count()
    client.post(url, {"minutes": 30})
    client.post(url, {"minutes": 30})

    assert once == 1
    assert Snooze.objects.count() == 3


@pytest.mark.django_db
def test_a_snooze_whose_answer_was_lost_is_not_done_twice(client: APIClient) -> None:
    make.policy()
    make.ticket("4711", opened_at=timezone.now())
    url = "/api/v1/tickets/4711/snooze/"
    first = post(client, {"minutes": 30}, url=url)
    IdempotentRequest.objects.update(status=None, body=None, created_at=timezone.now() - timedelta(minutes=2))

    again = post(client, {"minutes": 30}, url=url)

    assert again.status_code == 200
    assert again.json()["next_at"] == first.json()["next_at"]
    assert Snooze.objects.count() == 1


def in_parallel(count: int, work: Callable[[int], Any]) -> list[Any]:
    answers: list[Any] = [None] * count
    start = threading.Barrier(count)

    def run(index: int) -> None:
        try:
            start.wait()
            answers[index] = work(index)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_two_at_once_under_one_key_do_the_work_once() -> None:
    _, secret = services.create_key(name="CI", scopes=EVERY_SCOPE, now=timezone.now())
    agent = make.agent("Ana")
    shift = {"agent": agent.email, "start": "2026-03-18T09:00:00Z", "end": "2026-03-18T17:00:00Z"}

    def ask(index: int) -> Any:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return post(client, shift, key="once", url="/api/v1/shifts/")

    answers = in_parallel(6, ask)

    statuses = sorted(answer.status_code for answer in answers)
    assert set(statuses) <= {201, 409}
    assert [answer for answer in answers if answer.status_code == 201 and "Idempotency-Replayed" not in answer]
    assert Shift.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_claims_the_work(now: datetime) -> None:
    api_key, _ = services.create_key(name="CI", scopes=["read"], now=now)

    claims = in_parallel(8, lambda index: services.claim_request(ApiKey.objects.get(pk=api_key.pk), "k", "f", now=now))

    assert [claim.mine for claim in claims].count(True) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_that_find_a_dead_request_one_takes_it_over(now: datetime) -> None:
    api_key, _ = services.create_key(name="CI", scopes=["read"], now=now)
    services.claim_request(api_key, "k", "f", now=now)
    later = now + timedelta(minutes=3)

    claims = in_parallel(8, lambda index: services.claim_request(api_key, "k", "f", now=later))

    assert [claim.mine for claim in claims].count(True) == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_making_the_same_plan_are_not_a_failure() -> None:
    _, secret = services.create_key(name="CI", scopes=EVERY_SCOPE, now=timezone.now())

    def ask(index: int) -> int:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return int(client.post(PLANS, PRO).status_code)

    statuses = in_parallel(6, ask)

    assert sorted(statuses) == [201, 400, 400, 400, 400, 400]
