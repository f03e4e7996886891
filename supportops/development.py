"""How `manage.py run` was started here, so that other commands in this checkout agree with it.

Somebody who typed `make run` and then `manage.py create_api_key` in another window means the portal that runs.
A deployment is never mistaken for development: whoever sets DEBUG, SECRET_KEY or DATABASE_URL decides alone.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path

FILE = "development.env"
REMEMBERED = ("DEBUG", "DEMO", "HOST", "PORT", "BASE_URL")
DECISIVE = ("DEBUG", "SECRET_KEY", "DATABASE_URL")


def remember(home: Path, environment: MutableMapping[str, str]) -> None:
    """Keep in `home` what of the environment a later command needs."""
    lines = [f"{name}={environment[name]}\n" for name in REMEMBERED if name in environment]
    (home / FILE).write_text("".join(lines))


def recall(home: Path, environment: MutableMapping[str, str]) -> None:
    """Fill in what was remembered, unless the environment itself says what kind of portal this is."""
    if any(name in environment for name in DECISIVE):
        return
    try:
        lines = (home / FILE).read_text().splitlines()
    except OSError:
        return
    for line in lines:
        name, _, value = line.partition("=")
        if name in REMEMBERED:
            environment.setdefault(name, value)
