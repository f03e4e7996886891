"""Keeps one django-q2 cluster going, as a process group of its own. Reads the clock: it is part of a door.

The group is a fork of the guard: what a start costs most, imports and checks, was done once, and another group sweeps
one to three seconds after one fell.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import time
from contextlib import suppress
from datetime import timedelta
from multiprocessing.context import ForkProcess
from types import FrameType

from django.db import DatabaseError, connection, connections
from django.utils import timezone
from django_q.models import Schedule

from apps.escalations.models import Beat
from apps.trail.later import enqueue
from supportops.cluster import serve
from supportops.schedules import PREFIX
from supportops.worker import HOLDING

logger = logging.getLogger(__name__)

LOOK = 0.2
# How long jobs may take to notice that the worker is ending; then the group is killed.
GRACE = 10.0
# A scheduled job begins every minute. When none began for so long, the queue is stuck in a way nobody foresaw.
STUCK = timedelta(seconds=100)
LOOK_AT_DATABASE = 2.0
# A cluster that ends at once (no database, a broken setting) is not started again in a tight loop.
PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0)
HEALTHY_AFTER = 30.0


class Guard:
    """Starts the group, starts another when it ended or is stuck, and ends it when told to."""

    def __init__(self) -> None:
        self.told_to_stop = False
        self.database_was_away = False

    def run(self) -> None:
        """Returns after SIGINT or SIGTERM, when nothing of the group is left."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        # What is there by now stays, and shared with every fork: none looks for garbage in it, which would copy it.
        gc.collect()
        gc.freeze()
        failures = 0
        while not self.told_to_stop:
            born = time.monotonic()
            group = self._start()
            try:
                self._watch(group, born)
                if self.told_to_stop:
                    self._ask_to_end(group)
            finally:
                kill(group)
            failures = 0 if time.monotonic() - born > HEALTHY_AFTER else failures + 1
            self._sleep(PAUSES[min(failures, len(PAUSES)) - 1] if failures else 0.0)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.told_to_stop = True

    def _start(self) -> ForkProcess:
        # A connection is of one process.
        connections.close_all()
        group = multiprocessing.get_context("fork").Process(target=_be_the_group, args=(os.getpid(),))
        group.start()
        _lead_a_group(group.pid or 0)
        return group

    def _watch(self, group: ForkProcess, born: float) -> None:
        """Returns when the group must end or has ended."""
        look_at = born + LOOK_AT_DATABASE
        while not self.told_to_stop and group.is_alive():
            time.sleep(LOOK)
            if time.monotonic() < look_at:
                continue
            look_at = time.monotonic() + LOOK_AT_DATABASE
            if self._is_stuck(time.monotonic() - born):
                logger.error("No job has begun for %s though some are due: starting all anew.", STUCK)
                return

    def _is_stuck(self, age: float) -> bool:
        """Whether jobs are scheduled every minute and yet none began anywhere for STUCK."""
        now = timezone.now()
        try:
            last = Beat.objects.filter(name="worker").values_list("at", flat=True).first()
            if self.database_was_away:
                # What held ended with an error; its schedule would bring it back only within a minute.
                for job in HOLDING:
                    enqueue(job)
                self.database_was_away = False
            if age < STUCK.total_seconds() or (last is not None and now - last < STUCK):
                return False
            return bool(Schedule.objects.filter(name__startswith=PREFIX, minutes=1).exists())
        except DatabaseError as error:
            if not self.database_was_away:
                logger.warning("The database does not answer: %s", str(error).strip().partition("\n")[0])
            self.database_was_away = True
            connection.close()
            return False

    def _ask_to_end(self, group: ForkProcess) -> None:
        end = time.monotonic() + GRACE
        while group.is_alive() and time.monotonic() < end:
            with suppress(ProcessLookupError):
                os.killpg(group.pid or 0, signal.SIGINT)
            group.join(timeout=0.5)

    def _sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self.told_to_stop and time.monotonic() < end:
            time.sleep(LOOK)


def _be_the_group(guard: int) -> None:
    _lead_a_group(0)
    serve(guard)


def _lead_a_group(pid: int) -> None:
    """Said by the guard and by the process itself, so that it is true for either as soon as it goes on."""
    with suppress(OSError):
        os.setpgid(pid, pid)


def kill(group: ForkProcess) -> None:
    """Nothing of the group is left."""
    with suppress(ProcessLookupError):
        os.killpg(group.pid or 0, signal.SIGKILL)
    group.join()
