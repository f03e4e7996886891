"""Which tickets are asked for."""

from __future__ import annotations

from datetime import datetime

import django_filters
from django.db.models import Exists, OuterRef, QuerySet

from apps.api.filters import CalledFilter, InstantFilter, YesNoFilter
from apps.escalations.models import Clock
from apps.people.models import Customer, Plan
from apps.sla.models import SEVERITIES, TICKET_TYPES, Policy
from apps.tickets import searching
from apps.tickets.models import Ticket


class TicketFilter(django_filters.FilterSet):
    """Conditions narrow each other; status, severity and type may be given several times, for either."""

    status = django_filters.MultipleChoiceFilter(choices=Ticket.Status.choices)
    severity = django_filters.MultipleChoiceFilter(choices=SEVERITIES)
    type = django_filters.MultipleChoiceFilter(choices=TICKET_TYPES)
    plan = CalledFilter("slug", noun="plan", queryset=Plan.objects.all(), help_text="A plan's slug.")
    customer = CalledFilter("slug", noun="customer", queryset=Customer.objects.all(), help_text="A customer's slug.")
    policy = CalledFilter(
        "name",
        noun="policy",
        queryset=Policy.objects.all(),
        method="governed",
        help_text="The name of the policy whose promise runs, or ran.",
    )
    breached = YesNoFilter(method="broken", help_text="Whether a promise was broken.")
    due_before = InstantFilter(method="due", help_text="A running promise falls due before this instant.")
    opened_after = InstantFilter(field_name="opened_at", lookup_expr="gte", help_text="At or after this instant.")
    opened_before = InstantFilter(field_name="opened_at", lookup_expr="lt")
    q = django_filters.CharFilter(method="search", help_text="The number, its beginning, or words of the subject.")

    class Meta:
        model = Ticket
        fields: list[str] = []

    def governed(self, tickets: QuerySet[Ticket], name: str, policy: Policy) -> QuerySet[Ticket]:
        return tickets.filter(Exists(_holding().filter(policy=policy)))

    def broken(self, tickets: QuerySet[Ticket], name: str, wanted: str) -> QuerySet[Ticket]:
        broken = Exists(_holding().filter(breached_at__isnull=False))
        return tickets.filter(broken if wanted == "true" else ~broken)

    def due(self, tickets: QuerySet[Ticket], name: str, instant: datetime) -> QuerySet[Ticket]:
        return tickets.filter(Exists(_holding().filter(state=Clock.State.RUNNING, due_at__lt=instant)))

    def search(self, tickets: QuerySet[Ticket], name: str, words: str) -> QuerySet[Ticket]:
        return searching.search(tickets, words)


def _holding() -> QuerySet[Clock]:
    """A ticket's promises that hold: a cancelled one says nothing any more."""
    return Clock.objects.filter(ticket=OuterRef("pk")).exclude(state=Clock.State.CANCELLED)
