"""Writing shifts: what every door but the admin calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.people.models import Agent
from apps.rotations.errors import BadShift, ShiftStays
from apps.rotations.models import Shift
from apps.rotations.validation import problems, why_it_stays
from apps.trail.managed import record_deleted, saving


def save_shift(shift: Shift | None, *, now: datetime, **fields: Any) -> Shift:
    """The shift (None: a new one) is as `fields` say: agent, kind, product, starts_at, ends_at.

    One that becomes a support shift loses its product unless told. Raises BadShift.
    """
    try:
        with transaction.atomic():
            # Two managers at once: the second waits, and keeps what the first one changed.
            row = Shift.objects.select_for_update().get(pk=shift.pk) if shift else Shift()
            if fields.get("kind") == Shift.Kind.SUPPORT:
                fields.setdefault("product", "")
            with saving(row, now=now):
                for name, value in fields.items():
                    setattr(row, name, value)
                hold(row.agent)
                if found := problems(
                    shift,
                    agent=row.agent,
                    kind=row.kind,
                    product=row.product,
                    starts_at=row.starts_at,
                    ends_at=row.ends_at,
                ):
                    raise BadShift(found)
                row.full_clean()
                row.save()
    except ValidationError as refused:
        raise BadShift(refused.message_dict)
    return row


def hold(agent: Agent) -> None:
    """Until this transaction ends nobody else puts the agent on a shift: two that overlap cannot both be saved."""
    list(Agent.objects.select_for_update(no_key=True).filter(pk=agent.pk).values_list("pk"))


@transaction.atomic
def cancel_shift(shift: Shift, *, now: datetime) -> None:
    """Nobody will be on this shift, which has not begun; the trail keeps what it was. Raises ShiftStays."""
    row = Shift.objects.select_for_update().filter(pk=shift.pk).first()
    if row is None:
        return
    if reason := why_it_stays(row, now=now):
        raise ShiftStays(reason)
    record_deleted(row, now=now)
    row.delete()
