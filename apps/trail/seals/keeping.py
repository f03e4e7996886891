"""Keeping the newest seal outside the database: a line a seal, added to a file.

Whoever can rewrite the database could seal it anew from the first event on; what stands elsewhere shows it. A file that
cannot be written, or a disk that hangs, holds up no sealing: it is written beside it, and what was missed does not
matter, since each seal vouches for all before it.
"""

from __future__ import annotations

import logging
import os
import threading
from datetime import datetime
from pathlib import Path

from apps.trail.seals.chain import Head, kept

logger = logging.getLogger(__name__)

# Of a file that has grown for years the end is enough.
MOST_READ = 1_000_000
_writing = threading.Lock()


def add(head: Head, *, made_at: datetime, path: Path) -> None:
    """The head is the file's last line, on the disk. Raises OSError."""
    line = f"{made_at.isoformat(timespec='seconds')} {head}\n"
    # Only its owner can read or change it; whoever wants more gives it other rights, or a folder elsewhere.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def add_beside(head: Head, *, made_at: datetime, path: Path) -> None:
    """As `add`, without waiting for it; left out while the one before is still being written."""
    if _writing.acquire(blocking=False):
        threading.Thread(target=_add_and_release, args=(head, made_at, path), daemon=True).start()


def _add_and_release(head: Head, made_at: datetime, path: Path) -> None:
    try:
        add(head, made_at=made_at, path=path)
    except OSError as error:
        logger.error("The newest seal could not be kept in %s: %s", path, error)
    finally:
        _writing.release()


def heads_in(path: Path) -> list[Head]:
    """The heads kept in a file, by number; of a large one those at its end. Raises OSError."""
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - MOST_READ))
        return kept(file.read().decode(errors="replace"))
