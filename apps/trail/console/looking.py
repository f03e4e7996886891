"""A process that only looks: PostgreSQL refuses every write of it, whichever way it is tried."""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.backends.postgresql.base import Cursor
from psycopg.errors import ReadOnlySqlTransaction

from apps.trail.console.connecting import tell

ADVICE = (
    "Nothing was changed: this console only looks, as nobody said who is at work, and for what. "
    "Open it again with --as YOUR-EMAIL --for THE-ISSUE'S-ADDRESS."
)
# Where something between us and PostgreSQL drops what we tell it when connecting.
UNSAFE = (
    "Nothing was asked or changed: without --as YOUR-EMAIL --for THE-ISSUE'S-ADDRESS this console only looks, and "
    "PostgreSQL was not told so; whatever pools the connections must pass their options on."
)
PARAMETER = "default_transaction_read_only"
_only_looks = False


class OnlyLooking(Exception):
    """Something was to be changed from a process that only looks; the message says what to do."""


class Explaining(Cursor):
    """A cursor whose refusal to write says what to do about it."""

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        self._must_only_look()
        try:
            return super().execute(*args, **kwargs)  # type: ignore[misc]
        except ReadOnlySqlTransaction as error:
            raise ReadOnlySqlTransaction(ADVICE) from error

    def executemany(self, *args: Any, **kwargs: Any) -> Any:
        self._must_only_look()
        try:
            return super().executemany(*args, **kwargs)  # type: ignore[misc]
        except ReadOnlySqlTransaction as error:
            raise ReadOnlySqlTransaction(ADVICE) from error

    def _must_only_look(self) -> None:
        connection: Any = self.connection  # type: ignore[attr-defined]
        if getattr(connection, "is_known_to_only_look", False):
            return
        super().execute(f"SHOW {PARAMETER}")  # type: ignore[misc]
        if self.fetchone()[0] != "on":  # type: ignore[attr-defined]
            raise OnlyLooking(UNSAFE)
        connection.is_known_to_only_look = True


def only_look() -> None:
    """From here on no connection of this process writes: of no thread, and of none of the programs it starts."""
    global _only_looks
    _only_looks = True
    for alias in connections:
        connections.settings[alias].setdefault("OPTIONS", {})["cursor_factory"] = Explaining
    tell(PARAMETER, "on")


def only_looks() -> bool:
    """Whether this is such a process."""
    return _only_looks


def refuse_if_only_looking() -> None:
    """Raises OnlyLooking in such a process: for what is not PostgreSQL's to refuse."""
    if _only_looks:
        raise OnlyLooking(ADVICE)
