"""Whose customer's audit log tells of tickets."""

from __future__ import annotations

from collections.abc import Collection

from apps.tickets.models import Ticket
from apps.trail.audit.belonging import whose
from apps.trail.models import StoredEvent


def names_the_customer(event: StoredEvent) -> bool:
    """Whether the ticket's customer became known or is another since."""
    if event.type == "ChangedOutside":
        return "customer_id" in (event.field("after") or {})
    return event.type == "TicketChanged" and "customer" in (event.field("changes") or {})


@whose("ticket", moves=names_the_customer)
def customers_of_tickets(numbers: Collection[str]) -> dict[str, list[str]]:
    """A ticket is its customer's, also what happened before the customer was known."""
    known = Ticket.objects.filter(number__in=numbers, customer__isnull=False)
    return {number: [slug] for number, slug in known.values_list("number", "customer__slug") if slug}
