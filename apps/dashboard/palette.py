"""What the search over everything (Ctrl+K) finds first: tickets, by number or words."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

from apps.tickets.models import Ticket
from apps.tickets.searching import search

MOST = 20


def find_tickets(request: HttpRequest, term: str) -> list[SearchResult]:
    """The tickets that match, for those who may see tickets: the number before words, as in the list."""
    if not request.user.has_perm("tickets.view_ticket"):
        return []
    # Unfold gives the words in small letters, and a number may have capitals.
    words = request.GET.get("s", term)
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
