"""What a request's page says around its form: what it is, whose, what is missing, where it is spoken of, its story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser

from apps.dashboard.incident_page import incidents_about
from apps.escalations.rfh_selectors import promises_of
from apps.integrations.slack.messages import permalink
from apps.people.models import Agent
from apps.rfhs import context as details
from apps.rfhs.joining import Way, to_do
from apps.rfhs.models import RFH, Issue, IssueComment, Note
from apps.rfhs.services.collaborating import way_of
from apps.trail.access import may_read
from apps.trail.models import StoredEvent
from apps.trail.selectors import story

STORY_LENGTH = 200
SLACK_CHANNEL = "https://slack.com/app_redirect?channel="


@dataclass(frozen=True)
class Known:
    """A detail of the context and what is known of it; empty: missing."""

    label: str
    reason: str
    text: str


@dataclass(frozen=True)
class Part:
    """A run of lines: said by somebody who is quoted, or our own words."""

    quoted: bool
    text: str


def page_of(rfh: RFH, reader: Agent | AnonymousUser, *, newest_first: bool, now: datetime) -> dict[str, Any]:
    """What the request's page shows `reader`."""
    readable = partial(may_read, reader)
    lines = story(rfh.stream, newest_first=newest_first, limit=STORY_LENGTH, readable=readable)
    notes = list(rfh.notes.select_related("agent"))
    manager = rfh.customer.account_manager if rfh.customer else None
    return {
        "shown": rfh,
        "description": parts(rfh.description),
        "answer": parts(rfh.answer),
        "learned": parts(rfh.learned) if rfh.learned != rfh.answer else [],
        **_context(rfh),
        "account_manager": manager,
        **incidents_about(rfh, reader),
        "promises": promises_of([rfh], now=now, people=True)[rfh.pk],
        "joining": _joining(rfh),
        "documents": _documents(rfh),
        "files": list(rfh.attachments.defer("content")),
        "attached_events": _attached(rfh, reader),
        "issues": list(rfh.issues.order_by("pk")),
        "issue_waits": any(issue.making == Issue.Making.WANTED for issue in rfh.issues.all()),
        "unsaid": list(
            IssueComment.objects.filter(issue__rfh=rfh, saying=IssueComment.Saying.FAILED).select_related("issue")
        ),
        "comments": [note for note in notes if note.kind == Note.Kind.COMMENT],
        "notes": [note for note in reversed(notes) if note.kind != Note.Kind.COMMENT],
        "places": _places(rfh),
        "story": lines,
        "story_is_cut": len(lines) == STORY_LENGTH,
        "story_limit": STORY_LENGTH,
        "newest_first": newest_first,
        "title": f"{rfh}: {rfh.summary}" if rfh.summary else str(rfh),
        "subtitle": None,
    }


def parts(text: str) -> list[Part]:
    """The text in runs of quoted lines, which begin with >, and of our own."""
    found: list[tuple[bool, list[str]]] = []
    for line in text.splitlines():
        quoted = line.startswith(">")
        words = line[1:].removeprefix(" ") if quoted else line
        if found and found[-1][0] == quoted:
            found[-1][1].append(words)
        else:
            found.append((quoted, [words]))
    joined = [(quoted, "\n".join(lines).strip("\n")) for quoted, lines in found]
    return [Part(quoted, words) for quoted, words in joined if words.strip()]


def _context(rfh: RFH) -> dict[str, Any]:
    wanted, missing = rfh.details, rfh.missing
    lacking = {detail.name for detail in missing}
    contact = rfh.customer.contacts.order_by("pk").first() if rfh.customer else None
    return {
        "known": [
            Known(detail.label, detail.reason, "" if detail.name in lacking else rfh.context[detail.name])
            for detail in wanted
        ],
        "known_count": len(wanted) - len(missing),
        "wanted_count": len(wanted),
        "missing": [detail.label for detail in missing],
        "question": details.question(missing, customer=contact.name if contact else ""),
    }


def _joining(rfh: RFH) -> dict[str, Any] | None:
    """Whether engineering works with the customer directly, and what somebody must do for that."""
    if rfh.team is None or rfh.works_with_customer == RFH.WorksWithCustomer.NOT_ASKED:
        return None
    if rfh.works_with_customer != RFH.WorksWithCustomer.YES or rfh.owner is None:
        return {"answer": rfh.works_with_customer, "to_do": "", "by_hand": False}
    way = way_of(rfh)
    ticket = rfh.ticket.number if rfh.ticket else ""
    return {
        "answer": rfh.works_with_customer,
        "to_do": to_do(way, engineer=str(rfh.owner), email=rfh.owner.email, ticket=ticket),
        "by_hand": way is not Way.MENTION,
        "done": rfh.brought_in_at,
        "email": rfh.owner.email,
        "help_desk_url": rfh.ticket.url if rfh.ticket and rfh.ticket.url.startswith(("https://", "http://")) else "",
    }


def _documents(rfh: RFH) -> list[tuple[str, str]]:
    customer = rfh.customer
    if customer is None:
        return []
    found = [("Account document", customer.account_url), ("Deployment document", customer.deployment_url)]
    return [(name, url) for name, url in found if url.startswith(("https://", "http://"))]


def _attached(rfh: RFH, reader: Agent | AnonymousUser) -> list[tuple[Any, StoredEvent | None]]:
    """The events somebody wants explained; None for one the reader may not read."""
    rows = list(rfh.attached_events.all())
    events = StoredEvent.objects.in_bulk([row.event for row in rows], field_name="event_id")
    found = [(row, events.get(row.event)) for row in rows]
    return [(row, event if event and may_read(reader, event) else None) for row, event in found]


def _places(rfh: RFH) -> Sequence[tuple[str, str]]:
    """Where in Slack it is spoken of."""
    found = []
    if rfh.teammates_channel and rfh.teammates_thread_ts:
        found.append(("The question to teammates", permalink(rfh.teammates_channel, rfh.teammates_thread_ts)))
    if rfh.team_channel and rfh.team_thread_ts:
        found.append((f"The thread of {rfh.team}", permalink(rfh.team_channel, rfh.team_thread_ts)))
    if rfh.incident_channel:
        found.append(("The incident's channel", f"{SLACK_CHANNEL}{rfh.incident_channel}"))
    if rfh.source_url.startswith("https://"):
        found.append(("Where it was asked", rfh.source_url))
    if rfh.ticket and rfh.ticket.channel and rfh.ticket.thread_ts:
        found.append((f"The thread of ticket {rfh.ticket.number}", permalink(rfh.ticket.channel, rfh.ticket.thread_ts)))
    return found
