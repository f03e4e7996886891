"""A real `manage.py worker` on the test's own database, and its parts by name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django_q.models import OrmQ

PROJECT = Path(settings.BASE_DIR)


def until(condition: Callable[[], bool], *, seconds: float, what: str) -> float:
    """How long it took until `condition` was true; fails when it was not within `seconds`."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"not within {seconds} s: {what}"
        time.sleep(0.03)
    return time.monotonic() - began


def environment(name: str = "") -> dict[str, str]:
    """What lets another process use this test's database, or another one of the same server."""
    database = connection.settings_dict
    where = f"host={database['HOST']}&port={database['PORT']}"
    return {
        **os.environ,
        "DEBUG": "1",
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": f"postgres://{database['USER']}@/{name or database['NAME']}?{where}",
    }


@dataclass(frozen=True)
class Process:
    """A live process; of its name the system keeps 15 characters."""

    parent: int
    group: int
    name: str


@dataclass(frozen=True)
class Look:
    """The guard's group as it was at one instant."""

    guard: int
    everybody: dict[int, Process]

    def children(self, pid: int | None) -> list[int]:
        """Oldest first."""
        return [child for child, one in self.everybody.items() if pid and one.parent == pid]

    @property
    def main(self) -> int | None:
        return next(iter(self.children(self.guard)), None)

    @property
    def sentinel(self) -> int | None:
        return next(iter(self.children(self.main)), None)

    @property
    def parts(self) -> list[int]:
        """Workers, monitor and pusher."""
        return self.children(self.sentinel)

    def at(self, job: str) -> list[int]:
        """The workers at this job; `idle` means at none."""
        return [pid for pid in self.parts if self.everybody[pid].name == f"job: {job}"[:15]]

    @property
    def others(self) -> list[int]:
        """Monitor and pusher."""
        return [pid for pid in self.parts if not self.everybody[pid].name.startswith("job: ")]

    @property
    def is_whole(self) -> bool:
        """Whether its five workers, monitor and pusher are there, and somebody is free for what comes."""
        return len(self.parts) == 7 and len(self.others) == 2 and bool(self.at("idle"))

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits: what is queued is what is being done, so the handing over of a start is done too."""
        return self.is_whole and OrmQ.objects.count() == len(self.parts) - len(self.others) - len(self.at("idle"))


class Worker:
    """The guard and the group below it, started with `settings` in its environment."""

    def __init__(self, **settings: str) -> None:
        # SHOW_WORKER=1 lets its log through, for looking into a failure.
        log = None if os.environ.get("SHOW_WORKER") else subprocess.DEVNULL
        self.guard = subprocess.Popen(
            [sys.executable, str(PROJECT / "manage.py"), "worker"],
            env=environment() | settings,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def look(self) -> Look:
        """What there is of it now."""
        return Look(self.guard.pid, everybody())

    @property
    def main(self) -> int | None:
        return self.look().main

    @property
    def sentinel(self) -> int | None:
        return self.look().sentinel

    @property
    def parts(self) -> list[int]:
        return self.look().parts

    @property
    def others(self) -> list[int]:
        return self.look().others

    def at(self, job: str) -> list[int]:
        """The workers at this job; `idle` means at none."""
        return self.look().at(job)

    @property
    def is_whole(self) -> bool:
        return self.look().is_whole

    @property
    def group(self) -> set[int]:
        """Every live process of the group, with or without a parent."""
        now = self.look()
        return {pid for pid, one in now.everybody.items() if now.main and one.group == now.main}

    def wait_until_it_sweeps(self) -> None:
        """One worker holds the sweep, the handing over of a start is done, and somebody is idle."""

        def sweeps() -> bool:
            now = self.look()
            return len(now.at("sweep")) == 1 and now.is_settled

        until(sweeps, seconds=30, what="sweeping")

    def kill(self) -> None:
        """Nothing of it is left, at once: where how it ends is not what a test is about."""
        group = self.group
        self.guard.kill()
        self.guard.wait()
        until(lambda: not alive(group), seconds=10, what="the group is gone")

    def stop(self, number: int = signal.SIGINT) -> None:
        if self.guard.poll() is None:
            self.guard.send_signal(number)
            try:
                self.guard.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.guard.kill()
                self.guard.wait()


def everybody() -> dict[int, Process]:
    """Every live process by its number, oldest first. Looking costs milliseconds, so who waits looks once a time."""
    found = ((int(folder.name), _process(folder)) for folder in Path("/proc").iterdir() if folder.name.isdigit())
    return {pid: one for pid, one in sorted(found) if one}


def alive(those: set[int]) -> set[int]:
    """Those of these that still live."""
    return those & everybody().keys()


def _process(folder: Path) -> Process | None:
    """None when it is gone, or dead and not yet buried."""
    try:
        before, _, after = (folder / "stat").read_text().rpartition(") ")
    except OSError:
        return None
    state, parent, group = after.split(maxsplit=3)[:3]
    return None if state == "Z" else Process(int(parent), int(group), before.partition("(")[2])
