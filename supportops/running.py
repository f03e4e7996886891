"""Web and worker side by side under one Ctrl-C: what `manage.py run` keeps going. Part of a door."""

from __future__ import annotations

import errno
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType

from supportops.parents import die_with_parent

PATIENCE = 90.0
ASK = 0.5
GRACE = 12.0
LOOK = 0.2


class CannotRun(Exception):
    """It cannot start; the message is one sentence for the person at the terminal."""


def check_home(home: Path) -> None:
    """`home` can be written. Raises CannotRun."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotRun(
            f"Cannot write to {home} ({error.strerror}): name another folder with SUPPORTOPS_HOME."
        ) from error


def check_port(host: str, port: int) -> None:
    """Somebody may listen on `port`, and nobody does. Raises CannotRun."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As gunicorn will: what a stopped one left in TIME_WAIT is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise CannotRun(_refusal(error, host, port)) from error


def _refusal(error: OSError | OverflowError, host: str, port: int) -> str:
    code = getattr(error, "errno", None)
    if code == errno.EADDRINUSE:
        who = "SupportOps is running there already" if _is_ours(host, port) else "another program has it"
        return f"Port {port} on {host} is in use ({who}): stop that, or choose another with PORT={port + 1}."
    if code == errno.EACCES:
        return f"Port {port} needs rights that this account lacks: choose one above 1023 with PORT."
    return f"Cannot listen on {host}, port {port} ({error}): set HOST and PORT to an address of this machine."


def _is_ours(host: str, port: int) -> bool:
    try:
        with urllib.request.urlopen(f"{address(host, port)}/healthz", timeout=1) as answer:  # noqa: S310
            return bool(answer.read(20) == b"alive\n")
    except (OSError, ValueError):
        return False


def address(host: str, port: int) -> str:
    """What to type into a browser on this machine."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


@dataclass
class Child:
    """A process of ours, whose lines are shown with its name."""

    name: str
    command: list[str]
    environment: dict[str, str]
    # What ends it soonest without losing anything.
    goodbye: signal.Signals
    process: subprocess.Popen[bytes] = field(init=False)
    rest: bytes = b""

    def start(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            self.command,
            cwd=folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A Ctrl-C in the terminal is for us alone: we end it in our order.
            start_new_session=True,
            # Should we be killed with -9, it ends too. There are no threads here that a fork could upset.
            preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGTERM),
        )

    def say(self, text: bytes) -> None:
        """Show the whole lines that are there now."""
        *lines, self.rest = (self.rest + text).split(b"\n")
        for line in lines:
            print(f"{self.name:6} | {line.decode(errors='replace')}", flush=True)


class Running:
    """Starts the children, shows what they say, and ends them all when one gives up or somebody says so."""

    def __init__(self, children: list[Child], folder: Path) -> None:
        self.children = children
        self.folder = folder
        self.signals = 0
        self.pipes = selectors.DefaultSelector()

    def start(self) -> None:
        """All are started; from here on `stop` must be called."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        for child in self.children:
            self._start(child)

    def _start(self, child: Child) -> None:
        child.start(self.folder)
        assert child.process.stdout is not None
        os.set_blocking(child.process.stdout.fileno(), False)
        self.pipes.register(child.process.stdout, selectors.EVENT_READ, child)

    def wait_until(self, ready: Callable[[], str]) -> None:
        """Returns when `ready` answers with nothing, or when told to stop. Raises CannotRun.

        `ready` says what is missing.
        """
        end = time.monotonic() + PATIENCE
        while not self.signals:
            ask_at = time.monotonic() + ASK
            while time.monotonic() < ask_at and not self.signals:
                self._pump()
                self._must_live()
            missing = ready()
            if not missing:
                return
            if time.monotonic() > end:
                raise CannotRun(f"Not ready after {PATIENCE:.0f} seconds: {missing}")

    def run(self) -> None:
        """Returns when told to stop. A killed child is started anew; CannotRun when one ended by itself."""
        while not self.signals:
            self._pump()
            self._must_live()

    def stop(self) -> None:
        """Nothing that was started is left. A second Ctrl-C does not wait."""
        told = self.signals
        for child in self._alive():
            with suppress(ProcessLookupError):
                child.process.send_signal(child.goodbye)
        end = time.monotonic() + GRACE
        while self._alive() and time.monotonic() < end and self.signals <= max(told, 1):
            self._pump()
        for child in self.children:
            if hasattr(child, "process"):
                with suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
        self._pump(0)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1

    def _alive(self) -> list[Child]:
        return [child for child in self.children if hasattr(child, "process") and child.process.poll() is None]

    def _must_live(self) -> None:
        for child in self.children:
            if child.process.poll() is not None and not self.signals:
                self._pump(0)
                if child.process.returncode == -signal.SIGKILL:
                    self._start_anew(child)
                    continue
                raise CannotRun(f"The {child.name} process ended by itself; its last lines are above.")

    def _start_anew(self, child: Child) -> None:
        """A child that was killed, by a person or for want of memory, comes back; what it left behind ends first."""
        with suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.say(b"was killed; starting it anew\n")
        self._start(child)

    def _pump(self, wait: float = LOOK) -> None:
        if not self.pipes.get_map():
            time.sleep(wait)
            return
        for key, _ in self.pipes.select(wait):
            text = os.read(key.fd, 65_536)
            if text:
                key.data.say(text)
            else:
                self.pipes.unregister(key.fileobj)


def children(host: str, port: int, folder: Path) -> list[Child]:
    """Web and worker of this machine."""
    shown = f"[{host}]" if ":" in host else host
    web = [sys.executable, "-m", "gunicorn", "supportops.wsgi", "--bind", f"{shown}:{port}"]
    worker = [sys.executable, str(folder / "manage.py"), "worker"]
    return [
        Child("web", web, {"WEB_WORKERS": os.environ.get("WEB_WORKERS", "1")}, signal.SIGINT),
        Child("worker", worker, {}, signal.SIGINT),
    ]


def missing_at(url: str) -> str:
    """What /readyz at `url` says is missing; nothing when all is well."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:  # noqa: S310
            answer.read()
            return ""
    except urllib.error.HTTPError as refused:
        try:
            return " ".join(json.loads(refused.read())["missing"].values())
        except (ValueError, KeyError, AttributeError):
            return f"the web process answers {refused.code}."
    except OSError:
        return "the web process does not answer."
