"""The sealing process killed with -9, anywhere: nothing is lost, nothing is sealed twice, and the next one goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.trail.models import StoredEvent
from apps.trail.reacting import Recorded
from apps.trail.seals import places, sealing
from apps.trail.seals.models import Seal
from apps.trail.seals.verifying import verify
from supportops import schedule_sync
from tests import make
from tests.ground.working import Worker, until
from tests.trail.lamps import LampSwitched, switched
from tests.trail.seals.sealing import seal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]
ROOT = Path(__file__).resolve().parents[3]
# It seals two events at a time and as fast as it can, so that a kill falls into the midst of it.
SEAL = """
import sys, django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from datetime import timedelta
from django.utils import timezone
from apps.trail.seals import sealing
print("ready", flush=True)
while True:
    sealing.seal_next(now=timezone.now(), patience=timedelta(0), most=2)
"""


@pytest.fixture
def sealer() -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts processes that seal; none is left behind."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "supportops.settings"}
        command = [sys.executable, "-c", SEAL, str(connection.settings_dict["NAME"])]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def sealed() -> list[int]:
    return [place.position for one in Seal.objects.all() for place in places.unpack(bytes(one.places))]


def everything() -> list[int]:
    return list(StoredEvent.objects.order_by("epoch", "transaction", "position").values_list("position", flat=True))


def test_killed_at_any_moment_nothing_is_lost_and_nothing_sealed_twice(
    sealer: Callable[[], subprocess.Popen[str]], now: datetime
) -> None:
    moments = random.Random(11)
    killed_within = 0
    for turn in range(6):
        switched(40, now=now, first=40 * turn)
        process = sealer()
        time.sleep(moments.uniform(0, 0.04))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        killed_within += sealing.lag().unsealed > 0
    seal(now=now)

    # A kill after everything was sealed proves nothing.
    assert killed_within >= 2
    assert sealed() == everything()
    assert verify().holds


def test_killed_while_its_seal_waits_to_be_added_the_next_one_adds_it(
    sealer: Callable[[], subprocess.Popen[str]], now: datetime
) -> None:
    switched(4, now=now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE trail_seal IN EXCLUSIVE MODE")
        process = sealer()
        make.until_somebody_waits()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    until(lambda: Seal.objects.count() in (0, 1), seconds=5, what="the killed one is gone")

    seal(now=now)

    assert sealed() == everything()
    assert verify().holds


def test_several_sealers_make_one_chain(sealer: Callable[[], subprocess.Popen[str]], now: datetime) -> None:
    for _ in range(3):
        sealer()
    for turn in range(10):
        switched(7, now=now, first=7 * turn)

    until(lambda: sealing.lag().unsealed == 0, seconds=60, what="all is sealed")

    assert sealed() == everything()
    assert verify().holds


def are_sealed(entries: list[Recorded[LampSwitched]]) -> Callable[[], bool]:
    """Whether these are; a worker records and seals events of its own as well."""
    return lambda: {entry.position for entry in entries} <= set(sealed())


def test_a_worker_whose_sealing_job_is_killed_seals_on_within_seconds(now: datetime) -> None:
    schedule_sync.sync(now=timezone.now())
    worker = Worker()
    try:
        until(are_sealed(switched(3, now=now)), seconds=60, what="the worker seals")
        more = switched(3, now=now, first=3)
        os.kill(worker.at("follow")[0], signal.SIGKILL)
        took = until(are_sealed(more), seconds=30, what="another seals")
    finally:
        worker.stop()
    seal(now=now)

    assert took < 10
    assert sealed() == everything()
    assert verify().holds


def test_a_worker_seals_within_five_seconds_of_the_commit(now: datetime) -> None:
    schedule_sync.sync(now=timezone.now())
    worker = Worker()
    try:
        until(are_sealed(switched(1, now=now)), seconds=60, what="the worker seals")
        took = until(are_sealed(switched(1, now=now, first=1)), seconds=30, what="the next is sealed")
    finally:
        worker.kill()

    assert took < 5
