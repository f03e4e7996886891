"""A whole portal (web, worker, database, demo) in a home of its own, run as `make run` runs it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
READY = "Ctrl-C stops it."


class Run:
    """One `manage.py run`; what it says goes to a file, so that nobody has to listen."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run"],
                cwd=PROJECT,
                env=os.environ | environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def said(self) -> str:
        """Everything until now."""
        return self.log.read_text(errors="replace")

    def wait_until_ready(self, seconds: float = 180) -> None:
        """Returns when all is ready."""
        until = time.monotonic() + seconds
        while READY not in (said := self.said):
            assert self.process.poll() is None, f"It ended:\n{said}"
            assert time.monotonic() < until, f"It did not become ready:\n{said}"
            time.sleep(0.1)

    def ended(self, seconds: float = 60) -> int:
        """Its exit code, once it has one."""
        return self.process.wait(seconds)

    def stop(self) -> None:
        """Whether it ends when asked is for others to test."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self.process.wait()


class Portal:
    """A home, its address, and the runs in it. The first of them loads the demo; later ones find it there."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="supportops-portal-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.base = f"http://127.0.0.1:{self.port}"
        self.runs: list[Run] = []

    def start(self, **environment: str) -> Run:
        """Another run, with this in its environment besides."""
        given = {
            "DEBUG": "1",
            "DEMO": "1",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "BASE_URL": self.base,
            # Its own database, also when the tests use yours.
            "DATABASE_URL": "embedded",
            "SUPPORTOPS_HOME": str(self.home / "home"),
        }
        self.runs.append(Run(self.home / f"run-{len(self.runs)}.log", **(given | environment)))
        return self.runs[-1]

    def running(self) -> Run:
        """The run that is there, ready; one is started where there is none."""
        run = self.runs[-1] if self.runs and self.runs[-1].process.poll() is None else self.start()
        run.wait_until_ready()
        return run

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"{self.base}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def answer(self, path: str) -> str:
        """What a page says now; nothing when nobody answers."""
        try:
            return self.get(path)
        except OSError:
            return ""

    def clear(self) -> None:
        for run in self.runs:
            run.stop()
        shutil.rmtree(self.home, ignore_errors=True)
