"""When what failed is tried again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(hours=24)
WAITS = (MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR)


def next_try(*, attempts: int, created_at: datetime, now: datetime) -> datetime | None:
    """When the next try is after `attempts` that failed; None once it failed for a day.

    The last try is at the end of the day, not hours before it.
    """
    end = created_at + GIVEN_UP_AFTER
    if now >= end:
        return None
    wait = WAITS[min(attempts, len(WAITS)) - 1] if attempts else MINUTE
    return min(now + wait, end)
