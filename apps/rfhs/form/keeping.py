"""What was typed into the form, kept in the draft: every field that can be, beside what refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.people.acting import Acting
from apps.people.models import Customer
from apps.rfhs import services
from apps.rfhs.context import ALWAYS, DETAILS, SYMPTOMS
from apps.rfhs.errors import BadRFH, ChangedMeanwhile
from apps.rfhs.form.merging import DETAIL, merge, plain
from apps.rfhs.models import RFH
from apps.rfhs.services.drafting import cleaned
from apps.rfhs.services.texts import LONGEST_SUMMARY
from apps.tickets import services as tickets
from apps.tickets.errors import TicketError
from apps.tickets.models import Ticket

PLAIN = ("summary", "description", "kind", "priority", "priority_because", "timeline")
KNOWN = frozenset(
    f"{DETAIL}{detail.name}" for group in (DETAILS, ALWAYS, *SYMPTOMS.values()) for detail in group
) | frozenset((*PLAIN, "ticket", "customer"))
# How often a draft is read anew because somebody wrote between reading and writing.
ATTEMPTS = 5


@dataclass
class Kept:
    """What became of what was typed. `errors`, `conflicts` and `theirs` go by field; `theirs` is what others wrote."""

    rfh: RFH | None
    errors: dict[str, list[str]] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    theirs: dict[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether everything that was typed is kept."""
        return not self.errors and not self.conflicts


def typed_in(data: Mapping[str, str]) -> dict[str, str]:
    """The fields of the form that were sent, as they are kept."""
    return {name: plain(name, data[name]) for name in sorted(KNOWN) if name in data}


def stored_in(rfh: RFH) -> dict[str, str]:
    """The same fields as the draft has them."""
    found = {name: str(getattr(rfh, name)) for name in PLAIN}
    found |= {f"{DETAIL}{name}": str(value) for name, value in rfh.context.items()}
    found["ticket"] = rfh.ticket.number if rfh.ticket else ""
    found["customer"] = rfh.customer.slug if rfh.customer else ""
    return found


def begin(typed: Mapping[str, str], *, key: str, by: Acting, now: datetime) -> Kept:
    """A draft that holds what was typed; the same `key` twice is one draft, on which the second goes on writing."""
    errors: dict[str, list[str]] = {}
    ticket, customer = _ticket(typed, errors), _customer(typed, errors)
    # The first that the story says of it is what it is about.
    opening = {"summary": typed["summary"]} if 0 < len(typed.get("summary", "")) <= LONGEST_SUMMARY else {}
    rfh, fresh = services.begin(by=by, now=now, ticket=ticket, customer=customer, source_key=f"form:{key}", **opening)
    rest = {name: value for name, value in typed.items() if name not in {"ticket", "customer"} and value}
    kept = keep(rfh, rest if fresh else typed, {}, by=by, now=now)
    kept.errors = {**errors, **kept.errors}
    return kept


def keep(rfh: RFH, typed: Mapping[str, str], was: Mapping[str, str], *, by: Acting, now: datetime) -> Kept:
    """The draft holds what was typed, but for what is refused and what somebody else wrote meanwhile."""
    for _ in range(ATTEMPTS):
        rfh.refresh_from_db()
        merged = merge(stored_in(rfh), typed, was)
        kept = Kept(rfh, conflicts=merged.conflicts, theirs=merged.theirs)
        wanted = dict(merged.changes)
        try:
            while wanted and (refused := _written(rfh, wanted, kept.errors, by=by, now=now)):
                wanted = {name: value for name, value in wanted.items() if name not in refused}
        except ChangedMeanwhile:
            continue
        return kept
    raise ChangedMeanwhile(f"Others are writing {rfh} at this moment. Save once more.")


def _written(
    rfh: RFH, wanted: Mapping[str, str], errors: dict[str, list[str]], *, by: Acting, now: datetime
) -> set[str]:
    """Write it, or say which fields keep it from being written; their sentences are in `errors`."""
    changes: dict[str, Any] = {name: value for name, value in wanted.items() if name in PLAIN}
    refused: set[str] = set()
    if "ticket" in wanted:
        changes["ticket"] = _ticket(wanted, errors)
    if "customer" in wanted:
        changes["customer"] = _customer(wanted, errors)
    refused |= {name for name in ("ticket", "customer") if name in errors and name in wanted}
    details = {name.removeprefix(DETAIL): value for name, value in wanted.items() if name.startswith(DETAIL)}
    for name, value in details.items():
        try:
            cleaned({"context": {name: value}})
        except BadRFH as refusal:
            errors[f"{DETAIL}{name}"] = [str(refusal)]
            refused.add(f"{DETAIL}{name}")
    if refused:
        return refused
    if details:
        changes["context"] = details
    try:
        services.change(rfh, changes, by=by, now=now, version=rfh.version)
    except BadRFH as refusal:
        [(name, sentences)] = refusal.errors.items()
        errors[name] = sentences
        # A kind and a priority that do not fit: one of them was typed, and it is that one.
        return {name} if name in wanted else {"kind", "priority"} & set(wanted) or set(wanted)
    return set()


def _ticket(typed: Mapping[str, str], errors: dict[str, list[str]]) -> Ticket | None:
    number = typed.get("ticket", "")
    if not number:
        return None
    try:
        return tickets.find(number)
    except TicketError as refusal:
        errors["ticket"] = [str(refusal)]
        return None


def _customer(typed: Mapping[str, str], errors: dict[str, list[str]]) -> Customer | None:
    slug = typed.get("customer", "")
    if not slug:
        return None
    found = Customer.objects.filter(slug=slug).first()
    if found is None:
        errors["customer"] = ["There is no such customer."]
    return found
