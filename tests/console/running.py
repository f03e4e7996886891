"""Real `manage.py` processes on the test's own database, piped or at a terminal."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial

from tests.ground.working import PROJECT, environment

ISSUE = "https://issues.example.com/4711"


def manage(
    *arguments: str, script: str | None = None, ignoring: signal.Signals | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """The command with `script` on its standard input, which is no terminal; with a signal ignored as nohup does."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env=environment() | settings,
        input=script or "",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=partial(signal.signal, ignoring, signal.SIG_IGN) if ignoring else None,
    )


class Terminal:
    """The command at a terminal of its own; a line is typed when its question is there."""

    def __init__(self, *arguments: str, **settings: str) -> None:
        ours, theirs = pty.openpty()
        self.ours = ours
        self.shown = ""
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=environment() | {"TERM": "dumb", "HOME": "/nonexistent", **settings},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.ours)

    def wait_for(self, text: str, *, seconds: float = 40) -> str:
        """Everything shown since the last wait, up to this text."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            left = end - time.monotonic()
            assert left > 0, f"{text!r} was not shown, but: {self.shown}"
            if select.select([self.ours], [], [], left)[0]:
                try:
                    self.shown += os.read(self.ours, 65_536).decode(errors="replace")
                except OSError as ended:
                    raise AssertionError(f"It ended without {text!r}: {self.shown}") from ended
        before, self.shown = self.shown.split(text, 1)
        return before + text

    def type(self, text: str) -> None:
        """The text and Enter."""
        os.write(self.ours, f"{text}\n".encode())

    def end_of_input(self) -> None:
        """Ctrl-D."""
        os.write(self.ours, b"\x04")

    def ended(self) -> int:
        """Its exit code, once it has one."""
        end = time.monotonic() + 40
        while self.process.poll() is None and time.monotonic() < end:
            # Whoever does not read keeps it from writing its last words.
            if select.select([self.ours], [], [], 0.1)[0]:
                with suppress(OSError):
                    self.shown += os.read(self.ours, 65_536).decode(errors="replace")
        return self.process.wait(timeout=1)
