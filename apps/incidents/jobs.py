"""What incidents' app does by itself, now and then."""

from __future__ import annotations

import logging

from django.utils import timezone

from apps.incidents import maintaining
from apps.incidents.services.requested import answer_request, unanswered
from apps.people.acting import Acting
from apps.trail.context import Actor, acting

logger = logging.getLogger(__name__)


def follow_maintenance() -> str:
    """Maintenance begins, ends and is spoken of beforehand as it was planned."""
    with acting(actor=Actor(kind="job", id="maintenance", label="Maintenance")):
        done = maintaining.follow_plans(now=timezone.now(), by=Acting(None, "The plan"))
    failed = f", {done.failed} failed: the log says why" if done.failed else ""
    return f"{done.moved} moved{failed}"


def answer_requests() -> str:
    """Open requests of L1 and L2 have their incident, also those that asked before incidents were kept here."""
    made = 0
    with acting(actor=Actor(kind="job", id="incidents", label="Incidents")):
        for rfh in unanswered():
            try:
                made += answer_request(rfh, by=Acting(None, "SupportOps"), now=timezone.now()) is not None
            except Exception:
                logger.exception("%s needs an incident, and none could be declared", rfh)
    return f"{made} declared"
