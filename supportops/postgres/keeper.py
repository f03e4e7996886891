"""The keeper: the one process that starts the embedded PostgreSQL, minds it, and stops it with its last user.

Started by `cluster.ensure_running` as `python -m supportops.postgres.keeper`. It leaves its starter at once,
so it is nobody's child, and writes one line to standard output: READY, or why there will be no server.
"""

import os
import signal
import sys
import time
from contextlib import suppress
from types import FrameType

from supportops.postgres import accounts, locks
from supportops.postgres.errors import EmbeddedPostgresError
from supportops.postgres.place import Place, home
from supportops.postgres.server import Server

READY = "ready"
# A command that follows the last one within this time finds the server still up.
LINGER = 2.0
LOOK = 0.2
LARGEST_LOG = 5 * 1024 * 1024


class Keeper:
    """Minds the server until nobody has used it for LINGER seconds, or until it is told to end."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.users = locks.open_file(place.users_lock)
        self.open = locks.open_file(place.open_lock)
        self.told_to_end = False

    def run(self) -> None:
        """The server has come up, served, and stopped.

        Leaving drops the locks, the users' lock last held exclusively: whoever comes while the server stops
        waits for the end and then starts a new keeper.
        """
        signal.signal(signal.SIGTERM, self._end)
        for ignored in (signal.SIGINT, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_IGN)
        server = Server(self.place, accounts.runner_for(self.place))
        server.make_data()
        server.make_socket_folder()
        try:
            server.come_up()
            self._set_open(True)
            announce(READY)
            while not self._is_over():
                if not server.is_alive():
                    self._set_open(False)
                    server.come_up()
                    self._set_open(True)
        finally:
            self._set_open(False)
            server.stop()

    def _is_over(self) -> bool:
        """True when nobody has used it for LINGER seconds (the users' lock is then ours), or we must end."""
        end = time.monotonic() + LINGER
        while not self.told_to_end and locks.take(self.users):
            if time.monotonic() >= end:
                return True
            locks.drop(self.users)
            time.sleep(LOOK)
        if not self.told_to_end:
            time.sleep(LOOK)
        return self.told_to_end

    def _set_open(self, is_open: bool) -> None:
        if not is_open:
            locks.drop(self.open)
            return
        while not locks.take(self.open):  # somebody is looking at it this very moment
            time.sleep(locks.PAUSE)

    def _end(self, signal_number: int, frame: FrameType | None) -> None:
        self.told_to_end = True


def keep(place: Place) -> None:
    """Keeps the server of `place` unless another keeper does."""
    lock = locks.open_file(place.keeper_lock)
    if not locks.take(lock):
        announce(READY)  # the starter looks for itself
        return
    for log in (place.server_log, place.keeper_log):
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_name(log.name + ".old"))
    Keeper(place).run()


def announce(line: str) -> None:
    """The starter knows; standard output is closed, so that nobody waits for more."""
    with suppress(OSError):  # when the starter was killed; the next one will look
        os.write(1, f"{line}\n".encode())
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)


def main() -> None:
    if os.fork():
        os._exit(0)
    try:
        keep(Place(home()))
    except EmbeddedPostgresError as error:
        announce(str(error))
        sys.exit(str(error))
    except OSError as error:
        announce(str(Place(home()).refused(error)))
        raise


if __name__ == "__main__":
    main()
