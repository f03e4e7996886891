"""What is known of an incident, and who does what; the history of every field is on the trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.incidents.errors import BadIncident
from apps.incidents.events import IncidentChanged
from apps.incidents.models import Incident
from apps.incidents.rights import may_publish
from apps.incidents.selectors import severity_of_level, severity_row
from apps.incidents.services import impacts
from apps.incidents.services.saying import ask, show
from apps.incidents.services.texts import line, paragraph, past
from apps.incidents.services.writing import locked, must_be_allowed, record, refresh, told, write
from apps.people.acting import Acting

PEOPLE = ("point", "contact", "lead")
CHANGEABLE = ("title", "description", "severity", "level", "reported_at", "closed_at", *PEOPLE)
# Of these the public reads a copy.
SHOWN = frozenset({"title", "severity", "impact", "reported_at", "closed_at"})
NO_END = "An incident that is open has no end. Close it, or leave this empty."


@transaction.atomic
def change(
    incident: Incident,
    changes: Mapping[str, Any],
    *,
    by: Acting,
    now: datetime,
    version: int | None = None,
    decided: bool = True,
) -> list[str]:
    """What `changes` says is true now; the fields that were not so before.

    Of what the public reads, a change by somebody who may not publish waits for approval, and so does one on which
    nobody `decided`; when an incident ended they cannot change. Raises BadIncident, ChangedMeanwhile, NotYours.
    """
    row = locked(incident, version)
    wanted = differing(row, changes, now=now)
    if not wanted:
        return []
    shown = shown_of(row, wanted)
    if "closed_at" in wanted:
        must_be_allowed(by, "change when an incident ended")
        impacts.end_at(row, wanted["closed_at"])
    if "reported_at" in wanted:
        impacts.begin_at(row, wanted["reported_at"], was=row.reported_at, public=False)
    write(row, wanted, by=by, now=now)
    explain(row, shown, by=by, now=now)
    if row.is_public and SHOWN & set(wanted):
        if decided and may_publish(by):
            show(row, by=by, now=now, updates=[], title="title" in wanted)
        else:
            ask(row, public_text="", by=by, now=now)
    refresh(incident, row)
    return list(wanted)


def differing(row: Incident, changes: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """The columns that `changes` makes another; a severity brings its level and impact. Raises BadIncident."""
    if unknown := sorted(set(changes) - set(CHANGEABLE)):
        raise BadIncident(unknown[0], f"An incident has no {', '.join(unknown)} that can be changed so.")
    wanted = dict(changes)
    if "title" in wanted:
        wanted["title"] = line("title", wanted["title"], "Say in a line what is broken.")
    if "description" in wanted:
        wanted["description"] = paragraph("description", wanted["description"])
    level = wanted.pop("level", "")
    severity = wanted.pop("severity", "")
    if severity or level:
        keeps = not severity and level == row.level
        found = severity_row(row.severity if keeps else severity) if severity or keeps else severity_of_level(level)
        wanted |= {"severity": found.severity, "level": found.level, "impact": found.impact}
    if "closed_at" in wanted:
        if row.closed_at is None:
            raise BadIncident("closed_at", NO_END)
        began = wanted.get("reported_at", row.reported_at)
        wanted["closed_at"] = past("closed_at", wanted["closed_at"], now=now, not_before=began)
    if "reported_at" in wanted:
        wanted["reported_at"] = past("reported_at", wanted["reported_at"], now=now)
        if row.closed_at is not None and wanted["reported_at"] > wanted.get("closed_at", row.closed_at):
            raise BadIncident("reported_at", "This is after the incident ended.")
    return {name: value for name, value in wanted.items() if getattr(row, name) != value}


def shown_of(row: Incident, wanted: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Each column with what it holds and what it will, as the trail keeps it."""
    return {name: [_shown(getattr(row, name)), _shown(value)] for name, value in wanted.items()}


def explain(row: Incident, shown: Mapping[str, list[Any]], *, by: Acting, now: datetime) -> None:
    """The trail says what was changed of the locked incident."""
    if shown:
        record(row, IncidentChanged(**told(row, by), changes=dict(shown)), now=now)


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, str | bool | int) else str(value)
