"""What a console changes past the services: the database tells of it, and knows whose it was."""

from __future__ import annotations

import pytest
from django.db import connection

from apps.people.models import Plan
from apps.trail.models import StoredEvent
from tests import make
from tests.console.running import ISSUE, manage

pytestmark = pytest.mark.django_db(transaction=True)

AS_ANA = ("--as=ana", f"--for={ISSUE}")
UPDATE = "UPDATE people_plan SET name = 'X'"
THREAD = """
from threading import Thread

thread = Thread(target=lambda: Plan.objects.update(name="X"))
thread.start()
thread.join()
"""
OWN = """
import psycopg
from django.db import connection

at = connection.get_connection_params()
with psycopg.connect(host=at["host"], port=at["port"], user=at["user"], dbname=at["dbname"]) as own:
    own.execute("UPDATE people_plan SET name = 'X'")
"""


@pytest.mark.parametrize(
    "script",
    [
        "Plan.objects.update(name='X')",
        f"from django.db import connection; connection.cursor().execute({UPDATE!r})",
        THREAD,
        OWN,
    ],
    ids=["update", "SQL", "thread", "own connection"],
)
def test_a_change_past_the_services_is_part_of_the_session(script: str) -> None:
    ana = make.agent("Ana", last_name="Torres")
    plan = make.plan()

    done = manage("shell", "-v0", *AS_ANA, script=script)

    assert done.returncode == 0, done.stderr
    assert_told(plan, person=ana.pk, application="supportops shell ana@example.com")


def test_a_change_by_psql_is_part_of_the_session() -> None:
    ana = make.agent("Ana", last_name="Torres")
    plan = make.plan()
    at = connection.get_connection_params()

    done = manage("dbshell", *AS_ANA, "--", "-c", UPDATE, PGHOST=at["host"], PGPORT=str(at["port"]))

    assert done.returncode == 0, done.stderr
    assert_told(plan, person=ana.pk, application="supportops dbshell ana@example.com")


def assert_told(plan: Plan, *, person: int, application: str) -> None:
    opened = StoredEvent.objects.get(type="ConsoleOpened")
    told = StoredEvent.objects.filter(type="ChangedOutside", links__stream=f"plan:{plan.pk}").latest("position")
    assert told.payload["after"] == {"name": "X"}
    assert told.payload["application"] == application
    assert (told.causation_id, told.correlation_id) == (opened.event_id, opened.correlation_id)
    assert (told.actor_kind, told.actor_id, told.actor_label) == ("console", str(person), "Ana Torres")
    assert told.metadata == {"issue": ISSUE}
    assert StoredEvent.objects.get(type="ConsoleClosed").payload["events"] == 1
