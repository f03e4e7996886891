"""/healthz and /readyz."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.escalations.holding import beat
from supportops.health import FRESH
from tests.ground.working import PROJECT, environment

MISSING = (
    "import django; django.setup(); from supportops import health; import json; print(json.dumps(health.missing()))"
)


def missing_elsewhere(database: str) -> dict[str, str]:
    """What a process on another database of this server misses."""
    there = environment(database)
    shown = subprocess.run(
        [sys.executable, "-c", MISSING],
        cwd=PROJECT,
        env={**there, "DJANGO_SETTINGS_MODULE": "supportops.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, str] = json.loads(shown.stdout)
    return found


def test_alive_asks_no_database(client: Client) -> None:
    # Without the mark django_db a query would fail.
    assert client.get("/healthz").content == b"alive\n"


def test_alive_and_ready_answer_to_any_host(client: Client, db: None) -> None:
    answers = [client.get(path, headers={"host": "10.0.0.7:8000"}) for path in ("/healthz", "/readyz")]

    assert [answer.status_code for answer in answers] == [200, 503]


def test_nothing_is_changed_through_them(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


def test_a_portal_with_a_worker_is_ready(client: Client, db: None) -> None:
    beat("worker", now=timezone.now())

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"ready": True, "missing": {}})


def test_a_portal_whose_worker_never_began_is_not_ready(client: Client, db: None) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert list(answer.json()["missing"]) == ["worker"]


def test_a_portal_whose_worker_is_gone_says_since_when(client: Client, db: None) -> None:
    last = timezone.now() - FRESH - timedelta(seconds=1)
    beat("worker", now=last)

    answer = client.get("/readyz")

    assert f"{last:%H:%M:%S} UTC" in answer.json()["missing"]["worker"]


@pytest.mark.django_db(transaction=True)
def test_a_database_without_migrations_is_not_ready() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS nothing_in_it")
        cursor.execute("CREATE DATABASE nothing_in_it")

    found = missing_elsewhere("nothing_in_it")
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE nothing_in_it")

    assert list(found) == ["migrations"]


def test_a_database_that_is_away_is_said(db: None) -> None:
    assert list(missing_elsewhere("there_is_no_such_database")) == ["database"]
