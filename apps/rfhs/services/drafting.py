"""Beginning a request, and writing on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.people.acting import Acting
from apps.people.models import Customer
from apps.rfhs import context as details
from apps.rfhs.errors import BadRFH
from apps.rfhs.events import IncidentNeeded, RFHChanged, RFHOpened
from apps.rfhs.models import RFH
from apps.rfhs.services.texts import LONGEST_LINE, LONGEST_SUMMARY, LONGEST_TEXT
from apps.rfhs.services.writing import locked, record, refresh, told, write
from apps.tickets.models import Ticket

CHOICES: dict[str, tuple[str, Any]] = {
    "kind": ("The kind", RFH.Kind),
    "priority": ("The priority", RFH.Priority),
    "source": ("The source", RFH.Source),
    "bug_class": ("The bug's class", RFH.BugClass),
    "level": ("The level", RFH.Level),
}
OPTIONAL = frozenset({"bug_class", "level"})
TEXTS = {"summary": LONGEST_SUMMARY, "description": LONGEST_TEXT, "timeline": LONGEST_LINE}
TEXTS |= {"priority_because": LONGEST_LINE}
CHANGEABLE = (
    *TEXTS,
    "kind",
    "priority",
    "context",
    "bug_class",
    "level",
    "symptoms",
    "production",
    "ticket",
    "customer",
    "incident_channel",
    "affects_several",
)
NEEDS_INCIDENT = frozenset({RFH.Level.L1, RFH.Level.L2})


@transaction.atomic
def begin(
    *,
    by: Acting,
    now: datetime,
    ticket: Ticket | None = None,
    customer: Customer | None = None,
    source: str = RFH.Source.TICKET,
    source_key: str = "",
    source_url: str = "",
    **said: Any,
) -> tuple[RFH, bool]:
    """A draft, and whether this call began it: what came by the same `source_key` before changes nothing.

    Whoever begins it is accountable to the customer, unless `accountable` says another. `said`: CHANGEABLE.
    Raises BadRFH.
    """
    said = cleaned({**said, "source": source})
    if source_key and (known := RFH.objects.filter(source_key=source_key[:200]).first()):
        return known, False
    said.setdefault("accountable", by.agent)
    fields = {
        **said,
        "ticket": ticket,
        "customer": customer or (ticket.customer if ticket else None),
        "source_url": source_url,
        "asked_by": by.label,
        "opened_at": now,
        "moved_at": now,
        "updated_at": now,
    }
    if source_key:
        rfh, fresh = RFH.objects.get_or_create(source_key=source_key[:200], defaults=fields)
    else:
        rfh, fresh = RFH.objects.create(**fields), True
    if fresh:
        event = RFHOpened(
            **told(rfh, by),
            ticket=ticket.number if ticket else "",
            customer=rfh.customer.slug if rfh.customer else "",
            kind=rfh.kind,
            priority=rfh.priority,
            source=rfh.source,
        )
        record(rfh, event, now=now)
        ask_for_an_incident(rfh, by=by, now=now)
    return rfh, fresh


@transaction.atomic
def change(rfh: RFH, changes: Mapping[str, Any], *, by: Acting, now: datetime, version: int | None = None) -> list[str]:
    """What `changes` says of the request is true now; the fields that were not so before.

    `context` is merged, so that two who fill in different details lose nothing. Raises BadRFH, and ChangedMeanwhile
    when `version` is given and somebody wrote since.
    """
    if unknown := set(changes) - set(CHANGEABLE):
        raise BadRFH(min(unknown), f"A request has no {', '.join(sorted(unknown))} that can be changed so.")
    wanted = cleaned(changes)
    row = locked(rfh, version)
    if "context" in wanted:
        wanted["context"] = {**row.context, **wanted["context"]}
    if "ticket" in wanted and wanted["ticket"] is not None and "customer" not in wanted:
        wanted["customer"] = wanted["ticket"].customer or row.customer
    _must_fit(wanted.get("kind", row.kind), wanted.get("priority", row.priority))
    differing = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    if not differing:
        return []
    if "priority" in differing and row.filed_at and not wanted.get("priority_because", "").strip():
        raise BadRFH("priority_because", "Say in a line why the priority changes.")
    shown = {name: [_shown(getattr(row, name)), _shown(value)] for name, value in differing.items()}
    if "context" in shown:
        shown["context"] = _details_that_differ(*shown["context"])
    write(row, differing)
    record(row, RFHChanged(**told(row, by), changes=shown), now=now)
    ask_for_an_incident(row, by=by, now=now)
    refresh(rfh, row)
    return list(differing)


def ask_for_an_incident(row: RFH, *, by: Acting, now: datetime) -> None:
    """L1 and L2 need an incident (Mattermost SET handbook); incidents answer the event."""
    needed = row.level in NEEDS_INCIDENT and not row.is_over
    if needed and row.incident_needed_at is None:
        write(row, {"incident_needed_at": now})
        event = IncidentNeeded(
            **told(row, by),
            level=row.level,
            customer=row.customer.slug if row.customer else "",
            ticket=row.ticket.number if row.ticket else "",
        )
        record(row, event, now=now)
    elif not needed and row.incident_needed_at is not None:
        write(row, {"incident_needed_at": None})


def cleaned(said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they are kept. Raises BadRFH, naming the first that cannot be."""
    kept = dict(said)
    for name, (label, choices) in CHOICES.items():
        value = kept.get(name)
        if value is None or (value == "" and name in OPTIONAL):
            continue
        if value not in choices.values:
            raise BadRFH(name, f"{label} is one of {', '.join(choices.values)}, not “{str(value)[:40]}”.")
    for name, longest in TEXTS.items():
        if name in kept:
            kept[name] = _text(name, kept[name], longest)
    if "context" in kept:
        kept["context"] = _context(kept["context"])
    if "symptoms" in kept:
        if unknown := [each for each in kept["symptoms"] if each not in details.SYMPTOMS]:
            raise BadRFH(
                "symptoms", f"A symptom is one of {', '.join(details.SYMPTOMS)}, not “{str(unknown[0])[:40]}”."
            )
        kept["symptoms"] = sorted(set(kept["symptoms"]))
    if "kind" in kept or "priority" in kept:
        _must_fit(kept.get("kind", ""), kept.get("priority", ""))
    return kept


def _text(name: str, value: Any, longest: int) -> str:
    # Browsers send lines with a carriage return.
    text = str(value or "").replace("\x00", "").replace("\r\n", "\n").strip()
    if name != "description":
        text = " ".join(text.split())
    if len(text) > longest:
        raise BadRFH(name, f"At most {longest:,} characters; these are {len(text):,}.")
    return text


KNOWN_DETAILS = frozenset(
    detail.name for group in (details.DETAILS, details.ALWAYS, *details.SYMPTOMS.values()) for detail in group
)


def _context(said: Any) -> dict[str, str]:
    if not isinstance(said, Mapping):
        raise BadRFH("context", "The context is an object of names and texts.")
    if unknown := sorted(set(said) - KNOWN_DETAILS):
        raise BadRFH("context", f"The context has no {unknown[0]!s:.40}: it knows {', '.join(sorted(KNOWN_DETAILS))}.")
    return {name: _text("description", value, LONGEST_TEXT) for name, value in said.items()}


def _must_fit(kind: str, priority: str) -> None:
    if kind == RFH.Kind.FEATURE and priority == RFH.Priority.P1:
        raise BadRFH("priority", "A feature request is always p2.")


def _details_that_differ(before: dict[str, str], after: dict[str, str]) -> list[dict[str, str]]:
    """A draft is saved as it is typed: what stays so is not told again each time."""
    names = [name for name in after if after[name] != before.get(name, "")]
    return [{name: before.get(name, "") for name in names}, {name: after[name] for name in names}]


def _shown(value: Any) -> Any:
    return value if value is None or isinstance(value, str | bool | int | list | dict) else str(value)
