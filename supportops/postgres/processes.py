"""Which process a number means: numbers are given out again, so a number alone says nothing."""

import os
import subprocess
from pathlib import Path

PROC = Path("/proc")


def exists(pid: int) -> bool:
    """Whether some process, anybody's, has this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_postmaster(pid: int, data: Path, *, proc: Path = PROC) -> bool:
    """Whether the process runs PostgreSQL's postmaster on the data folder `data`, and has not ended.

    `proc` is where Linux tells of processes; where nothing is there, as on macOS, ps is asked.
    """
    if not (proc / "self" / "cmdline").exists():
        return _is_postmaster_by_ps(pid, data)
    try:
        # Empty for one that has ended and was not yet waited for; its children call themselves "postgres: …".
        command = (proc / str(pid) / "cmdline").read_bytes().split(b"\0")
        if os.path.basename(command[0]) != b"postgres":
            return False
        # A postmaster works in its data folder; this holds when the home was moved under it.
        return os.path.samefile(proc / str(pid) / "cwd", data)
    except PermissionError:
        return os.fsencode(data.resolve()) in command
    except OSError:
        return False


def _is_postmaster_by_ps(pid: int, data: Path) -> bool:
    """The same where there is no /proc (macOS)."""
    shown = subprocess.run(
        ["ps", "-ww", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    ).stdout
    program, found, _ = shown.partition(f" -D {data.resolve()} ")
    return bool(found) and os.path.basename(program) == "postgres"
