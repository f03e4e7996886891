"""Waiting at the trail's end for what comes next, as a long poll does: it holds a thread, and nothing of the database.

A web process has eight threads. No more than MOST of them wait at a time, so that people and Slack are answered
whoever follows; who finds no room is told to come back. An event is noticed EVERY seconds.
"""

from __future__ import annotations

import threading
import time

from apps.trail import reading
from apps.trail.models import StoredEvent
from apps.trail.order import Cursor
from apps.trail.reading import Query

MOST = 4
EVERY = 0.5
_room = threading.BoundedSemaphore(MOST)


def next_events(query: Query, *, after: Cursor, limit: int, seconds: float) -> list[StoredEvent] | None:
    """The first settled events after the place: at once, or as they come within so many seconds; none when none came.

    None: so many wait already that nobody else may. Outside of transactions only, where each look sees what is new.
    """
    found, seen = _look(query, after=after, limit=limit)
    if found or seconds <= 0:
        return found
    if not _room.acquire(blocking=False):
        return None
    try:
        until = time.monotonic() + seconds
        while not found and (left := until - time.monotonic()) > 0:
            time.sleep(min(EVERY, left))
            found, seen = _look(query, after=seen, limit=limit)
    finally:
        _room.release()
    return found


def _look(query: Query, *, after: Cursor, limit: int) -> tuple[list[StoredEvent], Cursor]:
    """The next events, and up to where there are none: from there the next look goes on."""
    below = reading.horizon()
    found = reading.forwards(query, after=after, limit=limit, below=below)
    newest = None if found else reading.newest(below)
    return found, max(newest, after) if newest else after
