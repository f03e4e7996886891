"""What the pages of the form show: fields with what was typed, what is missing, and what lies around a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.rfhs import context, selectors
from apps.rfhs.context import Detail
from apps.rfhs.form.keeping import Kept, stored_in
from apps.rfhs.form.merging import DETAIL, seal
from apps.rfhs.form.steps import FormStep, after, before, progress
from apps.rfhs.models import RFH
from apps.tickets.models import Ticket
from apps.trail.models import StoredEvent

MOST_STORY = 40


@dataclass(frozen=True)
class Field:
    """A field of the form, beside it why it is asked, what was wrong, and what somebody else wrote there."""

    name: str
    label: str
    value: str
    was: str
    reason: str = ""
    errors: Sequence[str] = ()
    theirs: str | None = None
    choices: Sequence[tuple[str, str]] = field(default=())
    rows: int = 1
    longest: int = 20_000

    @property
    def id(self) -> str:
        return self.name.removeprefix(DETAIL)


class Fields:
    """The fields of a draft, as stored, or as they were just typed where that could not be kept."""

    def __init__(self, rfh: RFH | None, kept: Kept | None = None, typed: Mapping[str, str] | None = None) -> None:
        self.stored = stored_in(rfh) if rfh else {}
        self.errors = kept.errors if kept else {}
        self.conflicts = kept.conflicts if kept else {}
        # A draft that is not begun yet shows what the address brought.
        unkept = set(typed or {}) if rfh is None else {*self.errors, *self.conflicts}
        self.typed = {name: value for name, value in (typed or {}).items() if name in unkept}

    def make(self, name: str, label: str, **more: Any) -> Field:
        stored = self.stored.get(name, "")
        return Field(
            name,
            label,
            value=self.typed.get(name, stored),
            was=seal(stored),
            errors=self.errors.get(name, ()),
            theirs=self.conflicts.get(name),
            **more,
        )

    def detail(self, detail: Detail) -> Field:
        return self.make(f"{DETAIL}{detail.name}", detail.label, reason=detail.reason, rows=3)


def step_context(rfh: RFH | None, step: FormStep) -> dict[str, Any]:
    """What every page of the form shows: the list of steps, and where one goes from here."""
    return {"rfh": rfh, "step": step, "progress": progress(rfh, step), "next": after(step), "before": before(step)}


def completeness(details: Sequence[Detail], given: Mapping[str, str]) -> dict[str, Any]:
    """How much of the context is known, in numbers and words, and what to write to the customer for the rest."""
    lacking = context.missing(given, details)
    known = len(details) - len(lacking)
    return {
        "known": known,
        "wanted": len(details),
        "missing": [detail.label for detail in lacking],
        "missing_names": [detail.name for detail in lacking],
        "question": context.question(lacking),
    }


def similar_answers(text: str, *, besides: RFH | None) -> list[RFH]:
    """Answered requests like this one; of nothing typed there is none."""
    return selectors.similar(text, besides=besides.pk if besides else None) if text.strip() else []


def of_ticket(ticket: Ticket, *, besides: RFH | None = None) -> list[RFH]:
    """The ticket's requests, the newest first."""
    found = ticket.rfhs.select_related("team", "accountable").defer("search").order_by("-opened_at", "-pk")
    return list(found.exclude(pk=besides.pk) if besides else found)


def attached_events(rfh: RFH, readable: Callable[[StoredEvent], bool]) -> list[dict[str, Any]]:
    """The events to be explained; what its reader may not read is named by its id alone."""
    rows = list(rfh.attached_events.all())
    known = StoredEvent.objects.in_bulk([row.event for row in rows], field_name="event_id")
    return [
        {
            "row": row,
            "event": event if (event := known.get(row.event)) is not None and readable(event) else None,
        }
        for row in rows
    ]
