"""Keeping who was on duty, before anything that would say otherwise."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from apps.rotations.models import Rotation, Served
from apps.rotations.schedules import book, duty_of
from apps.rotations.timeline import Duty

logger = logging.getLogger(__name__)


def held(rotation: Rotation) -> Rotation:
    """The rotation as it is stored; until this transaction ends nobody else changes it or what belongs to it."""
    # Without the key: overrides and rosters refer to the row, also those somebody else adds to another rotation's.
    return Rotation.objects.select_for_update(no_key=True).get(pk=rotation.pk)


@transaction.atomic
def keep_history(rotation: Rotation, *, now: datetime) -> Rotation:
    """Who was on duty until `now` is kept as it was, and no change from here on rewrites it.

    Every change of a definition comes here first, in its transaction; a job comes by as well. Returns the rotation,
    held until the transaction ends. A clock put back keeps nothing twice.
    """
    row = held(rotation)
    until = min(now, row.archived_at) if row.archived_at else now
    if until <= row.kept_until:
        return row
    opened = book(row, row.kept_until, until)
    last = {served.role: served for served in Served.objects.filter(rotation=row, ends_at=row.kept_until)}
    fresh = []
    for duty in opened.as_defined(row.kept_until, until).duties:
        before = last.get(duty.role)
        if before is not None and duty.start == row.kept_until and duty_of(before).on == duty.on:
            Served.objects.filter(pk=before.pk).update(ends_at=duty.end)
            continue
        people = [_told(each.person, opened.called(each.person), each.because) for each in duty.on]
        fresh.append(_row(row, duty, people))
    Served.objects.bulk_create(fresh)
    Rotation.objects.filter(pk=row.pk).update(kept_until=until)
    row.kept_until = until
    return row


def keep_histories(*, now: datetime) -> int:
    """Every rotation's history is kept until `now`; how many there are. One that fails does not stop the others."""
    open_ones = Rotation.objects.filter(Q(archived_at=None) | Q(archived_at__gt=F("kept_until")))
    kept = 0
    for rotation in open_ones.filter(kept_until__lt=now):
        try:
            keep_history(rotation, now=now)
        except Exception:
            logger.exception("The history of the rotation %s was not kept", rotation.slug)
        else:
            kept += 1
    return kept


def _told(email: str, name: str, because: str) -> dict[str, Any]:
    return {"email": email, "name": name, "because": because}


def _row(rotation: Rotation, duty: Duty, people: list[dict[str, Any]]) -> Served:
    return Served(rotation=rotation, role=duty.role, starts_at=duty.start, ends_at=duty.end, people=people)
