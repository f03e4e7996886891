"""Finding incidents: by number first, by a ticket's or request's, then by words."""

from __future__ import annotations

import re

from django.conf import settings
from django.db.models import Q, QuerySet

from apps.incidents.models import Incident
from apps.rfhs.searching import prefixed
from apps.tickets.models import Ticket

_RFH = re.compile(r"rfh[-\s#]*(\d{1,18})", re.IGNORECASE)
_BARE = re.compile(r"#?(\d{1,18})")
MOST_TICKETS = 50


def search(incidents: QuerySet[Incident], term: str) -> QuerySet[Incident]:
    """INC-7 is that one; 7 is that one, and those of ticket 7; RFH-7 those of that request; else those with the words.

    The last word may be unfinished.
    """
    term = term.strip()
    if not term or "\x00" in term:
        return incidents.none() if term else incidents
    if said := numbered(term):
        return incidents.filter(pk=said)
    if request := _RFH.fullmatch(term):
        return incidents.filter(pk__in=Incident.objects.filter(rfhs=int(request[1])).order_by().values("pk"))
    bare = _BARE.fullmatch(term)
    found = Q(pk=int(bare[1])) if bare else Q()
    if any(letter.isdigit() for letter in term) and " " not in term:
        tickets = Ticket.objects.filter(number__startswith=term.removeprefix("#")).order_by()
        if keys := list(tickets.values_list("pk", flat=True)[:MOST_TICKETS]):
            # As keys: joined, an incident of two of these tickets would be there twice.
            found |= Q(pk__in=Incident.objects.filter(tickets__in=keys).order_by().values("pk"))
    if query := prefixed(term):
        found |= Q(search=query)
    return incidents.filter(found) if found else incidents.none()


def numbered(term: str) -> int | None:
    """The number of an incident that is called by it, as in INC-7; None where the words are none."""
    prefix = re.escape(settings.INCIDENT_PREFIX)
    said = re.fullmatch(rf"{prefix}[-\s#]*(\d{{1,18}})", term.strip(), re.IGNORECASE)
    return int(said[1]) if said else None
