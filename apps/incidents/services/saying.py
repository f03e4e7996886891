"""One more word on an incident: a row, its number, and whether the public may read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.incidents.events import IncidentPublished, IncidentUpdated, PublicationWanted
from apps.incidents.models import Incident, Update
from apps.incidents.rights import may_publish
from apps.incidents.services.impacts import begin_at, tell_the_public
from apps.incidents.services.writing import record, told, write
from apps.people.acting import Acting


@dataclass(frozen=True)
class Audience:
    """Who reads what is said: the public now, the public once somebody agrees, or only we."""

    published: bool
    awaiting: bool


def audience(row: Incident, *, by: Acting, public_text: str, published: bool | None, moved: bool = False) -> Audience:
    """Who reads an update. `published` None: the public does, as far as there is something for it to read.

    The first the public reads of an incident is a text; later what else it reads of it may have `moved` alone. A note
    among ourselves is no news to it, so that waits for nobody.
    """
    for_the_public = bool(public_text) or (row.published_at is not None and moved)
    if published is False or not for_the_public:
        return Audience(published=False, awaiting=False)
    allowed = may_publish(by)
    return Audience(published=allowed, awaiting=not allowed)


def say(
    row: Incident,
    who: Audience,
    *,
    public_text: str,
    by: Acting,
    now: datetime,
    internal_note: str = "",
    components: Sequence[dict[str, Any]] = (),
    before: str = "",
    key: str = "",
    silent: bool = False,
) -> Update:
    """The update, last of the locked incident's, and its event. `before`: its status until then, if it was another.

    `silent`: nothing was said, so the trail tells of none.
    """
    last = Update.objects.filter(incident=row).order_by("-position").values_list("position", flat=True).first()
    update = Update.objects.create(
        incident=row,
        position=(last or 0) + 1,
        status=row.status,
        public_text=public_text,
        internal_note=internal_note,
        components=list(components),
        by=by.label,
        by_agent=by.agent,
        at=now,
        published_at=now if who.published else None,
        awaiting=who.awaiting,
        key=key[:200] or None,
    )
    if not silent:
        event = IncidentUpdated(
            **told(row, by),
            update=update.position,
            before=str(before or row.status),
            status=row.status,
            public_text=public_text,
            internal_note=internal_note,
            published=who.published,
            awaiting=who.awaiting,
            components=update.components,
        )
        record(row, event, now=now)
    return update


def publish_or_ask(
    row: Incident, who: Audience, update: Update, *, by: Acting, now: datetime, title: bool = False
) -> None:
    """The public reads the update, or somebody who may publish is asked, or it stays ours. `title`: as `show`."""
    if who.published:
        show(row, by=by, now=now, updates=[update.position], title=title)
    elif who.awaiting:
        ask(row, public_text=update.public_text, by=by, now=now)


def show(row: Incident, *, by: Acting, now: datetime, updates: Sequence[int], title: bool) -> None:
    """The public reads of the locked incident how it stands now; words that wait, or were declined, stay ours.

    `title`: whether `by` decided on that too. The first time they did: there is no other.
    """
    first = row.published_at is None
    shown = row.title if first or title else row.public_title
    waits = shown != row.title or Update.objects.filter(incident=row, awaiting=True).exists()
    values: dict[str, Any] = {
        "published_at": row.published_at or now,
        "public_title": shown,
        "public_status": row.status,
        "public_impact": row.impact,
        "public_severity": row.severity,
        "public_reported_at": row.reported_at,
        "public_closed_at": row.closed_at,
        "public_at": now,
        "awaiting_since": row.awaiting_since if waits else None,
    }
    if row.public_reported_at and row.public_reported_at != row.reported_at:
        begin_at(row, row.reported_at, was=row.public_reported_at, public=True)
    write(row, values, by=by, now=now)
    tell_the_public(row)
    record(row, IncidentPublished(**told(row, by), first=first, updates=list(updates)), now=now)


def ask(row: Incident, *, public_text: str, by: Acting, now: datetime) -> None:
    """What is new waits for somebody who may publish."""
    write(row, {"awaiting_since": row.awaiting_since or now}, by=by, now=now)
    record(row, PublicationWanted(**told(row, by), public_text=public_text), now=now)
