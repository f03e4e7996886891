"""What tickets do when a customer's plan changes."""

from __future__ import annotations

from collections.abc import Sequence

from apps.people.models import Customer
from apps.tickets import services
from apps.tickets.models import Ticket
from apps.trail.events import ObjectChanged
from apps.trail.reacting import Recorded, following, on


@on(ObjectChanged)
def follow_the_customers_plan(entries: Sequence[Recorded[ObjectChanged]]) -> None:
    """Open tickets of a customer whose plan changed get the new plan, and with it other promises."""
    for entry in entries:
        if entry.event.model != "people.customer" or "plan" not in entry.event.changes:
            continue
        customer = Customer.objects.select_related("plan").get(pk=entry.event.key)
        with following(entry):
            for ticket in Ticket.objects.filter(customer=customer).exclude(status__in=Ticket.ENDED):
                services.change_ticket(ticket, {"plan": customer.plan}, now=entry.occurred_at)
