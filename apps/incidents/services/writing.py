"""What every writer of incidents shares: one row, locked, one more version, its event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.incidents.errors import ChangedMeanwhile, NotYours
from apps.incidents.models import Incident
from apps.incidents.rights import may_publish
from apps.incidents.selectors import RELATED
from apps.people.acting import Acting
from apps.trail import services as trail
from apps.trail.events import Event


def held(number: int) -> Incident:
    """The row of this incident, to the end of this transaction, with whom it names.

    Read once it is held: who waits for a lock in one statement gets the new row with those it named before. Held
    against other writers, not against rows that point at it: the sweep has its clocks, and would wait for this row at
    its commit while whoever moves the incident waits for the clocks.
    """
    Incident.objects.select_for_update(no_key=True).only("pk").get(pk=number)
    return Incident.objects.select_related(*RELATED).get(pk=number)


def locked(incident: Incident, version: int | None = None) -> Incident:
    """The row as it is now, to the end of this transaction.

    Raises ChangedMeanwhile when `version` is what somebody read, and it has been written since.
    """
    row = held(incident.pk)
    if version is not None and row.version != version:
        raise ChangedMeanwhile(f"Somebody changed {row} since you opened it. Read it again; nothing was written.")
    return row


def write(row: Incident, values: Mapping[str, Any], *, by: Acting, now: datetime) -> None:
    """The locked row holds these values, and is one version on."""
    wanted = {**values, "modified_at": now, "modified_by": by.label}
    for name, value in wanted.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*wanted, "version"])


def told(row: Incident, by: Acting) -> dict[str, Any]:
    """What every event of an incident says of it."""
    return {
        "incident": row.pk,
        "number": row.number,
        "title": row.title,
        "severity": row.severity,
        "level": row.level,
        "by": by.label,
        "email": by.email,
    }


def record(row: Incident, event: Event, *, now: datetime) -> None:
    """The event is on the trail, on the streams of the incident."""
    trail.record(event, about=row.streams, now=now)


def refresh(incident: Incident, row: Incident) -> None:
    """What the caller holds is what was written."""
    if incident is not row:
        incident.refresh_from_db()


def must_be_allowed(by: Acting, what: str) -> None:
    """Raises NotYours unless `by` may publish and close."""
    if not may_publish(by):
        raise NotYours(f"Only managers and leads may {what}. Ask one of them: they see what waits on the home page.")
