"""Work on tickets that a request should not wait for."""

from __future__ import annotations

from django.utils import timezone

from apps.tickets import services
from apps.tickets.models import Ticket
from apps.trail.later import enqueue

PAGE = 100


def follow_the_customers_plan(customer: int, after: int) -> int:
    """The customer's open tickets have their plan, and with it its promises: a page, the next in a job of its own."""
    tickets = list(
        Ticket.objects.select_related("customer__plan")
        .filter(customer=customer, pk__gt=after)
        .exclude(status__in=Ticket.ENDED)
        .order_by("pk")[:PAGE]
    )
    now = timezone.now()
    changed = sum(
        services.change_ticket(ticket, {"plan": ticket.customer and ticket.customer.plan}, now=now)
        for ticket in tickets
    )
    if len(tickets) == PAGE:
        enqueue("apps.tickets.jobs.follow_the_customers_plan", customer, tickets[-1].pk)
    return changed
