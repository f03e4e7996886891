"""Sealing: the settled events after the newest seal become the next one.

It reads what is settled and adds one row to a table of its own, so no writer of events ever waits for it. Two who seal
at once make the same number: the second adds nothing. Killed anywhere, it has added a whole seal or none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from apps.trail import reading
from apps.trail.order import START, Cursor
from apps.trail.reading import Query
from apps.trail.seals import canonical, chain, keeping, leaves, merkle, places
from apps.trail.seals.models import Seal

BATCH = 4_096
# A seal costs a row: on a quiet trail the events of so long go into one. Sealed within 5 s is what is promised.
PATIENCE = timedelta(seconds=2)
# After a time without a worker there is much to seal, and others wait for their turn in between.
MOST_AT_ONCE = 10
MOST_COUNTED = 100_000
# By the database's clock, which recorded_at is from, too.
RIPE = """
SELECT recorded_at <= clock_timestamp() - %s * interval '1 second' FROM trail_storedevent
WHERE (epoch, transaction, position) > (%s, %s, %s) ORDER BY epoch, transaction, position LIMIT 1
"""


@dataclass(frozen=True)
class Lag:
    """What is not sealed yet: how many (counted up to MOST_COUNTED), and since when the oldest is recorded."""

    unsealed: int
    since: datetime | None

    @property
    def is_cut(self) -> bool:
        return self.unsealed >= MOST_COUNTED


def seal_next(*, now: datetime, patience: timedelta = PATIENCE, most: int = BATCH) -> Seal | None:
    """The next seal, over at most so many events.

    None when nothing new is settled, when the oldest of it is younger than `patience`, or when another sealed it first.
    """
    last, previous, number = _newest()
    if not _ripe(last, patience):
        return None
    batch = leaves.settled_after(last, below=reading.horizon(), limit=most)
    if not batch:
        return None
    hashes = [leaf.hash for leaf in batch]
    root, end = merkle.root(hashes), batch[-1].place
    seal = Seal(
        number=number + 1,
        form=canonical.FORM,
        first_epoch=batch[0].place.epoch,
        first_transaction=batch[0].place.transaction,
        first_position=batch[0].place.position,
        epoch=end.epoch,
        transaction=end.transaction,
        position=end.position,
        count=len(batch),
        root=root,
        previous=previous,
        made_at=now,
        places=places.pack(leaf.place for leaf in batch),
        leaves=b"".join(hashes),
    )
    seal.hash = seal.own_hash
    return seal if _add(seal) else None


def seal_on(*, now: datetime) -> int:
    """Seal what is settled, a few seals at a time, and keep the newest outside where that is asked for; how many."""
    newest, made = None, 0
    while made < MOST_AT_ONCE and (seal := seal_next(now=now)) is not None:
        newest, made = seal, made + 1
    if newest is not None and settings.TRAIL_SEAL_FILE:
        keeping.add_beside(newest.head, made_at=newest.made_at, path=Path(settings.TRAIL_SEAL_FILE))
    return made


def lag() -> Lag:
    """How far the seals are behind the trail."""
    last, _, _ = _newest()
    return Lag(reading.count_after(last, most=MOST_COUNTED), _oldest_after(last))


def unsealed_since() -> datetime | None:
    """When the oldest event that is not sealed was recorded; None when all are."""
    return _oldest_after(_newest()[0])


def _oldest_after(place: Cursor) -> datetime | None:
    oldest = reading.forwards(Query(), after=place, limit=1)
    return oldest[0].recorded_at if oldest else None


def _newest() -> tuple[Cursor, bytes, int]:
    seal = Seal.objects.bare().order_by("-number").first()
    return (seal.last, bytes(seal.hash), seal.number) if seal else (START, chain.BEGINNING, 0)


def _ripe(last: Cursor, patience: timedelta) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(RIPE, [patience.total_seconds(), *last])
        row = cursor.fetchone()
        return bool(row and row[0])


@transaction.atomic
def _add(seal: Seal) -> bool:
    """Whether it was added: one who seals at the same time names the same seal before it."""
    Seal.objects.bulk_create([seal], ignore_conflicts=True)
    return bool(Seal.objects.filter(number=seal.number, hash=seal.hash).exists())
