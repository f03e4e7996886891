"""Copying for the customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from apps.trail import managed
from apps.trail import services as trail
from apps.trail.errors import TrailError
from apps.trail.models import StoredEvent
from apps.trail.reacting import Recorded
from apps.trail.telling.composing import Told
from apps.trail.telling.events import CopiedForCustomer
from apps.trail.telling.models import ToldType
from apps.trail.telling.wordings import told, wordings


class NotForCustomers(TrailError):
    """An event that was chosen is none customers are told of."""


def withheld() -> frozenset[str]:
    """The types of the allow-list that managers have switched off."""
    return frozenset(ToldType.objects.filter(told=False).values_list("type", flat=True))


def copy_for_customer(
    events: Sequence[StoredEvent], *, stream: str, zone: str, now: datetime
) -> tuple[list[Told], Recorded[CopiedForCustomer]]:
    """The events in the customer's language, and on the trail that somebody has it.

    Raises NotForCustomers, telling nothing, when one of them is not for customers.
    """
    if not events:
        raise NotForCustomers("Choose what to tell: nothing was chosen.")
    off = withheld()
    lines = [told(event, withheld=off) for event in events]
    said = [line for line in lines if line is not None]
    if len(said) < len(lines):
        raise NotForCustomers("Something you chose is not for customers, or no longer. Choose again.")
    happened = CopiedForCustomer(stream=stream, events=[event.position for event in events], zone=zone)
    return said, trail.record(happened, about=[stream], now=now)


def sync(now: datetime) -> None:
    """Every type of the allow-list has a row that managers can switch off."""
    known = set(ToldType.objects.values_list("type", flat=True))
    for name in wordings().keys() - known:
        row = ToldType(type=name)
        with managed.saving(row, now=now):
            row.save()
