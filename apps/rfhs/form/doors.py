"""What the pages of the form have in common. Part of a door."""

from __future__ import annotations

import re
from functools import partial
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse

from apps.people.models import Agent
from apps.rfhs import rights
from apps.rfhs.doors import rfh_of, viewer_of
from apps.rfhs.errors import BadRFH
from apps.rfhs.form.steps import FormStep
from apps.rfhs.form.uploading import LARGEST_BODY, Bounded
from apps.rfhs.models import RFH
from apps.tickets.models import Ticket
from apps.trail.access import may_read
from apps.trail.models import StoredEvent

# An event's own address in the portal, or its position alone.
POSITION = re.compile(r"(?:^|/trail/)#?(\d{1,18})/?(?:[?#].*)?$")
ID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def address(rfh: RFH, step: FormStep) -> str:
    return reverse(f"rfhs:form_{step}", args=[rfh.pk])


def draft_for(request: HttpRequest, pk: int) -> tuple[Agent, RFH, bool]:
    """Who looks, the request, and whether they may write on it. Raises PermissionDenied when they send something."""
    agent, rfh = viewer_of(request), rfh_of(pk)
    may_write = rights.may_change(agent, rfh)
    if request.method == "POST" and not may_write:
        raise PermissionDenied
    return agent, rfh, may_write


def page_of(rfh: RFH) -> str:
    """The request's own page, where it goes on once it is filed."""
    return reverse("admin:rfhs_rfh_change", args=[rfh.pk])


def event_named(said: str, user: Agent) -> StoredEvent:
    """The event somebody names by its address, number or id, if they may read it. Raises BadRFH."""
    said = said.strip()
    found = None
    if given := ID.search(said):
        found = StoredEvent.objects.filter(event_id=UUID(given[0])).first()
    elif number := POSITION.search(said):
        found = StoredEvent.objects.filter(position=int(number[1])).first()
    if found is None or not may_read(user, found):
        raise BadRFH("event", "There is no such event: give its number, its id, or its page's address.")
    return found


def readable_by(user: Agent) -> partial[bool]:
    return partial(may_read, user)


def above(ticket: Ticket | None) -> list[dict[str, str]]:
    """What the page is under: the ticket's."""
    if ticket is None:
        return []
    return [{"title": str(ticket), "link": reverse("admin:tickets_ticket_change", args=[ticket.pk])}]


def bounded(request: HttpRequest) -> Bounded | None:
    """Uploads from here on are held within bounds; None for a request that nobody should read at all."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST_BODY:
        return None
    bounds = Bounded(request)
    request.upload_handlers.insert(0, bounds)
    return bounds
