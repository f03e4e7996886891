"""Sealing at once, and changing the past as somebody with every right would."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from apps.trail import reading
from apps.trail.reading import Query
from apps.trail.seals.models import Seal
from apps.trail.seals.sealing import BATCH, lag, seal_next

KEPT = ("trail_storedevent", "trail_seal")


def seal(*, now: datetime, most: int = BATCH) -> Seal:
    """Everything there is is sealed, by one seal unless it is a great deal.

    Waits until all of it is settled: other databases of the cluster may hold back the end of it.
    """
    until = time.monotonic() + 30
    newest = reading.backwards(Query(), limit=1)
    while newest and reading.newest(reading.horizon()) != newest[0].cursor:
        time.sleep(0.01)
        assert time.monotonic() < until
    while lag().unsealed:
        seal_next(now=now, patience=timedelta(0), most=most)
        assert time.monotonic() < until
    return Seal.objects.order_by("number").last() or Seal()


@contextmanager
def tampering() -> Iterator[Any]:
    """A superuser's session that has switched the refusals off, and on again afterwards."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in KEPT:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_keep")
        yield cursor
        for table in KEPT:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_keep")
