"""What the search over everything (Ctrl+K) finds first: tickets, requests, incidents, and what happened to one."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

from apps.incidents.models import Incident
from apps.incidents.rights import DECLARE, SEE
from apps.incidents.searching import search as search_incidents
from apps.incidents.selectors import order
from apps.rfhs.models import RFH
from apps.rfhs.searching import search as search_requests
from apps.tickets.models import Ticket
from apps.tickets.searching import search
from apps.trail.access import READ, may_read
from apps.trail.models import StoredEvent

MOST, MOST_REQUESTS, MOST_INCIDENTS = 20, 10, 5
# The beginning of it is enough: it is searched while it is typed.
ASKING = re.compile(
    r"(?:ask(?: f| fo| for| for h| for he| for hel| for help)?|help|rfh|request for help)"
    r"(?:\s+(?:with\s+)?#?(?P<number>(?=\S*\d)\S{1,64}))?",
    re.IGNORECASE,
)
DECLARING = re.compile(
    r"(?:decl(?:a|ar|are)?|declare an?(?: inc\w*)?|incident|outage)"
    r"(?:\s+(?:with\s+|about\s+)?#?(?P<number>(?=\S*\d)\S{1,64}))?",
    re.IGNORECASE,
)
PUBLIC_PAGE, SHORTEST = "public status page", 4
A_REQUEST = re.compile(r"rfh[- ]?(\d{1,18})", re.IGNORECASE)
AN_EVENT = re.compile(r"event\s+#?(\d{1,18})", re.IGNORECASE)


def find(request: HttpRequest, term: str) -> list[SearchResult]:
    """What one can begin; tickets, requests and incidents; then the story of the ticket of that number, or an event."""
    # Unfold gives the words in small letters, and a number may have capitals.
    words = request.GET.get("s", term).strip()
    return [
        *find_beginnings(request, words),
        *find_declaring(request, words),
        *find_public_page(words),
        *find_incidents(request, words),
        *find_tickets(request, words),
        *find_requests(request, words),
        *find_events(request, words),
    ]


def find_public_page(words: str) -> list[SearchResult]:
    """What everybody reads, by any part of its name."""
    if len(words) < SHORTEST or words.lower() not in PUBLIC_PAGE:
        return []
    page = reverse("statuspage:page")
    return [SearchResult(title="Public status page", description="What everybody reads", link=page, icon="public")]


def find_beginnings(request: HttpRequest, words: str) -> list[SearchResult]:
    """A request for help, about the ticket whose number follows: "ask for help 4711"."""
    said = ASKING.fullmatch(words)
    if said is None or not request.user.has_perm("rfhs.add_rfh"):
        return []
    number = said["number"] or ""
    if number and not Ticket.objects.filter(number=number).exists():
        return []
    page = reverse("rfhs:new")
    return [
        SearchResult(
            title=f"Ask for help with ticket {number}" if number else "Ask for help",
            description="Begin a request",
            link=f"{page}?{urlencode({'ticket': number})}" if number else page,
            icon="contact_support",
        )
    ]


def find_declaring(request: HttpRequest, words: str) -> list[SearchResult]:
    """An incident, about the ticket or request whose number follows: "declare an incident 4711"."""
    said = DECLARING.fullmatch(words)
    if said is None or not request.user.has_perm(DECLARE):
        return []
    number, page = said["number"] or "", reverse("admin:incidents_incident_add")
    asked: dict[str, str] = {}
    if rfh := A_REQUEST.fullmatch(number):
        if not RFH.objects.filter(pk=int(rfh[1])).exists():
            return []
        number, asked = f"RFH-{rfh[1]}", {"rfh": rfh[1]}
    elif number:
        if not Ticket.objects.filter(number=number).exists():
            return []
        number, asked = f"ticket {number}", {"ticket": number}
    return [
        SearchResult(
            title=f"Declare an incident about {number}" if number else "Declare an incident",
            description="Something is broken",
            link=f"{page}?{urlencode(asked)}" if asked else page,
            icon="emergency_home",
        )
    ]


def find_incidents(request: HttpRequest, words: str) -> list[SearchResult]:
    """The incident of this number, else those about the ticket of this number, or whose words these are."""
    if not words or not request.user.has_perm(SEE):
        return []
    found = search_incidents(Incident.objects.defer("search"), words).order_by(*order())
    return [
        SearchResult(
            title=f"{incident} {incident.title}",
            description=f"{incident.severity}, {incident.get_status_display().lower()}",
            link=reverse("admin:incidents_incident_change", args=[incident.pk]),
            icon="emergency_home",
        )
        for incident in found[:MOST_INCIDENTS]
    ]


def find_requests(request: HttpRequest, words: str) -> list[SearchResult]:
    """The request of this number, else those about the ticket of this number, else those whose words these are."""
    if not words or not request.user.has_perm("rfhs.view_rfh"):
        return []
    rfhs = RFH.objects.select_related("team", "ticket").defer("search")
    if said := A_REQUEST.fullmatch(words):
        rfhs = rfhs.filter(pk=int(said[1]))
    elif Ticket.objects.filter(number=words.removeprefix("#")).exists():
        rfhs = rfhs.filter(ticket__number=words.removeprefix("#"))
    else:
        rfhs = search_requests(rfhs, words)
    return [
        SearchResult(
            title=f"{rfh} {rfh.summary or 'No summary yet'}",
            description=", ".join(filter(None, (str(rfh.team or ""), rfh.get_state_display().lower()))),
            link=reverse("admin:rfhs_rfh_change", args=[rfh.pk]),
            icon="contact_support",
        )
        for rfh in rfhs.order_by(F("ended_at").desc(nulls_first=True), "-opened_at", "-pk")[:MOST_REQUESTS]
    ]


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
