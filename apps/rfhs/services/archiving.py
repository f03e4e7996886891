"""Taking areas and owners of alerts out of use, and back: what they were proposed for stays known."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.rfhs.models import Area, NamedOwner
from apps.trail.managed import saving


@transaction.atomic
def archive(row: Area | NamedOwner, *, now: datetime) -> None:
    """It is proposed for nothing any more."""
    _mark(row, archived=True, now=now)


@transaction.atomic
def restore(row: Area | NamedOwner, *, now: datetime) -> None:
    """It is proposed again."""
    _mark(row, archived=False, now=now)


def _mark(row: Area | NamedOwner, *, archived: bool, now: datetime) -> None:
    with saving(row, now=now):
        row.archived = archived
        row.save(update_fields=["archived"])
