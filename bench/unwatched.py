"""Rows for the figures are not told of: a million of them would be a million events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

WATCHES = """
SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname IN ('trail_watch_rows', 'trail_watch_changes')
"""


@contextmanager
def unwatched() -> Iterator[None]:
    """Until the block ends the database tells the trail of no change."""
    with connection.cursor() as cursor:
        cursor.execute(WATCHES)
        watches = cursor.fetchall()
        for table, trigger in watches:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    yield
    with connection.cursor() as cursor:
        for table, trigger in watches:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
