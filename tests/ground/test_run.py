"""`manage.py run`, with everything it starts."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.ground.working import PROJECT, everybody, until

# The tests share a home: --dist loadfile gives them to one process, in their order.
pytestmark = pytest.mark.worker


class Portal:
    """One home, and the runs in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.runs: list[subprocess.Popen[str]] = []

    def start(self, **environment: str) -> subprocess.Popen[str]:
        given = {"DEBUG": "1", "DEMO": "1", "PORT": str(self.port), "SUPPORTOPS_HOME": str(self.home)}
        run = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=PROJECT,
            # Its own database, also when the tests use yours.
            env={**os.environ, "DATABASE_URL": "embedded", **given, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.runs.append(run)
        return run

    def ready(self) -> str:
        """What a run said until all was ready."""
        run = self.start()
        assert run.stdout is not None
        said = ""
        for line in run.stdout:
            said += line
            if "Ctrl-C stops it." in line:
                break
        assert "Ctrl-C stops it." in said, said
        return said

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def answer(self, path: str) -> str:
        """What a page says now; nothing when nobody answers."""
        try:
            return self.get(path)
        except OSError:
            return ""

    def processes(self) -> set[int]:
        """Everything that lives for this home."""
        mark = f"SUPPORTOPS_HOME={self.home}".encode()
        return {pid for pid in everybody() if mark in environ(pid)}

    def clear(self) -> None:
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        for run in self.runs:
            run.wait()
            if run.stdout:
                run.stdout.close()


def children_of(parent: int, mark: str) -> list[int]:
    """The process's own children whose command line has the mark."""
    found = []
    for pid in [pid for pid, one in everybody().items() if one.parent == parent]:
        with suppress(OSError):
            if mark.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


def environ(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    """A home in which the first run loads the demo; later ones find it there."""
    home = Path(tempfile.mkdtemp(prefix="so-run-", dir="/tmp"))
    one = Portal(home)
    yield one
    one.clear()
    shutil.rmtree(home, ignore_errors=True)


def test_a_run_starts_everything_and_ctrl_c_ends_it(portal: Portal) -> None:
    said = portal.ready()
    ready, signing_in = portal.get("/readyz"), portal.get("/admin/login/")

    portal.runs[-1].send_signal(signal.SIGINT)
    code = portal.runs[-1].wait(timeout=15)

    assert code == 0
    assert '"ready": true' in ready
    assert "SupportOps" in signing_in
    assert f"SupportOps runs at http://127.0.0.1:{portal.port}" in said
    assert "Loading the demo organisation" in said
    assert "manager@demo.example    Support manager" in said
    assert "tier 1, Support on shift, not embedded" in said
    # The database ends with its last user, a moment later.
    until(lambda: not portal.processes(), seconds=10, what="nothing is left")


def test_a_second_run_keeps_the_data_and_a_killed_one_leaves_nothing(portal: Portal) -> None:
    said = portal.ready()

    portal.runs[-1].kill()

    assert "Loading the demo" not in said
    until(lambda: not portal.processes(), seconds=15, what="nothing is left")


@pytest.mark.parametrize("mark", ["gunicorn", "worker"])
def test_a_killed_child_is_started_anew(portal: Portal, mark: str) -> None:
    portal.ready()
    before = children_of(portal.runs[-1].pid, mark)

    os.kill(before[0], signal.SIGKILL)

    until(lambda: children_of(portal.runs[-1].pid, mark) not in ([], before), seconds=20, what="another is there")
    until(lambda: '"ready": true' in portal.answer("/readyz"), seconds=30, what="all is ready")
    portal.runs[-1].terminate()
    assert portal.runs[-1].wait(timeout=15) == 0


def test_sigterm_ends_a_run_too(portal: Portal) -> None:
    portal.ready()

    portal.runs[-1].terminate()
    code = portal.runs[-1].wait(timeout=15)

    assert code == 0
    until(lambda: not portal.processes(), seconds=10, what="nothing is left")


def refusal(portal: Portal, **environment: str) -> str:
    """The one line with which a start is refused."""
    run = portal.start(**environment)
    said, _ = run.communicate(timeout=60)
    assert run.returncode == 1
    assert len(said.splitlines()) == 1, said
    return said


def test_a_port_in_use_is_one_sentence(portal: Portal) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]

        said = refusal(portal, PORT=str(taken))

    assert said.startswith(f"Port {taken} on 127.0.0.1 is in use (another program has it)")


def test_an_address_of_another_machine_is_one_sentence(portal: Portal) -> None:
    assert refusal(portal, HOST="192.0.2.1").startswith("Cannot listen on 192.0.2.1")


def test_a_home_that_cannot_be_written_is_one_sentence(portal: Portal) -> None:
    (portal.home / "a file").touch()

    said = refusal(portal, SUPPORTOPS_HOME=str(portal.home / "a file" / "home"))

    assert said.startswith("Cannot write to ")
    assert "SUPPORTOPS_HOME" in said


def test_a_database_that_is_away_is_one_sentence(portal: Portal) -> None:
    run = portal.start(DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    said, _ = run.communicate(timeout=60)

    assert run.returncode == 1
    assert "Traceback" not in said
    assert len(said.splitlines()) == 2, said
