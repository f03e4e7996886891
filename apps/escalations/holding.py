"""A job that holds: it stays until a newer one takes over, so that work is met within moments of falling due.

django-q2 looks at schedules every 30 s and a cadence is at least a minute; a job that lasts until the next
one starts fills the gap. Killed with -9, it is replaced at once: a worker that spawns enqueues another.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from apps.escalations.models import Beat

# Set by the worker's SIGINT: workers inherit it ignored, and a hold would last to its end.
stopping = threading.Event()

# Under django-q2's timeout, over the cadence of a minute: the next one is there before this one ends.
LONGEST = timedelta(seconds=110)
LOOK = 0.5


def beat(name: str, *, token: str = "", now: datetime) -> None:
    """`name` is alive."""
    Beat.objects.update_or_create(name=name, defaults={"token": token, "at": now})


def hold(
    name: str,
    step: Callable[[], datetime | None],
    *,
    clock: Callable[[], datetime],
    longest: timedelta = LONGEST,
) -> str:
    """Call `step` again and again until a newer holder of `name`, the worker's end or `longest`; why it ended.

    `step` does what is due and says when it is needed next (None: nothing is planned). It is called then, or
    after half a second: what other processes add is seen as soon.
    """
    token = uuid.uuid4().hex
    beat(name, token=token, now=clock())
    until = clock() + longest
    while not stopping.is_set():
        next_at = step()
        now = clock()
        if Beat.objects.values_list("token", flat=True).get(name=name) != token:
            return "handed over"
        if now >= until:
            return "held long enough"
        wait = LOOK if next_at is None else min(LOOK, (next_at - now).total_seconds())
        if wait > 0:
            stopping.wait(wait)
    return "stopping"
