"""What a ticket's page and its row in the list say of its promise, and what surrounds the form."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.dashboard import moments
from apps.dashboard.incident_page import incidents_about
from apps.escalations.models import Clock
from apps.escalations.selectors import ahead
from apps.integrations.slack.messages import permalink
from apps.people.models import Agent
from apps.rfhs.models import RFH
from apps.rfhs.rights import may_begin, may_see
from apps.tickets.models import Ticket
from apps.trail.access import may_read
from apps.trail.selectors import story

STORY_LENGTH = 200


def latest_clock(ticket: Ticket) -> Clock | None:
    """The newest promise of a ticket whose clocks are prefetched, newest first."""
    clocks = list(ticket.clocks.all())
    return clocks[0] if clocks else None


def state_of_promise(clock: Clock | None, now: datetime) -> SafeString:
    """How a promise stands, in words: it counts down while it runs."""
    if clock is None:
        return SafeString("–")
    match clock.state:
        case Clock.State.RUNNING if clock.due_at <= now:
            word = SafeString('<span class="portal-word portal-bad">Breached</span> ')
            return word + moments.countdown(clock.due_at, now)
        case Clock.State.RUNNING:
            return moments.countdown(clock.due_at, now)
        case Clock.State.MET:
            return SafeString('<span class="portal-word portal-good">Kept</span>')
        case Clock.State.MISSED:
            late = moments.rough((clock.stopped_at or now) - clock.due_at)
            return format_html('<span class="portal-word portal-bad">Missed</span> {} late', late)
        case _:
            return SafeString('<span class="portal-word">Cancelled</span>')


def requests_of(ticket: Ticket) -> list[RFH]:
    """What was asked of other teams about the ticket, the newest first."""
    return list(ticket.rfhs.select_related("team", "owner").defer("search").order_by("-opened_at", "-pk"))


def page_of(ticket: Ticket, reader: Agent | AnonymousUser, *, newest_first: bool, now: datetime) -> dict[str, Any]:
    """What the ticket's page shows `reader` around the form; the ticket's clocks are prefetched."""
    readable = partial(may_read, reader)
    lines = story(ticket.stream, newest_first=newest_first, limit=STORY_LENGTH, readable=readable)
    clock = latest_clock(ticket)
    return {
        "shown": ticket,
        "clock": clock,
        "promise": state_of_promise(clock, now),
        "ahead": ahead(ticket, now=now),
        "story": lines,
        "requests": requests_of(ticket) if isinstance(reader, Agent) and may_see(reader) else None,
        "may_ask": isinstance(reader, Agent) and may_begin(reader),
        **incidents_about(ticket, reader),
        "story_is_cut": len(lines) == STORY_LENGTH,
        "story_limit": STORY_LENGTH,
        "newest_first": newest_first,
        "thread_url": permalink(ticket.channel, ticket.thread_ts) if ticket.channel and ticket.thread_ts else "",
        "help_desk_url": ticket.url if ticket.url.startswith(("https://", "http://")) else "",
        "title": f"Ticket {ticket.number}",
        "subtitle": None,
    }
