"""Reading along after the commit: named followers, each with a cursor and a lease, at least once and in order.

A reaction belongs to what it reacts to and rolls back with it; a follower may be late, fail and try again, or read
everything once more. It goes by the trail's order below the horizon, so it misses nothing while writers run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from apps.trail import reading
from apps.trail import services as trail
from apps.trail.errors import BadEvent, UnknownFollower
from apps.trail.events import FollowerSentBack
from apps.trail.models import Follower, StoredEvent
from apps.trail.order import Cursor
from apps.trail.reading import Query

logger = logging.getLogger(__name__)

# Longer than a batch takes; a process that dies leaves its followers to others after it.
LEASE = timedelta(seconds=30)
# A follower that fails tries again after so long, then twice as long, and so on.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=5)

Handler = Callable[[Sequence[StoredEvent]], None]


@dataclass(frozen=True)
class Following:
    """What is called with every event, in order, a batch at a time."""

    name: str
    handler: Handler
    types: tuple[str, ...]
    batch: int
    # A new follower begins with what comes now; else with the first event there is.
    from_now: bool


_known: dict[str, Following] = {}


def follower(
    name: str, *, types: Collection[str] = (), batch: int = 200, from_now: bool = False
) -> Callable[[Handler], Handler]:
    """Follow the trail under a name that never changes; `types` empty means every type.

    Called in the transaction that moves the cursor: what it writes here happens exactly once, what it does elsewhere
    at least once. It stands in an app's followers.py, which is found at start-up.
    """

    def register(handler: Handler) -> Handler:
        known = _known.get(name)
        if known is not None and known.handler.__module__ != handler.__module__:
            raise TypeError(f"Two followers are called {name}.")
        _known[name] = Following(name, handler, tuple(types), batch, from_now)
        return handler

    return register


def followers() -> list[Following]:
    """Every follower the code has, by name."""
    return [_known[name] for name in sorted(_known)]


def advance(following: Following, *, token: str, now: datetime) -> int:
    """Read the next batch for this follower; how many events it saw. 0: nothing new, or another process reads.

    An event that cannot be followed stops it there: it tries again, ever more seldom, and nothing is passed over.
    """
    known = _known_row(following)
    if _rests(known, now):
        return 0
    below = reading.horizon()
    newest = reading.newest(below)
    # Nothing new is the usual answer, twice a second: it costs no write.
    if newest is None or newest <= known.cursor:
        return 0
    row = _lease(following, token=token, now=now)
    if row is None:
        return 0
    query = Query(types=following.types)
    events = reading.forwards(query, after=row.cursor, limit=following.batch, below=below)
    # With all of its types read it has read to the newest settled event, of whatever type.
    to = events[-1].cursor if len(events) == following.batch else max(newest, row.cursor)
    try:
        return _read(following, events, row, token=token, to=to, now=now)
    except LeaseLost as lost:
        logger.info("%s", lost)
        return 0


def _read(
    following: Following, events: Sequence[StoredEvent], row: Follower, *, token: str, to: Cursor, now: datetime
) -> int:
    try:
        _follow(following, events, token=token, to=to, now=now)
    except LeaseLost:
        raise
    except Exception as error:
        if len(events) <= 1:
            _failed(following, row, error, now=now)
            return 0
        return _one_by_one(following, events, row, token=token, now=now)
    return len(events)


def _one_by_one(
    following: Following, events: Sequence[StoredEvent], row: Follower, *, token: str, now: datetime
) -> int:
    for count, event in enumerate(events):
        try:
            _follow(following, [event], token=token, to=event.cursor, now=now)
        except LeaseLost:
            raise
        except Exception as error:
            _failed(following, row, error, now=now)
            return count
    return len(events)


def _follow(following: Following, events: Sequence[StoredEvent], *, token: str, to: Cursor, now: datetime) -> None:
    with transaction.atomic():
        # Before the handler: whoever took over waits here, or is noticed here.
        row = Follower.objects.select_for_update().get(name=following.name)
        if row.lease != token:
            raise LeaseLost(f"Another process follows as {following.name} now.")
        if events:
            following.handler(events)
        if row.cursor != to or row.failing_since is not None:
            Follower.objects.filter(name=following.name).update(
                **to._asdict(), moved_at=now, failing_since=None, error=""
            )


class LeaseLost(Exception):
    """Another process reads for this follower; what was done in the transaction is undone."""


def _lease(following: Following, *, token: str, now: datetime) -> Follower | None:
    """The follower's row, held by `token`; None while another process holds it."""
    free = Q(lease=token) | Q(leased_until=None) | Q(leased_until__lte=now)
    row = Follower.objects.filter(name=following.name)
    return row.get() if row.filter(free).update(lease=token, leased_until=now + LEASE) else None


def _known_row(following: Following) -> Follower:
    """The follower's row as it is, made where there is none yet."""
    rows = Follower.objects.filter(name=following.name)
    found = rows.first()
    if found is not None:
        return found
    start = reading.newest(reading.horizon()) if following.from_now else None
    fields = start._asdict() if start else {}
    Follower.objects.bulk_create([Follower(name=following.name, **fields)], ignore_conflicts=True)
    return rows.get()


def _rests(row: Follower, now: datetime) -> bool:
    """Whether it failed so lately that it does not try again yet: as long again as it has been failing."""
    if row.failing_since is None or row.moved_at is None:
        return False
    failing = row.moved_at - row.failing_since
    pause = min(max(failing, FIRST_PAUSE), LONGEST_PAUSE)
    return now < row.moved_at + pause


def _failed(following: Following, row: Follower, error: Exception, *, now: datetime) -> None:
    logger.exception("%s cannot follow the trail", following.name)
    # While it fails, `moved_at` is the last try.
    Follower.objects.filter(name=following.name).update(
        failing_since=row.failing_since or now, moved_at=now, error=f"{type(error).__name__}: {error}"[:500]
    )


@transaction.atomic
def send_back(name: str, *, to: int, now: datetime) -> None:
    """The follower reads everything from the event at position `to` on once more.

    Raises UnknownFollower, BadEvent when there is no such event.
    """
    row = Follower.objects.select_for_update().filter(name=name).first()
    if row is None:
        raise UnknownFollower(f"Nobody follows the trail as “{name}”.")
    event = StoredEvent.objects.filter(position=to).first()
    if event is None:
        raise BadEvent(f"There is no event {to}.")
    row.epoch, row.transaction, row.position = event.epoch, event.transaction, event.position - 1
    row.failing_since, row.error = None, ""
    row.save(update_fields=["epoch", "transaction", "position", "failing_since", "error"])
    trail.record(FollowerSentBack(follower=name, position=to), about=[f"follower:{name}"], now=now)


def behind(row: Follower, *, most: int = 10_000) -> int:
    """How many events it has not seen, counted up to `most`."""
    return reading.count_after(row.cursor, most=most)
