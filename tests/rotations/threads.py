"""Somebody else at the same moment, with a connection of their own."""

from __future__ import annotations

import threading
from typing import Any

from django.db import close_old_connections, connection


def in_a_thread(work: Any) -> tuple[threading.Thread, list[Any]]:
    """The thread and what it came to."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        except Exception as error:
            found.append(error)
        finally:
            close_old_connections()
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found
