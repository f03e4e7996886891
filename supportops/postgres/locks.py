"""File locks that the kernel frees when their holder dies, however it dies.

flock, not lockf: a flock belongs to the open file, so forked children hold it too, and closing another
handle of the same file does not drop it.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Waiting is a poll and not a blocking flock because a blocking one knows no timeout.
PAUSE = 0.02

_shared: dict[Path, int] = {}


def open_file(path: Path) -> int:
    """A handle of the lock file, made when missing; programs we start do not inherit it."""
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def take(handle: int, *, shared: bool = False) -> bool:
    """True if the lock is ours now; False, at once, if somebody else has it."""
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def take_until(handle: int, deadline: float, *, shared: bool = False) -> bool:
    """True as soon as the lock is ours; False if it is not at `deadline` (time.monotonic)."""
    while not take(handle, shared=shared):
        if time.monotonic() >= deadline:
            return False
        time.sleep(PAUSE)
    return True


def drop(handle: int) -> None:
    fcntl.flock(handle, fcntl.LOCK_UN)


def is_held(path: Path) -> bool:
    """Whether some process has the lock exclusively."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not take(handle, shared=True)
    finally:
        os.close(handle)


@contextmanager
def exclusively(path: Path, deadline: float) -> Iterator[None]:
    """The lock is ours inside. Raises TimeoutError at `deadline`."""
    handle = open_file(path)
    try:
        if not take_until(handle, deadline):
            raise TimeoutError(path)
        yield
    finally:
        os.close(handle)


def hold_for_life(path: Path, deadline: float) -> None:
    """This process, and what it forks, holds the lock shared until it ends.

    Raises TimeoutError at `deadline`.
    """
    held = _shared.get(path)
    if held is not None and _is_open_on(held, path):
        return
    # The old handle is not closed: whoever closed it behind our back may have opened that number anew.
    handle = open_file(path)
    if not take_until(handle, deadline, shared=True):
        os.close(handle)
        raise TimeoutError(path)
    _shared[path] = handle


def _is_open_on(handle: int, path: Path) -> bool:
    """False once a daemon library has closed our handles, or the folder was deleted and made anew."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except OSError:
        return False
