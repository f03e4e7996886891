"""A real `manage.py worker` on the test's own database, and its parts by name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
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
        time.sleep(0.02)
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

    @property
    def main(self) -> int | None:
        return next(iter(children(self.guard.pid)), None)

    @property
    def sentinel(self) -> int | None:
        return next(iter(children(self.main)), None) if self.main else None

    @property
    def parts(self) -> list[int]:
        """Workers, monitor and pusher."""
        return children(self.sentinel) if self.sentinel else []

    def at(self, job: str) -> list[int]:
        """The workers at this job; `idle` means at none."""
        return [pid for pid in self.parts if comm(pid) == f"job: {job}"[:15]]

    @property
    def is_whole(self) -> bool:
        """Whether its five workers, monitor and pusher are there, and somebody is free for what comes."""
        return len(self.parts) == 7 and len(self.others) == 2 and bool(self.at("idle"))

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits: what is queued is what is being done, so the handing over of a start is done too."""
        return self.is_whole and OrmQ.objects.count() == len(self.parts) - len(self.others) - len(self.at("idle"))

    @property
    def others(self) -> list[int]:
        """Monitor and pusher."""
        return [pid for pid in self.parts if not comm(pid).startswith("job: ")]

    @property
    def group(self) -> set[int]:
        """Every live process of the group, with or without a parent."""
        group = self.main
        return {pid for pid in everybody() if group and process_group(pid) == group}

    def wait_until_it_sweeps(self) -> None:
        """One worker holds the sweep, the handing over of a start is done, and somebody is idle."""
        until(lambda: len(self.at("sweep")) == 1 and self.is_settled, seconds=30, what="sweeping")

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


def children(pid: int) -> list[int]:
    """The live children of a process, oldest first."""
    return sorted(child for child in everybody() if stat(child)[1:2] == [str(pid)])


def everybody() -> list[int]:
    return [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit() and stat(int(folder.name))[:1] not in ([], ["Z"])
    ]


def alive(those: set[int]) -> set[int]:
    """Those of these that still live."""
    return those & set(everybody())


def process_group(pid: int) -> int:
    return int((stat(pid)[2:3] or ["0"])[0])


def stat(pid: int) -> list[str]:
    """State, parent, group … of a process; nothing when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []


def comm(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
