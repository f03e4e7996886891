"""Work on tickets that a request should not wait for."""

from __future__ import annotations

import logging

from django.db.models import Q
from django.utils import timezone

from apps.tickets import services
from apps.tickets.models import Ticket
from apps.trail.later import enqueue

logger = logging.getLogger(__name__)
PAGE = 100


def follow_the_customers_plan(customer: int, before: str | None, after: int) -> int:
    """The customer's open tickets that had the plan called `before` (None: none) have the customer's plan now.

    One whose plan was stated otherwise keeps it. A page of them, the next in a job of its own.
    """
    tickets = list(
        Ticket.objects.select_related("customer__plan")
        .filter(Q(plan__name=before) if before else Q(plan=None), customer=customer, pk__gt=after)
        .exclude(status__in=Ticket.ENDED)
        .order_by("pk")[:PAGE]
    )
    changed = sum(_follow(ticket) for ticket in tickets)
    if len(tickets) == PAGE:
        enqueue("apps.tickets.jobs.follow_the_customers_plan", customer, before, tickets[-1].pk)
    return changed


def _follow(ticket: Ticket) -> bool:
    try:
        return services.change_ticket(ticket, {"plan": ticket.customer and ticket.customer.plan}, now=timezone.now())
    except Exception:
        logger.exception("%s could not follow its customer's plan", ticket)
        return False
