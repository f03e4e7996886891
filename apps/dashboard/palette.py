"""What the search over everything (Ctrl+K) finds first: tickets, by number or words, and what happened to one."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

from apps.tickets.models import Ticket
from apps.tickets.searching import search
from apps.trail.access import READ, may_read
from apps.trail.models import StoredEvent

MOST = 20
AN_EVENT = re.compile(r"event\s+#?(\d{1,18})", re.IGNORECASE)


def find(request: HttpRequest, term: str) -> list[SearchResult]:
    """Tickets, then the story of the one whose number that is, or the event of that number."""
    # Unfold gives the words in small letters, and a number may have capitals.
    words = request.GET.get("s", term).strip()
    return [*find_tickets(request, words), *find_events(request, words)]


def find_events(request: HttpRequest, words: str) -> list[SearchResult]:
    """What happened to the ticket of this number, for those who may read the trail; or the event somebody names."""
    said = AN_EVENT.fullmatch(words)
    if said:
        event = StoredEvent.objects.filter(position=said[1]).first()
        if event is None or not may_read(request.user, event):
            return []
        page = reverse("trail_event", args=[event.position])
        return [SearchResult(title=event.sentence, description=f"Event {event.position}", link=page, icon="history")]
    number = words.removeprefix("#")
    if not number or not request.user.has_perm(READ) or not Ticket.objects.filter(number=number).exists():
        return []
    story = f"{reverse('trail')}?{urlencode({'q': number})}"
    return [
        SearchResult(
            title=f"What happened to ticket {number}", description="Its story on the trail", link=story, icon="history"
        )
    ]


def find_tickets(request: HttpRequest, words: str) -> list[SearchResult]:
    """The tickets that match, for those who may see tickets: the number before words, as in the list."""
    if not request.user.has_perm("tickets.view_ticket"):
        return []
    found = search(Ticket.objects.select_related("customer").defer("search"), words).order_by("-opened_at")[:MOST]
    return [
        SearchResult(
            title=f"{ticket.number} {ticket.subject or 'No subject yet'}",
            description=", ".join(filter(None, (str(ticket.customer or ""), ticket.get_status_display().lower()))),
            link=reverse("admin:tickets_ticket_change", args=[ticket.pk]),
            icon="confirmation_number",
        )
        for ticket in found
    ]
