"""The table of scheduled jobs and django-q2's rows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string
from django_q.models import Schedule, Success, Task

from apps.people.models import Agent
from apps.trail.models import StoredEvent
from supportops import schedule_sync
from supportops.schedules import JOBS, PREFIX
from supportops.worker import HOLDING

pytestmark = pytest.mark.django_db


def ours() -> dict[str, Schedule]:
    return {row.name: row for row in Schedule.objects.filter(name__startswith=PREFIX)}


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_of_the_table_exists(job: object) -> None:
    assert callable(import_string(job.function))  # type: ignore[attr-defined]


def test_jobs_that_hold_are_scheduled_every_minute() -> None:
    cadence = {job.function: job.minutes for job in JOBS}

    assert [cadence[job] for job in HOLDING] == [1] * len(HOLDING)


def test_a_first_sync_makes_every_row(now: datetime) -> None:
    schedule_sync.sync(now=now)

    assert {(row.func, row.minutes) for row in ours().values()} == {(job.function, job.minutes) for job in JOBS}


def test_a_second_sync_changes_nothing(now: datetime) -> None:
    schedule_sync.sync(now=now)
    before = list(Schedule.objects.order_by("pk").values())

    done = schedule_sync.sync(now=now + timedelta(hours=1))

    assert done == {"created": [], "changed": [], "removed": []}
    assert list(Schedule.objects.order_by("pk").values()) == before


def test_a_row_that_left_the_table_is_removed(now: datetime) -> None:
    Schedule.objects.create(name=f"{PREFIX}Of an older version", func="math.floor")

    schedule_sync.sync(now=now)

    assert f"{PREFIX}Of an older version" not in ours()


def test_a_row_a_person_added_is_left_alone(now: datetime) -> None:
    theirs = Schedule.objects.create(name="Weekly report", func="math.floor", minutes=7)

    schedule_sync.sync(now=now)

    assert Schedule.objects.get(pk=theirs.pk).minutes == 7


def test_a_row_that_was_edited_is_put_right(now: datetime) -> None:
    schedule_sync.sync(now=now)
    Schedule.objects.filter(name=f"{PREFIX}{JOBS[0].name}").update(minutes=99, func="math.floor")

    done = schedule_sync.sync(now=now)

    assert done["changed"] == [f"{PREFIX}{JOBS[0].name}"]
    assert ours()[f"{PREFIX}{JOBS[0].name}"].func == JOBS[0].function


def test_a_row_that_is_there_twice_stays_once(now: datetime) -> None:
    schedule_sync.sync(now=now)
    Schedule.objects.create(name=f"{PREFIX}{JOBS[0].name}", func=JOBS[0].function, schedule_type="I", minutes=1)

    schedule_sync.sync(now=now)

    assert Schedule.objects.filter(name=f"{PREFIX}{JOBS[0].name}").count() == 1


@pytest.fixture
def superuser(client: Client) -> Client:
    client.force_login(Agent.objects.create_superuser("root@example.com"))
    return client


@pytest.mark.parametrize("model", ["schedule", "success", "failure", "ormq"])
def test_the_queues_own_lists_wear_the_portals_look(superuser: Client, model: str, now: datetime) -> None:
    schedule_sync.sync(now=now)

    page = superuser.get(reverse(f"admin:django_q_{model}_changelist"))

    assert page.status_code == 200
    assert b"supportops/portal" in page.content


def test_the_form_of_a_scheduled_job_opens(superuser: Client, now: datetime) -> None:
    schedule_sync.sync(now=now)
    row = next(iter(ours().values()))

    page = superuser.get(reverse("admin:django_q_schedule_change", args=[row.pk]))

    assert page.status_code == 200


@pytest.mark.parametrize(("model", "success"), [("success", True), ("failure", False)])
def test_the_page_of_a_finished_job_opens(superuser: Client, model: str, success: bool, now: datetime) -> None:
    task = Task.objects.create(
        id="a" * 32, name="one", func="math.floor", args=(1.5,), kwargs={}, result="1",
        started=now, stopped=now, success=success,
    )  # fmt: skip

    page = superuser.get(reverse(f"admin:django_q_{model}_change", args=[task.pk]))

    assert page.status_code == 200


def test_a_page_that_is_not_ours_shows_each_time_with_its_zone(now: datetime) -> None:
    done = Success.objects.create(id="s" * 32, name="s", func="f", started=now, stopped=now, success=True)
    browser = Client()
    browser.force_login(Agent.objects.create_superuser("root@example.com"))
    browser.cookies["time_zone"] = "Europe/Paris"

    page = browser.get(reverse("admin:django_q_success_change", args=[done.pk])).content.decode()

    assert "18 Mar 2026 10:00 CET" in page


def test_a_scheduled_job_that_somebody_edits_is_on_the_trail(superuser: Client) -> None:
    row = Schedule.objects.create(name="Nightly", func="math.floor", schedule_type="D")
    page = reverse("admin:django_q_schedule_change", args=[row.pk])
    shown = superuser.get(page).context["adminform"].form
    typed = {name: shown[name].value() for name in shown.fields}
    next_run = {"next_run_0": "2026-03-19", "next_run_1": "03:00:00"}

    saved = superuser.post(
        page, {**{name: value for name, value in typed.items() if value is not None}, **next_run, "name": "Weekly"}
    )

    assert saved.status_code == 302
    event = StoredEvent.objects.get(type="ObjectChanged")
    assert event.payload["changes"]["name"] == ["Nightly", "Weekly"]
