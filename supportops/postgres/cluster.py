"""The door to the embedded PostgreSQL: `ensure_running()`."""

import os
import select
import socket
import subprocess
import sys
import time

from supportops.postgres import locks
from supportops.postgres.errors import EmbeddedPostgresError
from supportops.postgres.keeper import READY
from supportops.postgres.place import PROJECT, Place, home
from supportops.postgres.server import last_words

TIMEOUT = 60.0
PAUSE = 0.05


def ensure_running(timeout: float = TIMEOUT) -> None:
    """The server answers, and goes on for as long as this process, or one it forks, lives.

    Starts it if nobody did. Cheap when it runs. Raises EmbeddedPostgresError with one sentence when it
    cannot be had within `timeout` seconds.
    """
    place = Place(home())
    deadline = time.monotonic() + timeout
    place.make()
    place.check_socket_folder()
    try:
        locks.hold_for_life(place.users_lock, deadline)
        if is_open(place):
            return
        with locks.exclusively(place.start_lock, deadline):
            _start(place, deadline)
    except TimeoutError as error:
        raise EmbeddedPostgresError(
            f"The embedded PostgreSQL did not answer within {timeout:.0f} seconds: see {place.server_log} "
            f"and {place.keeper_log}."
        ) from error
    except OSError as error:
        raise place.refused(error) from error


def is_open(place: Place) -> bool:
    """Whether a keeper says the server is up, and it is: the keeper learns of its end a moment late."""
    if not locks.is_held(place.open_lock):
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(place.socket))
        except OSError:
            return False
    return True


def _start(place: Place, deadline: float) -> None:
    """The server is open. Only one process at a time is in here, holding the start lock."""
    while not is_open(place):
        if time.monotonic() >= deadline:
            raise TimeoutError
        if locks.is_held(place.keeper_lock):
            time.sleep(PAUSE)  # starting, or bringing back one that fell over
        else:
            _start_keeper(place, deadline)


def _start_keeper(place: Place, deadline: float) -> None:
    """A keeper is up and so is its server. Raises EmbeddedPostgresError in the keeper's own words."""
    path = os.pathsep.join([str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])])
    with place.keeper_log.open("ab") as log:
        logged = log.tell()
        started = subprocess.Popen(
            [sys.executable, "-m", "supportops.postgres.keeper"],
            cwd="/",  # the keeper outlives us and must not keep our folder busy
            env={**os.environ, "SUPPORTOPS_HOME": str(place.home), "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    # What was started forks the keeper and ends, so waiting for it leaves no zombie.
    with started:
        assert started.stdout is not None
        line = _read_line(started.stdout.fileno(), deadline)
    if line == READY:
        return
    raise EmbeddedPostgresError(
        line
        or f"The embedded PostgreSQL's keeper ended: {last_words(place.keeper_log, logged)} "
        f"(the log is {place.keeper_log})"
    )


def _read_line(pipe: int, deadline: float) -> str:
    """The first line, or what came before the end. Raises TimeoutError at `deadline`.

    Not read to the end: a thread of ours that forks meanwhile would keep the pipe open for good.
    """
    read = b""
    while not read.endswith(b"\n"):
        if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise TimeoutError
        more = os.read(pipe, 4096)
        if not more:
            break
        read += more
    return read.decode(errors="replace").strip()
