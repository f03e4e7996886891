"""Signing in and out: on the trail, with the failed attempts of a wave as some lines."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from apps.people.attempts import ALL_TOLD, is_told
from apps.people.models import Agent, FailedSignIns
from apps.people.signing_in import STREAM, forget_failed, sign_in_failed
from apps.trail.models import StoredEvent
from tests import make

LOGIN = "/admin/login/"
SECRET = "correct-horse-9"


@pytest.fixture
def ana() -> Agent:
    return make.agent("Ana", password=SECRET)


def sign_in(email: str = "ana@example.com", password: str = SECRET, client: Client | None = None, **extra: Any) -> Any:
    return (client or Client()).post(LOGIN, {"username": email, "password": password}, **extra)


def only(kind: str) -> StoredEvent:
    return StoredEvent.objects.get(type=kind)


def told() -> list[tuple[str, int, int]]:
    events = StoredEvent.objects.filter(type="SignInFailed").order_by("position")
    return [(e.payload["name"], e.payload["attempts"], e.payload["from_address"]) for e in events]


@pytest.mark.django_db
def test_signing_in_is_told_in_the_persons_own_name(ana: Agent) -> None:
    assert sign_in(REMOTE_ADDR="192.0.2.7").status_code == 302

    event = only("SignedIn")
    assert event.sentence == "Ana signed in"
    assert event.about == [f"agent:{ana.pk}", STREAM]
    assert (event.actor_kind, event.actor_id, event.actor_label) == ("user", str(ana.pk), "Ana")
    assert event.metadata["address"] == "192.0.2.7"


@pytest.mark.django_db
def test_looking_at_the_page_is_no_attempt(ana: Agent) -> None:
    client = Client()
    client.get(LOGIN)
    client.force_login(ana)
    client.get(LOGIN)

    assert not StoredEvent.objects.filter(type__startswith="Sign").exists()


@pytest.mark.django_db
def test_a_failed_attempt_names_whom_it_was_for_and_never_the_password(ana: Agent) -> None:
    assert sign_in(password="wrong-horse", REMOTE_ADDR="192.0.2.7").status_code == 200

    event = only("SignInFailed")
    assert event.sentence == "Signing in as “ana@example.com” failed"
    assert event.about == [f"agent:{ana.pk}", STREAM]
    assert event.payload["address"] == "192.0.2.7"
    assert event.actor_label == "Visitor"
    assert "horse" not in json.dumps([event.payload, event.metadata])
    assert not StoredEvent.objects.filter(type="SignedIn").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"is_active": False}, {"is_staff": False}])
def test_who_may_not_come_in_with_the_right_password_failed(fields: dict[str, bool]) -> None:
    make.agent("Gone", password=SECRET, **fields)

    sign_in("gone@example.com")

    assert only("SignInFailed").payload["name"] == "gone@example.com"


@pytest.mark.django_db
def test_an_unknown_email_is_told_without_an_agent() -> None:
    sign_in("Nobody@Example.com")

    event = only("SignInFailed")
    assert (event.payload["name"], event.payload["agent"], event.about) == ("nobody@example.com", None, [STREAM])


@pytest.mark.django_db
@pytest.mark.parametrize("typed", [SECRET, "p@ssword", "two words@x", "a" * 300 + "@example.com"])
def test_what_is_no_email_is_not_kept_as_it_may_be_a_password(typed: str) -> None:
    sign_in(typed)

    event = only("SignInFailed")
    assert event.payload["name"] == ""
    assert event.sentence == "Signing in with something that is no e-mail failed"
    assert typed not in json.dumps([event.payload, event.metadata, list(FailedSignIns.objects.values_list("key"))])


@pytest.mark.django_db
def test_a_form_that_is_not_filled_in_is_no_attempt() -> None:
    sign_in("ana@example.com", "")
    sign_in("", SECRET)

    assert told() == []


@pytest.mark.django_db
def test_signing_out_is_told_once(ana: Agent) -> None:
    client = Client()
    sign_in(client=client)

    client.post("/admin/logout/")
    client.post("/admin/logout/")

    event = only("SignedOut")
    assert event.sentence == "Ana signed out"
    assert (event.about, event.actor_id) == ([f"agent:{ana.pk}", STREAM], str(ana.pk))


@pytest.mark.django_db
def test_an_attempt_while_somebody_is_in_is_told_and_changes_nothing(ana: Agent) -> None:
    client = Client()
    sign_in(client=client)

    sign_in("ben@example.com", "wrong", client=client)

    assert told() == [("ben@example.com", 1, 1)]
    assert StoredEvent.objects.filter(type="SignedIn").count() == 1


@pytest.mark.django_db
def test_a_wave_on_one_person_is_told_by_its_rounded_size(now: datetime) -> None:
    for n in range(150):
        sign_in_failed("ana@example.com", address="192.0.2.7", now=now + n * timedelta(milliseconds=200))

    assert [of_name for _, of_name, _ in told()] == [*range(1, ALL_TOLD + 1), 100]
    assert StoredEvent.objects.latest("position").sentence == (
        "Signing in as “ana@example.com” failed, for the 100th time within a minute"
    )


@pytest.mark.django_db
def test_a_wave_over_many_names_from_one_address_is_told_by_its_rounded_size(now: datetime) -> None:
    for n in range(120):
        sign_in_failed(f"{n}@example.com", address="192.0.2.7", now=now)

    assert [of_address for _, _, of_address in told()] == [*range(1, ALL_TOLD + 1), 100]
    assert StoredEvent.objects.latest("position").sentence == (
        "Signing in as “99@example.com” failed; 100 failed from 192.0.2.7"
    )


@pytest.mark.django_db
def test_who_mistypes_a_few_times_is_told_of_each_time(now: datetime) -> None:
    for _ in range(3):
        sign_in_failed("ana@example.com", address="192.0.2.7", now=now)

    assert told() == [("ana@example.com", n, n) for n in (1, 2, 3)]


@pytest.mark.django_db
def test_after_a_minute_it_is_told_anew_and_another_address_at_once(now: datetime) -> None:
    minute = timedelta(minutes=1)
    for _ in range(ALL_TOLD):
        sign_in_failed("ana@example.com", address="192.0.2.7", now=now)

    said = [
        sign_in_failed("ana@example.com", address=address, now=at)
        for address, at in (
            ("192.0.2.7", now),
            ("192.0.2.7", now + minute - timedelta(microseconds=1)),
            ("192.0.2.8", now + minute - timedelta(microseconds=1)),
            ("192.0.2.7", now + minute),
        )
    ]

    assert said == [False, False, True, True]


@pytest.mark.django_db(transaction=True)
def test_two_who_fail_at_once_are_both_counted(now: datetime) -> None:
    said: list[bool] = []

    def fail() -> None:
        for _ in range(10):
            said.append(sign_in_failed("ana@example.com", address="192.0.2.7", now=now))
        connection.close()

    threads = [Thread(target=fail) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert said.count(True) == ALL_TOLD
    assert {row.count for row in FailedSignIns.objects.all()} == {20}
    assert told() == [("ana@example.com", n, n) for n in range(1, ALL_TOLD + 1)]


@pytest.mark.django_db
def test_counts_are_forgotten_an_hour_later(now: datetime) -> None:
    sign_in_failed("ana@example.com", address="192.0.2.7", now=now)

    assert forget_failed(now + timedelta(hours=1)) == 0
    assert forget_failed(now + timedelta(hours=1, seconds=1)) == 2
    assert not FailedSignIns.objects.exists()


def test_a_wave_of_any_shape_is_at_most_a_tenth_of_itself_beyond_its_beginning() -> None:
    for names in (1, 2, 3, 7, 20, 100, 1_000):
        of_name: dict[int, int] = {}
        lines = 0
        for n in range(1_000):
            of_name[n % names] = of_name.get(n % names, 0) + 1
            lines += is_told(of_name[n % names], n + 1)

        assert 1 <= lines <= ALL_TOLD + 112, names
