"""What every writer of requests shares: one row, locked, one more version, its instants, its event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.people.acting import Acting
from apps.rfhs import states
from apps.rfhs.errors import ChangedMeanwhile
from apps.rfhs.models import RFH
from apps.rfhs.selectors import RELATED
from apps.rfhs.states import State, Step
from apps.trail import services as trail
from apps.trail.events import Event

# What a figure counts from the first time alone.
# Who answers what nobody had acknowledged acknowledges it by that.
FIRST = {
    State.ACKNOWLEDGED: ("first_acknowledged_at",),
    State.ANSWERED: ("first_acknowledged_at", "first_answered_at"),
}
# What a step writes its instant to.
INSTANT = {
    State.ASKED_TEAMMATES: "asked_teammates_at",
    State.FILED: "filed_at",
    State.ACKNOWLEDGED: "acknowledged_at",
    State.IN_PROGRESS: "started_at",
    State.HANDED_OVER: "handed_over_at",
    State.ANSWERED: "answered_at",
}


# Whether one works with the customer directly is asked of each engineer anew.
NOBODY_ASKED: dict[str, Any] = {"works_with_customer": "", "brought_in_at": None}


def held(number: int) -> RFH:
    """The row of this request, to the end of this transaction, with whom and what it names.

    Read once it is held: who waits for a lock in one statement gets the new row with the old team and owner beside it.
    """
    RFH.objects.select_for_update(no_key=True).only("pk").get(pk=number)
    return RFH.objects.select_related(*RELATED).get(pk=number)


def locked(rfh: RFH, version: int | None = None) -> RFH:
    """The row as it is now, to the end of this transaction.

    Raises ChangedMeanwhile when `version` is what somebody read, and it has been written since.
    """
    row = held(rfh.pk)
    if version is not None and row.version != version:
        raise ChangedMeanwhile(f"Somebody changed {row} since you opened it. Read it again; nothing was written.")
    return row


def write(row: RFH, values: Mapping[str, Any]) -> None:
    """The locked row holds these values, and is one version on."""
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*values, "version"])


def step(
    rfh: RFH, which: Step, values: Mapping[str, Any] | None = None, *, now: datetime, version: int | None = None
) -> RFH:
    """The request, locked, where the step leads. Raises IllegalStep, ChangedMeanwhile."""
    row = locked(rfh, version)
    states.check(which, row.at)
    target = states.RULES[which].target
    if which is Step.REOPEN:
        target = states.reopened_to(was_filed=row.filed_at is not None)
    moved: dict[str, Any] = {"state": str(target), "moved_at": now}
    instant = INSTANT.get(target)
    # A request is filed once: reopened, its figures keep that instant.
    if instant and (instant != "filed_at" or row.filed_at is None) and which is not Step.REOPEN:
        moved[instant] = now
    moved |= first_times(row, target, now=now)
    moved["ended_at"] = now if target in states.OVER else None
    write(row, {**moved, **(values or {})})
    return row


def first_times(row: RFH, reached: State, *, now: datetime) -> dict[str, datetime]:
    """What figures count from this state on, unless it was reached before."""
    return {name: now for name in FIRST.get(reached, ()) if getattr(row, name) is None}


def told(row: RFH, by: Acting) -> dict[str, Any]:
    """What every event of a request says of it."""
    return {"rfh": row.pk, "summary": row.summary, "by": by.label, "email": by.email}


def record(row: RFH, event: Event, *, now: datetime) -> None:
    """The event is on the trail, on the streams of the request."""
    trail.record(event, about=row.streams, now=now)


def refresh(rfh: RFH, row: RFH) -> None:
    """What the caller holds is what was written."""
    if rfh is not row:
        rfh.refresh_from_db()
