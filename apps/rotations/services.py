"""Writing shifts: what every door but the admin calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.rotations.errors import BadShift
from apps.rotations.models import LONGEST, TOO_LONG, Shift
from apps.trail.instants import slip_in
from apps.trail.managed import record_deleted, saving


def save_shift(shift: Shift | None, *, now: datetime, **fields: Any) -> Shift:
    """The shift (None: a new one) is as `fields` say: agent, kind, product, starts_at, ends_at.

    Raises BadShift.
    """
    try:
        with transaction.atomic():
            # Two managers at once: the second waits, and keeps what the first one changed.
            row = Shift.objects.select_for_update().get(pk=shift.pk) if shift else Shift()
            with saving(row, now=now):
                for name, value in fields.items():
                    setattr(row, name, value)
                for name in ("starts_at", "ends_at"):
                    if (at := getattr(row, name)) and (slip := slip_in(at)):
                        raise BadShift({name: [slip]})
                if row.starts_at and row.ends_at and row.ends_at <= row.starts_at:
                    raise BadShift({"ends_at": ["The shift must end after it starts."]})
                if row.starts_at and row.ends_at and row.ends_at - row.starts_at > LONGEST:
                    raise BadShift({"ends_at": [TOO_LONG]})
                row.full_clean()
                row.save()
    except ValidationError as refused:
        raise BadShift(refused.message_dict)
    return row


@transaction.atomic
def delete_shift(shift: Shift, *, now: datetime) -> None:
    """Nobody is on this shift; the trail keeps what it was."""
    record_deleted(shift, now=now)
    shift.delete()
