"""How the test database gets its tables: by the migrations once, and from then on by a dump of what they made.

The migrations take eleven seconds, in each process of a run, and in each run of one test.
"""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path
from typing import Any

import django
from django.core.management import get_commands
from django.core.management.commands.migrate import Command
from django.db import connection

from supportops import dumps
from tests.environment import HOME

# A server elsewhere may be of another version than the programs that dump and restore here.
EMBEDDED = "supportops.postgres"
PROJECT = Path(__file__).resolve().parent.parent


class Migrate(Command):
    """Stands in for `migrate` in this process."""

    def handle(self, *labels: Any, **options: Any) -> None:
        if connection.settings_dict["ENGINE"] != EMBEDDED:
            super().handle(*labels, **options)
            return
        HOME.mkdir(parents=True, exist_ok=True)
        made = HOME / f"migrated-{_of_what()}.dump"
        with (HOME / "migrated.lock").open("w") as alone:
            fcntl.flock(alone, fcntl.LOCK_EX)
            if not made.exists():
                super().handle(*labels, **options)
                for old in HOME.glob("migrated-*.dump"):
                    old.unlink()
                dumps.write(made)
                return
        dumps.read(made)


def _of_what() -> str:
    """A word for all that may have a say in what migrating makes: our code, and whose code it calls."""
    said = hashlib.sha256(django.get_version().encode())
    said.update((PROJECT / "requirements-dev.lock").read_bytes())
    for folder in ("apps", "supportops"):
        for file in sorted((PROJECT / folder).rglob("*.py")):
            said.update(str(file.relative_to(PROJECT)).encode() + file.read_bytes())
    return said.hexdigest()[:16]


def install() -> None:
    """From now on making the test database uses it."""
    get_commands()["migrate"] = Migrate()


def remove() -> None:
    """It is made; tests that migrate mean Django's own."""
    get_commands()["migrate"] = "django.core"
