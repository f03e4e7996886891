"""What the public may read: approved, declined, taken back, put right."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from apps.incidents.errors import BadIncident, IllegalStep
from apps.incidents.events import (
    IncidentUnpublished,
    IncidentUpdateEdited,
    PublicationDeclined,
)
from apps.incidents.models import ImpactChange, Incident, Update
from apps.incidents.services.saying import Audience, say, show
from apps.incidents.services.texts import LONGEST_LINE, line, paragraph
from apps.incidents.services.writing import locked, must_be_allowed, record, refresh, told, write
from apps.incidents.states import NAMES, State
from apps.people.acting import Acting


@transaction.atomic
def publish(
    incident: Incident,
    *,
    by: Acting,
    now: datetime,
    public_text: str = "",
    updates: Collection[int] = (),
    version: int | None = None,
) -> None:
    """The public reads what we know of it, what waited for approval, and these `updates` (positions) that have a text.

    `public_text` is said first. Raises NotYours, IllegalStep of what was none, BadIncident when the public would read
    of an incident without a word on it.
    """
    must_be_allowed(by, "publish")
    text = paragraph("public_text", public_text)
    row = locked(incident, version)
    if row.at == State.INVALID:
        raise IllegalStep("publish", NAMES[row.at], [str(each) for each in State if each != row.at], "Publish")
    fresh = Update.objects.filter(incident=row, published_at=None)
    fresh = fresh.filter(awaiting=True) | fresh.filter(position__in=list(updates)).exclude(public_text="")
    positions = sorted(fresh.values_list("position", flat=True))
    Update.objects.filter(incident=row, position__in=positions).update(published_at=now, awaiting=False)
    if text:
        write(row, {"updated_at": now}, by=by, now=now)
        update = say(row, Audience(published=True, awaiting=False), public_text=text, by=by, now=now)
        positions.append(update.position)
    if not Update.objects.filter(incident=row, published_at__isnull=False).exclude(public_text="").exists():
        raise BadIncident("public_text", "Write what the public should read.")
    show(row, by=by, now=now, updates=positions, title=True)
    refresh(incident, row)


@transaction.atomic
def decline(incident: Incident, *, because: str, by: Acting, now: datetime) -> None:
    """What waits does not go to the public page. Raises NotYours, BadIncident without a reason, or if nothing waits."""
    because = line("because", because, "Say in a line why not: whoever wrote it reads it.", LONGEST_LINE)
    must_be_allowed(by, "decide what the public reads")
    row = locked(incident)
    if row.awaiting_since is None:
        raise BadIncident("because", f"Nothing of {row} waits for approval.")
    Update.objects.filter(incident=row, awaiting=True).update(awaiting=False)
    write(row, {"awaiting_since": None}, by=by, now=now)
    record(row, PublicationDeclined(**told(row, by), because=because), now=now)
    refresh(incident, row)


@transaction.atomic
def unpublish(incident: Incident, *, because: str, by: Acting, now: datetime) -> None:
    """The public page forgets it, with all it did to components. Raises NotYours, BadIncident."""
    because = line("because", because, "Say in a line why the public should not read it.", LONGEST_LINE)
    must_be_allowed(by, "take an incident off the public page")
    row = locked(incident)
    if row.published_at is None:
        raise BadIncident("because", f"{row} is not on the public page.")
    Update.objects.filter(incident=row).update(published_at=None, awaiting=False)
    ImpactChange.objects.filter(incident=row).update(public=False)
    words = ("public_title", "public_status", "public_impact", "public_severity")
    times = ("published_at", "public_reported_at", "public_closed_at", "awaiting_since")
    write(row, {**dict.fromkeys(words, ""), **dict.fromkeys(times), "public_at": now}, by=by, now=now)
    record(row, IncidentUnpublished(**told(row, by), because=because), now=now)
    refresh(incident, row)


@transaction.atomic
def edit_update(
    update: Update,
    *,
    by: Acting,
    now: datetime,
    public_text: str | None = None,
    internal_note: str | None = None,
    version: int | None = None,
) -> None:
    """The update says this instead. What the public reads is put right by those who may publish alone.

    Raises NotYours, ChangedMeanwhile, BadIncident when the public would be left without a word.
    """
    row = locked(update.incident, version)
    fresh = Update.objects.get(pk=update.pk)
    wanted: dict[str, str] = {}
    if public_text is not None:
        wanted["public_text"] = paragraph("public_text", public_text)
    if internal_note is not None:
        wanted["internal_note"] = paragraph("internal_note", internal_note)
    differing = {name: value for name, value in wanted.items() if getattr(fresh, name) != value}
    if not differing:
        return
    if "public_text" in differing and fresh.published_at is not None:
        must_be_allowed(by, "change what the public reads")
        if not differing["public_text"]:
            raise BadIncident("public_text", "The public has read it: write what it should say instead.")
    changes = {name: [getattr(fresh, name), value] for name, value in differing.items()}
    Update.objects.filter(pk=fresh.pk).update(**differing)
    published = fresh.published_at is not None and row.is_public
    write(row, {"public_at": now} if published and "public_text" in differing else {}, by=by, now=now)
    event = IncidentUpdateEdited(**told(row, by), update=fresh.position, changes=changes, published=published)
    record(row, event, now=now)
    update.refresh_from_db()
