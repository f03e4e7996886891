"""An incident in one story: what was said of it, what was pinned, who was paged, and what its tickets and requests did.

Each comes from where it is kept: events of the trail, and in place of some of them the row they made, which has what
was corrected since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q
from django.urls import reverse

from apps.incidents.models import Incident, Pin, Update
from apps.pages.models import Page
from apps.rfhs.models import RFH
from apps.tickets.models import Ticket
from apps.trail.models import StoredEvent

# Of each source the newest.
MOST = 500


class Kind(StrEnum):
    """What an entry is, as one chooses among them."""

    SAID = "said"
    DONE = "done"
    SLACK = "slack"
    PAGED = "paged"
    LINKED = "linked"
    LEARNED = "learned"
    REST = "rest"


NAMES: dict[Kind, str] = {
    Kind.SAID: "Updates",
    Kind.DONE: "Steps",
    Kind.SLACK: "Pinned in Slack",
    Kind.PAGED: "Pages",
    Kind.LINKED: "Tickets and requests",
    Kind.LEARNED: "RCA",
    Kind.REST: "Promises and messages",
}
ICONS: dict[Kind, str] = {
    Kind.SAID: "campaign",
    Kind.DONE: "flag",
    Kind.SLACK: "push_pin",
    Kind.PAGED: "notifications_active",
    Kind.LINKED: "link",
    Kind.LEARNED: "lab_profile",
    Kind.REST: "schedule",
}
# What is shown unless one chooses: promises and messages are the portal's own doing.
USUALLY = tuple(kind for kind in Kind if kind is not Kind.REST)
# What an RCA tells: it does not tell of itself.
HAPPENED = tuple(kind for kind in USUALLY if kind is not Kind.LEARNED)
# What a ticket, a request or a page tells of itself in the story of the incident; its own page tells the rest.
OF_LINKED = (
    "TicketOpened",
    "TicketStatusChanged",
    "RFHFiled",
    "RFHAcknowledged",
    "RFHHandedOver",
    "RFHUpdatePosted",
    "RFHAnswered",
    "RFHResolved",
    "RFHWithdrawn",
    "RFHReopened",
    "IncidentNeeded",
)
OF_PAGES = ("PageOpened", "PageAcknowledged", "PagePassedOn", "PageHandedOver", "HelpAsked", "PageResolved")
# A pin is told where it was said; when it was pinned says nothing of the incident.
UNTOLD = frozenset({"MessagePinned", "MessageUnpinned"})
UPDATED = "IncidentUpdated"


@dataclass(frozen=True)
class Told:
    """One entry. `update` or `pin` is what it shows in place of its sentence; `url` is its own address."""

    kind: Kind
    number: int
    at: datetime
    who: str
    sentence: str
    url: str = ""
    update: Update | None = None
    pin: Pin | None = None
    about: str = ""
    about_url: str = ""

    @property
    def key(self) -> str:
        """Its name on the page."""
        return f"{'pin' if self.pin else 'event'}-{self.number}"

    @property
    def icon(self) -> str:
        return ICONS[self.kind]

    @property
    def kind_name(self) -> str:
        return NAMES[self.kind]


@dataclass(frozen=True)
class Story:
    """The entries from the first to the last; `cut`: there are older ones, which the trail has."""

    told: list[Told]
    pages: list[Page]
    tickets: list[Ticket]
    rfhs: list[RFH]
    cut: bool

    def of(self, kinds: Iterable[Kind]) -> list[Told]:
        """Those of these kinds."""
        wanted = set(kinds)
        return [each for each in self.told if each.kind in wanted]

    def counts(self) -> dict[Kind, int]:
        """How many there are of each kind."""
        counted = Counter(each.kind for each in self.told)
        return {kind: counted[kind] for kind in Kind}


def story_of(incident: Incident, *, readable: Callable[[StoredEvent], bool]) -> Story:
    """All that is told of the incident; of events those the reader may read."""
    tickets = list(incident.tickets.select_related("customer").defer("search").order_by("opened_at", "pk"))
    rfhs = list(incident.rfhs.select_related("team", "owner").defer("search").order_by("opened_at", "pk"))
    pages = _pages(incident, rfhs)
    linked: dict[str, tuple[str, str]] = {}
    for ticket in tickets:
        linked[ticket.stream] = (f"Ticket {ticket.number}", reverse("admin:tickets_ticket_change", args=[ticket.pk]))
    for rfh in rfhs:
        linked[rfh.stream] = (str(rfh), reverse("admin:rfhs_rfh_change", args=[rfh.pk]))
    for page in pages:
        linked[page.stream] = (str(page), reverse("admin:pages_page_change", args=[page.pk]))
    own = StoredEvent.objects.filter(links__stream=incident.stream).order_by("-position")[:MOST]
    others = StoredEvent.objects.filter(
        Q(type__in=OF_LINKED) | Q(type__in=OF_PAGES), links__stream__in=list(linked)
    ).order_by("-position")[:MOST]
    events = {event.position: event for event in [*own, *others] if event.type not in UNTOLD and readable(event)}
    updates = {update.position: update for update in incident.updates.all()}
    told = [_event(event, updates, linked) for event in events.values()]
    told += [_pin(pin) for pin in incident.pins.filter(removed_at=None)]
    told.sort(key=lambda each: (each.at, each.pin is not None, each.number))
    return Story(told, pages, tickets, rfhs, cut=len(own) == MOST or len(others) == MOST)


def text_of(told: Sequence[Told]) -> str:
    """The entries as lines of Markdown, a heading a day, in UTC: what an RCA begins with."""
    lines: list[str] = []
    day = ""
    for each in told:
        at = f"{each.at:%Y-%m-%d}"
        if at != day:
            lines += ["", f"**{at}** (UTC)", ""]
            day = at
        lines.append(f"- {each.at:%H:%M} {_in_a_line(each)}")
    return "\n".join(lines).strip()


def _in_a_line(each: Told) -> str:
    if each.pin is not None:
        return f"{each.who} in Slack: “{_short(each.pin.text)}”"
    if each.update is not None:
        update = each.update
        said = [f"{one['name']}: {_words(one['new'])}" for one in update.components]
        said += [f"for the public “{_short(update.public_text)}”"] if update.public_text else []
        said += [f"among ourselves “{_short(update.internal_note)}”"] if update.internal_note else []
        return f"{update.by}, {update.get_status_display().lower()}{': ' if said else ''}{'; '.join(said)}"
    return _short(each.sentence)


def _words(status: str) -> str:
    return status.replace("_", " ")


def _short(text: str, longest: int = 400) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _pages(incident: Incident, rfhs: Sequence[RFH]) -> list[Page]:
    """Those that name the incident, and those its requests came by."""
    came_by = [(rfh.source_key or "").partition(":") for rfh in rfhs]
    keys = [key for kind, _, key in came_by if kind == "page"]
    named = Q(incident=incident) | Q(pk__in=[int(key) for key in keys if key.isdecimal()])
    return list(Page.objects.filter(named).select_related("team", "owner").order_by("opened_at", "pk"))


def _event(event: StoredEvent, updates: dict[int, Update], linked: dict[str, tuple[str, str]]) -> Told:
    theirs = [linked[stream] for stream in event.about if stream in linked and event.type in OF_LINKED + OF_PAGES]
    about, about_url = theirs[0] if theirs else ("", "")
    said = event.field("update") if event.type == UPDATED else None
    return Told(
        kind=_kind(event, updates),
        number=event.position,
        at=event.occurred_at,
        who=event.field("by") or event.actor,
        sentence=event.sentence,
        url=f"/trail/{event.position}/",
        update=updates.get(said) if said else None,
        about=about,
        about_url=about_url,
    )


def _kind(event: StoredEvent, updates: dict[int, Update]) -> Kind:
    if event.type == UPDATED:
        return Kind.SAID
    if event.type == "IncidentPublished":
        shown = [updates[number] for number in event.field("updates") or () if number in updates]
        if shown and all(update.published_at == update.at for update in shown):
            # What was public at once says so itself.
            return Kind.REST
    if event.type in OF_PAGES:
        return Kind.PAGED
    if event.type in OF_LINKED or event.type == "IncidentLinked":
        return Kind.LINKED
    if event.type.startswith("RCA"):
        return Kind.LEARNED
    if event.type.startswith(("Incident", "Publication")):
        return Kind.DONE
    return Kind.REST


def _pin(pin: Pin) -> Told:
    return Told(
        kind=Kind.SLACK,
        number=pin.pk,
        at=pin.said_at,
        who=pin.author or "Somebody",
        sentence=pin.text,
        url=pin.url,
        pin=pin,
    )
