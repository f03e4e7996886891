"""The key that signs sessions and jobs, when nobody set one: for development alone."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path


def development_key(home: Path) -> str:
    """The key kept in `home`, made by whoever asks first, so that web, worker and the next start agree.

    A key of this process alone where `home` cannot be written: a command that needs the home says so itself.
    """
    path = home / "secret-key"
    try:
        if not path.exists():
            _make(path)
        return path.read_text()
    except OSError:
        return secrets.token_urlsafe(50)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside (mkstemp makes it 0600) and linked: two who come at once read one whole key.
    handle, aside = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(50))
    with suppress(FileExistsError):
        os.link(aside, path)
    os.unlink(aside)
