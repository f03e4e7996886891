"""How long to wait before trying again, and when to stop. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST = timedelta(seconds=2)
LONGEST = timedelta(minutes=5)
# While a message's fate is unknown its channel waits for it, so it is looked for more often.
LONGEST_LOOK = timedelta(seconds=30)
GIVE_UP = timedelta(hours=24)
# What waited a day for a token was never tried: it gets its tries.
TRIES = 12


def backoff(attempts: int, *, longest: timedelta = LONGEST) -> timedelta:
    """The wait after so many attempts in vain: 2, 4, 8 … s, at most `longest`."""
    # Ten doublings are beyond every longest wait; more would only make a huge number.
    return min(FIRST * (1 << min(max(attempts - 1, 0), 10)), longest)


def exhausted(attempts: int, *, created_at: datetime, now: datetime) -> bool:
    """Whether a day and a dozen tries have passed in vain."""
    return attempts >= TRIES and now - created_at >= GIVE_UP
