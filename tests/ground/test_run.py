"""`manage.py run`, with everything it starts."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from tests.ground.working import everybody, until
from tests.portal import Portal

pytestmark = pytest.mark.worker


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


def processes(portal: Portal) -> set[int]:
    """Everything that lives for its home."""
    mark = f"SUPPORTOPS_HOME={portal.home}/home".encode()
    return {pid for pid in everybody() if mark in environ(pid)}


@pytest.fixture
def portal(demo_portal: Portal) -> Portal:
    """The first test ends the first run; the others begin with none."""
    return demo_portal


def test_a_run_starts_everything_and_ctrl_c_ends_it(portal: Portal) -> None:
    run = portal.running()
    ready, signing_in = portal.get("/readyz"), portal.get("/admin/login/")

    run.process.send_signal(signal.SIGINT)

    assert run.ended(15) == 0
    said = portal.runs[0].said
    assert '"ready": true' in ready
    assert "SupportOps" in signing_in
    assert f"SupportOps runs at http://127.0.0.1:{portal.port}" in said
    assert "Loading the demo organisation" in said
    assert "manager@demo.example    Support manager" in said
    assert "tier 1, Support on shift, not embedded" in said
    # The database ends with its last user, a moment later.
    until(lambda: not processes(portal), seconds=10, what="nothing is left")


def test_a_second_run_keeps_the_data_and_a_killed_one_leaves_nothing(portal: Portal) -> None:
    run = portal.running()

    run.process.kill()

    assert "Loading the demo" not in run.said
    until(lambda: not processes(portal), seconds=15, what="nothing is left")


@pytest.mark.parametrize("mark", ["gunicorn", "worker"])
def test_a_killed_child_is_started_anew(portal: Portal, mark: str) -> None:
    run = portal.running()
    before = children_of(run.pid, mark)

    os.kill(before[0], signal.SIGKILL)

    until(lambda: children_of(run.pid, mark) not in ([], before), seconds=20, what="another is there")
    until(lambda: '"ready": true' in portal.answer("/readyz"), seconds=30, what="all is ready")
    run.process.terminate()
    assert run.ended(15) == 0


def test_sigterm_ends_a_run_too(portal: Portal) -> None:
    run = portal.running()

    run.process.terminate()

    assert run.ended(15) == 0
    until(lambda: not processes(portal), seconds=10, what="nothing is left")


def refusal(portal: Portal, **environment: str) -> str:
    """The one line with which a start is refused."""
    run = portal.start(**environment)
    assert run.ended() == 1
    said = run.said
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

    assert run.ended() == 1
    said = run.said
    assert "Traceback" not in said
    assert len(said.splitlines()) == 2, said
