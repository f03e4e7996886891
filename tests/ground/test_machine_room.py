"""django-q2's pages, in the portal's words."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import Failure, Schedule, Success

from supportops import machine_room, schedule_sync
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(make.agent("Root", is_superuser=True))
    return client


def rows(client: Client, address: str) -> list[list[str]]:
    """What the list's cells say, row by row, without the box to tick."""
    page = client.get(address).content.decode()
    found = re.findall(r'<tr class="data-row.*?</tr>', page, re.DOTALL)
    cells = [re.findall(r"<(t[dh]) .*?>(.*?)</\1>", row, re.DOTALL) for row in found]
    return [[" ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split()) for _, text in row][1:] for row in cells]


def test_scheduled_jobs_say_what_runs_how_often_and_how_it_went(root: Client) -> None:
    now = timezone.now()
    schedule_sync.sync(now=now)
    task = Success.objects.create(
        id="s" * 32, name="robin-hawaii", func="f", started=now - timedelta(minutes=5), stopped=now, success=True
    )
    Schedule.objects.filter(name="supportops: Tidy up").update(task=task.pk)

    shown = {row[0]: row[1:] for row in rows(root, "/admin/django_q/schedule/")}

    tidy, sweep = shown["Tidy up supportops.jobs.tidy"], shown["Reach due checks apps.escalations.jobs.sweep"]
    assert tidy[:2] == ["Every 60 min", "Worked , 5 min ago"]
    assert sweep[:2] == ["Every minute", "Not yet"]


def test_finished_and_failed_jobs_say_what_it_was_how_long_it_took_and_what_came_of_it(root: Client) -> None:
    began = timezone.now()
    common = {"started": began, "stopped": began + timedelta(seconds=60.84)}
    Success.objects.create(
        id="s" * 32, name="a-b", group="supportops: Tidy up", func="x.tidy", result="3 tidied", success=True, **common
    )
    Failure.objects.create(
        id="f" * 32, name="c-d", func="x.scan_channels", result="Boom : Traceback …", success=False, **common
    )

    [finished], [failed] = (rows(root, f"/admin/django_q/{name}/") for name in ("success", "failure"))

    assert (finished[0], finished[2:]) == ("Tidy up x.tidy", ["1 min", "3 tidied"])
    assert (failed[0], failed[2:]) == ("Scan channels x.scan_channels", ["1 min", "Boom"])


def test_a_jobs_page_is_called_by_its_name(root: Client) -> None:
    schedule_sync.sync(now=timezone.now())
    key = Schedule.objects.get(name="supportops: Reach due checks").pk

    page = root.get(f"/admin/django_q/schedule/{key}/change/").content.decode()

    assert '<span class="portal-here" title="Reach due checks">' in page


def test_a_short_job_says_its_tenths_of_a_second() -> None:
    assert machine_room.took(timedelta(seconds=0.1234)) == "0.1 s"
