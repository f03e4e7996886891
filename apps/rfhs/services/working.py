"""Who works on a request, and what everybody hears of it meanwhile."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.people.acting import Acting
from apps.people.models import Agent
from apps.rfhs.errors import BadRFH, IllegalStep
from apps.rfhs.events import RFHAssigned, RFHNudged, RFHTellingAssigned, RFHUpdatePosted
from apps.rfhs.models import RFH, Note
from apps.rfhs.services.texts import needed
from apps.rfhs.services.writing import NOBODY_ASKED, locked, record, refresh, told, write
from apps.rfhs.states import NAMES, OVER, State


@transaction.atomic
def assign(rfh: RFH, *, to: Agent, by: Acting, now: datetime, because: str = "", version: int | None = None) -> None:
    """`to` owns the work; who is accountable to the customer stays so. Raises IllegalStep when it is over."""
    row = still_open(locked(rfh, version), "Assign")
    if not to.is_active:
        raise BadRFH("owner", f"{to} does not work here any more.")
    if row.owner_id == to.pk:
        return
    before = row.owner
    write(row, {"owner": to, "moved_at": now, **(NOBODY_ASKED if before else {})})
    event = RFHAssigned(
        **told(row, by),
        team=row.team.slug if row.team else "",
        before=str(before) if before else "",
        before_email=before.email if before else "",
        to=str(to),
        to_email=to.email,
        because=because[:200],
    )
    record(row, event, now=now)
    refresh(rfh, row)


@transaction.atomic
def assign_telling(rfh: RFH, *, to: Agent, by: Acting, now: datetime, because: str = "") -> None:
    """`to` tells everybody how it goes, for the team that handed it over; who works on it stays. Raises BadRFH."""
    row = still_open(locked(rfh), "Tell how it goes")
    if row.communicator is None:
        raise BadRFH("communicator", f"No team goes on telling how {row} goes.")
    if not to.is_active:
        raise BadRFH("teller", f"{to} does not work here any more.")
    if row.teller_id == to.pk:
        return
    before = str(row.teller) if row.teller else ""
    write(row, {"teller": to})
    event = RFHTellingAssigned(
        **told(row, by),
        team=row.communicator.slug,
        before=before,
        to=str(to),
        to_email=to.email,
        because=because[:200],
    )
    record(row, event, now=now)
    refresh(rfh, row)


@transaction.atomic
def post_update(rfh: RFH, *, text: str, by: Acting, now: datetime) -> Note:
    """Everybody hears how it stands, and the promise of updates starts anew."""
    row = still_open(locked(rfh), "Post an update")
    note = _noted(row, Note.Kind.UPDATE, text, by=by, now=now)
    write(row, {"updated_at": now, "moved_at": now})
    event = RFHUpdatePosted(**told(row, by), team=row.team.slug if row.team else "", text=note.text)
    record(row, event, now=now)
    refresh(rfh, row)
    return note


@transaction.atomic
def nudge(rfh: RFH, *, text: str = "", by: Acting, now: datetime) -> Note:
    """Its owner, else its team, is asked how it stands; that moves nothing, so it stays marked as stuck."""
    row = still_open(locked(rfh), "Nudge")
    words = text.strip() or f"How does {row} stand? Nothing has moved since {row.moved_at:%d %B}."
    note = _noted(row, Note.Kind.NUDGE, words, by=by, now=now)
    event = RFHNudged(
        **told(row, by),
        team=row.team.slug if row.team else "",
        text=note.text,
        to_email=row.owner.email if row.owner else "",
    )
    record(row, event, now=now)
    return note


def note_thread(rfh: RFH, *, of_teammates: bool, channel: str, thread_ts: str) -> None:
    """Where Slack has the question to teammates, or to the team.

    Nothing that anybody decided, so neither an event nor another version: the message's own event tells of it.
    """
    if of_teammates:
        RFH.objects.filter(pk=rfh.pk).update(teammates_channel=channel, teammates_thread_ts=thread_ts)
    else:
        RFH.objects.filter(pk=rfh.pk).update(team_channel=channel, team_thread_ts=thread_ts)


def still_open(row: RFH, words: str) -> RFH:
    """The row, unless it is over. Raises IllegalStep."""
    if row.at in OVER:
        raise IllegalStep(
            words.lower().replace(" ", "_"), NAMES[row.at], [str(s) for s in State if s not in OVER], words
        )
    return row


def _noted(row: RFH, kind: str, text: str, *, by: Acting, now: datetime) -> Note:
    said = needed("text", text, "Write something.")
    return Note.objects.create(rfh=row, kind=kind, text=said, by=by.label, agent=by.agent, at=now)
