"""Finding tickets: by number first, then by words."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from apps.people.models import Customer
from apps.tickets.models import Ticket

_WORD = re.compile(r"\w+")
MOST_WORDS = 10
MOST_CUSTOMERS = 50


def search(tickets: QuerySet[Ticket], term: str) -> QuerySet[Ticket]:
    """The ticket with exactly this number; else those whose number begins so; else those that hold the words.

    The last word may be unfinished. Words are looked for in number and subject, and in customers' names. Each step
    is one lookup in an index.
    """
    term = term.strip().removeprefix("#")
    if not term or "\x00" in term:
        return tickets.none() if term else tickets
    if any(letter.isdigit() for letter in term) and " " not in term:
        every = Ticket.objects.order_by()
        exact = every.filter(number=term).values_list("number", flat=True)
        begins = every.filter(number__startswith=term).values_list("number", flat=True)[:1]
        found = list(exact.union(begins, all=True))
        if term in found:
            return tickets.filter(number=term)
        if found:
            return tickets.filter(number__startswith=term)
    words = _WORD.findall(term)[:MOST_WORDS]
    if not words:
        return tickets.none()
    query = " & ".join([*(f"'{word}'" for word in words[:-1]), f"'{words[-1]}':*"])
    holds = Q(search=SearchQuery(query, search_type="raw", config="simple"))
    customers = list(Customer.objects.filter(name__icontains=term).values_list("pk", flat=True)[:MOST_CUSTOMERS])
    # Only when there are any: an OR over two indexes costs more than one index.
    return tickets.filter(holds | Q(customer__in=customers)) if customers else tickets.filter(holds)
