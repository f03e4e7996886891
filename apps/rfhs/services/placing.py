"""Where a hand puts a card: above what the rules would put before it, or below."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from apps.people.acting import Acting
from apps.rfhs.errors import ChangedMeanwhile, IllegalStep
from apps.rfhs.events import RFHPlaced
from apps.rfhs.models import RFH
from apps.rfhs.ranking import Ranked, ordered, places
from apps.rfhs.services.writing import locked, record, refresh, told, write
from apps.rfhs.states import NAMES, OVER, State


def ranked(rfh: RFH) -> Ranked:
    """What of the request decides its rank."""
    return Ranked(
        number=rfh.pk,
        since=rfh.filed_at or rfh.opened_at,
        priority=rfh.priority,
        level=rfh.level,
        bug_class=rfh.bug_class,
        kind=rfh.kind,
        production=rfh.production,
        of_customer=rfh.customer_id is not None or rfh.ticket_id is not None,
        place=rfh.place,
    )


@transaction.atomic
def place(
    rfh: RFH,
    *,
    above: int | None = None,
    below: int | None = None,
    by: Acting,
    now: datetime,
    version: int | None = None,
) -> None:
    """It stands directly after the request `above`, or where that is none or over before `below`, both by number.

    Its rank stays what it is, and is shown beside. Raises ChangedMeanwhile when neither is on the board any more.
    """
    # All at once and in one order: two who move cards beside each other must not wait for each other in a ring.
    list(RFH.objects.select_for_update(no_key=True).filter(ended_at=None).order_by("pk").values_list("pk"))
    row = _open(locked(rfh, version))
    others = ordered(ranked(each) for each in _on_the_board(but=row))
    numbers = [each.number for each in others]
    if above in numbers:
        at = numbers.index(above) + 1
    elif below in numbers:
        at = numbers.index(below)
    else:
        raise ChangedMeanwhile(
            f"What you put {row} beside is not on the board any more. Look again; nothing was moved."
        )
    order = [*others[:at], replace(ranked(row), place=None), *others[at:]]
    found = places(order, row.pk)
    write(row, {"place": found.pop(row.pk)})
    # Neighbours that stood at the same instant; nothing of what anybody reads of them changes.
    for number, value in found.items():
        RFH.objects.filter(pk=number).update(place=value)
    event = RFHPlaced(
        **told(row, by),
        above=numbers[at - 1] if at else 0,
        below=numbers[at] if at < len(numbers) else 0,
        by_hand=True,
    )
    record(row, event, now=now)
    refresh(rfh, row)


@transaction.atomic
def back_to_rank(rfh: RFH, *, by: Acting, now: datetime, version: int | None = None) -> None:
    """It stands where the rules put it again."""
    row = _open(locked(rfh, version))
    if row.place is None:
        return
    write(row, {"place": None})
    record(row, RFHPlaced(**told(row, by), above=0, below=0, by_hand=False), now=now)
    refresh(rfh, row)


def _on_the_board(*, but: RFH) -> Iterable[RFH]:
    return RFH.objects.filter(ended_at=None).exclude(pk=but.pk).defer("search", "description", "context")


def _open(row: RFH) -> RFH:
    if row.at in OVER:
        raise IllegalStep("place", NAMES[row.at], [str(state) for state in State if state not in OVER], "Move by hand")
    return row
