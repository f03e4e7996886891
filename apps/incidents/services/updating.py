"""How an incident goes on: it is acknowledged, spoken of, closed, reopened, or was none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.incidents import states
from apps.incidents.errors import AlreadyAcknowledged, BadIncident
from apps.incidents.events import (
    IncidentAcknowledged,
    IncidentClosed,
    IncidentInvalidated,
    IncidentReopened,
    RCALinked,
)
from apps.incidents.models import Incident, Update
from apps.incidents.selectors import severity_row
from apps.incidents.services import impacts
from apps.incidents.services.changing import NO_END, SHOWN, differing, explain, shown_of
from apps.incidents.services.saying import audience, publish_or_ask, say
from apps.incidents.services.texts import LONGEST_LINE, line, paragraph, past
from apps.incidents.services.writing import locked, must_be_allowed, record, refresh, told, write
from apps.incidents.states import SAID, State, Step
from apps.people.acting import Acting


@transaction.atomic
def acknowledge(incident: Incident, *, by: Acting, now: datetime) -> None:
    """`by` looks at it; MTTA counts to here. Raises AlreadyAcknowledged, IllegalStep."""
    row = locked(incident)
    states.check(Step.ACKNOWLEDGE, row.at)
    _acknowledge(row, by=by, now=now, quietly=False)
    refresh(incident, row)


@transaction.atomic
def post_update(
    incident: Incident,
    *,
    by: Acting,
    now: datetime,
    status: str = "",
    public_text: str = "",
    internal_note: str = "",
    components: Sequence[Mapping[str, str]] = (),
    changes: Mapping[str, Any] | None = None,
    since: datetime | None = None,
    closed_at: datetime | None = None,
    published: bool | None = None,
    key: str = "",
    version: int | None = None,
) -> Update:
    """One more word on how it stands; two at once both land, one after the other.

    `status`: empty stays; resolved closes it, which only who may publish can, at `closed_at` or now. `components`:
    [{"slug", "status"}], so from `since` or now. `changes`: CHANGEABLE of changing.py, made with it. Whoever speaks of
    what nobody had acknowledged acknowledges it by that. The same `key` twice says it once.
    Raises BadIncident, IllegalStep, NotYours, ChangedMeanwhile.
    """
    row = locked(incident, version)
    if key and (known := Update.objects.filter(incident=row, key=key[:200]).first()):
        return known
    states.check(Step.CLOSE if status == State.RESOLVED else Step.UPDATE, row.at)
    target = _status(status, row)
    public_text, note = paragraph("public_text", public_text), paragraph("internal_note", internal_note)
    closing = target == State.RESOLVED
    if closing:
        must_be_allowed(by, "close an incident")
    elif closed_at is not None:
        raise BadIncident("closed_at", NO_END)
    wanted = differing(row, changes or {}, now=now)
    severity = severity_row(wanted.get("severity", row.severity))
    affects = impacts.wanted_of(components, severity)
    moved = target != row.at
    if not (moved or public_text or note or affects or wanted):
        raise BadIncident("public_text", "Say something: to the public, among ourselves, or what changed.")
    began = wanted.get("reported_at", row.reported_at)
    ended = past("closed_at", closed_at or now, now=now, not_before=began) if closing else None
    if not row.acknowledged_at:
        _acknowledge(row, by=by, now=now, quietly=True)
    before, shown = row.at, shown_of(row, wanted)
    if began != row.reported_at:
        impacts.begin_at(row, began, was=row.reported_at, public=False)
    write(row, {**wanted, "status": str(target), "closed_at": ended, "updated_at": now}, by=by, now=now)
    explain(row, shown, by=by, now=now)
    news = moved or bool(affects) or bool(SHOWN & set(wanted))
    who = audience(row, by=by, public_text=public_text, published=published, moved=news)
    at = past("since", since or now, now=now, not_before=began)
    changed = impacts.apply(row, affects, since=at, public=who.published, said="since" if since else "")
    if ended is not None:
        changed += impacts.recover(row, since=ended, public=who.published, said="closed_at" if closed_at else "")
    update = say(
        row,
        who,
        before=before,
        public_text=public_text,
        internal_note=note,
        components=changed,
        by=by,
        now=now,
        key=key,
    )
    if ended is not None:
        record(row, IncidentClosed(**told(row, by), reported_at=row.reported_at, closed_at=ended), now=now)
    publish_or_ask(row, who, update, by=by, now=now, title="title" in wanted)
    refresh(incident, row)
    return update


@transaction.atomic
def close(incident: Incident, *, by: Acting, now: datetime, **said: Any) -> Update:
    """It is over, now or at `closed_at`. Raises NotYours unless `by` may close; the rest as `post_update`."""
    return post_update(incident, by=by, now=now, status=State.RESOLVED, **said)


@transaction.atomic
def reopen(
    incident: Incident, *, because: str, by: Acting, now: datetime, public_text: str = "", version: int | None = None
) -> None:
    """It was not over. Raises BadIncident without a reason, IllegalStep, NotYours if the public would know again."""
    because = line("because", because, "Say in a line why it is not over.", LONGEST_LINE)
    public_text = paragraph("public_text", public_text)
    row = locked(incident, version)
    states.check(Step.REOPEN, row.at)
    before = row.at
    if before == State.INVALID and row.published_at is not None:
        must_be_allowed(by, "bring an incident back that the public page has forgotten")
    values = {"status": str(State.INVESTIGATING), "closed_at": None, "updated_at": now}
    write(row, values, by=by, now=now)
    who = audience(row, by=by, public_text=public_text, published=None, moved=True)
    update = say(row, who, before=before, public_text=public_text, internal_note=because, by=by, now=now)
    record(row, IncidentReopened(**told(row, by), because=because), now=now)
    publish_or_ask(row, who, update, by=by, now=now)
    refresh(incident, row)


@transaction.atomic
def mark_invalid(incident: Incident, *, because: str, by: Acting, now: datetime, version: int | None = None) -> None:
    """It was none: no figure counts it, and the public page forgets it. Raises NotYours, BadIncident, IllegalStep."""
    because = line("because", because, "Say in a line why it is no incident.", LONGEST_LINE)
    must_be_allowed(by, "mark an incident as invalid")
    row = locked(incident, version)
    states.check(Step.MARK_INVALID, row.at)
    was_public, before = row.is_public, row.at
    closed_at = row.closed_at or now
    values = {"status": str(State.INVALID), "closed_at": closed_at, "updated_at": now, "awaiting_since": None}
    write(row, values, by=by, now=now)
    Update.objects.filter(incident=row, awaiting=True).update(awaiting=False)
    changed = impacts.recover(row, since=closed_at, public=was_public)
    who = audience(row, by=by, public_text="", published=False)
    say(row, who, before=before, public_text="", internal_note=because, components=changed, by=by, now=now)
    record(row, IncidentInvalidated(**told(row, by), because=because, was_public=was_public), now=now)
    refresh(incident, row)


@transaction.atomic
def link_rca(incident: Incident, *, url: str, public: bool = False, by: Acting, now: datetime) -> None:
    """Why it happened can be read there; the public may follow it with `public`, which only who may publish can say.

    Raises BadIncident, NotYours, and IllegalStep while it is not closed.
    """
    url = line("rca_url", url, "Where is the RCA? Its address starts with https://.", 500)
    if not url.startswith(("https://", "http://")):
        raise BadIncident("rca_url", "The RCA’s address starts with https://.")
    row = locked(incident)
    states.check(Step.LINK_RCA, row.at)
    if public or row.rca_public:
        must_be_allowed(by, "show an RCA to the public")
    if (row.rca_url, row.rca_public) == (url, public):
        return
    values: dict[str, Any] = {"rca_url": url, "rca_public": public}
    if row.is_public and (public or row.rca_public):
        values["public_at"] = now
    write(row, values, by=by, now=now)
    record(row, RCALinked(**told(row, by), url=url, public=public), now=now)
    refresh(incident, row)


def _status(said: str, row: Incident) -> State:
    if not said:
        return row.at
    if said not in SAID:
        raise BadIncident("status", f"The status is one of {', '.join(SAID)}, not “{said[:40]}”.")
    return State(said)


def _acknowledge(row: Incident, *, by: Acting, now: datetime, quietly: bool) -> None:
    if row.acknowledged_at is not None:
        if quietly:
            return
        raise AlreadyAcknowledged(f"{row.acknowledged_by or 'Somebody'} acknowledged {row} before you.")
    values: dict[str, Any] = {"acknowledged_at": now, "acknowledged_by": by.label}
    if row.point is None and by.agent is not None:
        values["point"] = by.agent
    write(row, values, by=by, now=now)
    record(row, IncidentAcknowledged(**told(row, by), reported_at=row.reported_at), now=now)
