"""Finding requests: by number first, by their ticket's number, by customer, then by words."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from apps.people.models import Customer
from apps.rfhs.models import RFH
from apps.tickets.models import Ticket

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"(?:rfh[-\s#]*)(\d{1,18})|#?(\d{1,18})", re.IGNORECASE)
MOST_WORDS, MOST_CUSTOMERS, MOST_TICKETS = 10, 50, 50


def search(rfhs: QuerySet[RFH], term: str) -> QuerySet[RFH]:
    """RFH-12 is that one; 12 is that one, and those of ticket 12; else those that hold the words, or their customer.

    The last word may be unfinished.
    """
    term = term.strip()
    if not term or "\x00" in term:
        return rfhs.none() if term else rfhs
    number = _NUMBER.fullmatch(term)
    if number and number[1]:
        return rfhs.filter(pk=int(number[1]))
    found = Q(pk=int(number[2])) if number else Q()
    if any(letter.isdigit() for letter in term) and " " not in term:
        tickets = Ticket.objects.filter(number__startswith=term.removeprefix("#")).order_by()
        if keys := list(tickets.values_list("pk", flat=True)[:MOST_TICKETS]):
            found |= Q(ticket__in=keys)
    if query := prefixed(term):
        found |= Q(search=query)
    customers = Customer.objects.filter(name__icontains=term).values_list("pk", flat=True)
    if keys := list(customers[:MOST_CUSTOMERS]):
        found |= Q(customer__in=keys)
    return rfhs.filter(found) if found else rfhs.none()


def prefixed(term: str) -> SearchQuery | None:
    """All of the words, in any of their forms, the last one perhaps unfinished; None when there is no word."""
    words = _WORD.findall(term)[:MOST_WORDS]
    if not words:
        return None
    query = " & ".join([*(f"'{word}'" for word in words[:-1]), f"'{words[-1]}':*"])
    return SearchQuery(query, search_type="raw", config="english")
