"""The worker is killed in the middle of a page that climbs: nothing is lost, and nobody is told twice."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.utils import timezone

from supportops import schedule_sync
from tests import make
from tests.ground.working import Worker, until
from tests.pages.duty import the_set, told

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def worker() -> Iterator[Worker]:
    schedule_sync.sync(now=timezone.now())
    one = Worker()
    one.wait_until_it_sweeps()
    yield one
    one.kill()


def test_a_sweep_killed_between_two_steps_and_one_killed_within_one(worker: Worker) -> None:
    the_set()
    make.page(now=timezone.now())
    with transaction.atomic(), connection.cursor() as cursor:
        # It has locked the clock, and waits for this with its first event.
        cursor.execute("LOCK TABLE trail_storedevent IN EXCLUSIVE MODE")
        make.until_somebody_waits()
        killed = worker.at("sweep")[0]
        os.kill(killed, signal.SIGKILL)
        until(lambda: killed not in worker.parts and bool(worker.at("sweep")), seconds=20, what="another sweeps")

    until(lambda: len(told()) >= 1, seconds=20, what="the primary is told")
    os.kill(worker.at("sweep")[0], signal.SIGKILL)
    page = make.page(now=timezone.now())
    until(lambda: len(told()) >= 2, seconds=20, what="the second page's primary is told")
    time.sleep(1)

    assert page.state == "open"
    assert sorted(names[0] for _, _, names in told()) == ["Ana", "Ana"]
