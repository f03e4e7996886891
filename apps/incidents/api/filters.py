"""Which incidents and components are asked for."""

from __future__ import annotations

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.api.filters import BooleanFilter, CalledFilter, InstantFilter, YesNoFilter
from apps.incidents import searching
from apps.incidents.models import LEVELS, SEVERITIES, Component, ComponentGroup, Impact, ImpactChange, Incident
from apps.incidents.models.incident import STATES
from apps.incidents.states import State
from apps.people.models import Agent, Customer
from apps.rfhs.models import RFH
from apps.tickets.models import Ticket


class IncidentFilter(django_filters.FilterSet):
    """Conditions narrow each other; status, severity, level and impact may be given several times, for either."""

    status = django_filters.MultipleChoiceFilter(choices=STATES)
    severity = django_filters.MultipleChoiceFilter(choices=SEVERITIES)
    level = django_filters.MultipleChoiceFilter(choices=LEVELS)
    impact = django_filters.MultipleChoiceFilter(choices=Impact.choices)
    source = django_filters.MultipleChoiceFilter(choices=Incident.Source.choices)
    component = CalledFilter(
        "slug",
        noun="component",
        queryset=Component.objects.all(),
        method="touched",
        help_text="The slug of a component it ever hit.",
    )
    ticket = CalledFilter(
        "number", noun="ticket", queryset=Ticket.objects.all(), field_name="tickets", help_text="A ticket's number."
    )
    rfh = CalledFilter(
        "pk",
        noun="request for help",
        queryset=RFH.objects.all(),
        field_name="rfhs",
        help_text="A request's number, such as 12.",
    )
    customer = CalledFilter(
        "slug",
        noun="customer",
        queryset=Customer.objects.all(),
        method="of_customer",
        help_text="The slug of the customer of a linked ticket or request.",
    )
    point = CalledFilter("email", noun="agent", queryset=Agent.objects.all(), help_text="Who works on it, by email.")
    contact = CalledFilter("email", noun="agent", queryset=Agent.objects.all(), help_text="Whom everybody asks.")
    lead = CalledFilter("email", noun="agent", queryset=Agent.objects.all(), help_text="Who leads.")
    open = YesNoFilter(method="is_open", help_text="Whether it is neither resolved nor invalid.")
    over = YesNoFilter(method="is_over", help_text="The opposite of open.")
    acknowledged = YesNoFilter(method="is_acknowledged", help_text="Whether somebody ever acknowledged it.")
    published = YesNoFilter(method="is_published", help_text="Whether the public may know of it.")
    awaiting = YesNoFilter(method="is_awaiting", help_text="Whether something waits for somebody who may publish.")
    reported_after = InstantFilter(field_name="reported_at", lookup_expr="gte", help_text="At or after this instant.")
    reported_before = InstantFilter(field_name="reported_at", lookup_expr="lt")
    closed_after = InstantFilter(field_name="closed_at", lookup_expr="gte", help_text="At or after this instant.")
    closed_before = InstantFilter(field_name="closed_at", lookup_expr="lt")
    q = django_filters.CharFilter(
        method="search",
        help_text="Its number, a linked ticket’s or request’s, or words of its title and description.",
    )

    class Meta:
        model = Incident
        fields: list[str] = []

    def touched(self, incidents: QuerySet[Incident], name: str, component: Component) -> QuerySet[Incident]:
        return incidents.filter(Exists(ImpactChange.objects.filter(incident=OuterRef("pk"), component=component)))

    def of_customer(self, incidents: QuerySet[Incident], name: str, customer: Customer) -> QuerySet[Incident]:
        tickets = Incident.tickets.through.objects.filter(incident=OuterRef("pk"), ticket__customer=customer)
        rfhs = Incident.rfhs.through.objects.filter(incident=OuterRef("pk"), rfh__customer=customer)
        return incidents.filter(Exists(tickets) | Exists(rfhs))

    def is_open(self, incidents: QuerySet[Incident], name: str, wanted: str) -> QuerySet[Incident]:
        return incidents.filter(closed_at__isnull=wanted == "true")

    def is_over(self, incidents: QuerySet[Incident], name: str, wanted: str) -> QuerySet[Incident]:
        return incidents.filter(closed_at__isnull=wanted != "true")

    def is_acknowledged(self, incidents: QuerySet[Incident], name: str, wanted: str) -> QuerySet[Incident]:
        return incidents.filter(acknowledged_at__isnull=wanted != "true")

    def is_published(self, incidents: QuerySet[Incident], name: str, wanted: str) -> QuerySet[Incident]:
        public = Q(published_at__isnull=False) & ~Q(status=State.INVALID)
        return incidents.filter(public if wanted == "true" else ~public)

    def is_awaiting(self, incidents: QuerySet[Incident], name: str, wanted: str) -> QuerySet[Incident]:
        return incidents.filter(awaiting_since__isnull=wanted != "true")

    def search(self, incidents: QuerySet[Incident], name: str, words: str) -> QuerySet[Incident]:
        return searching.search(incidents, words)


class ComponentFilter(django_filters.FilterSet):
    """Which components: in a group, public or hidden, in use or archived."""

    group = CalledFilter("name", noun="group", queryset=ComponentGroup.objects.all(), help_text="A group's name.")
    public = BooleanFilter(help_text="Whether the public page may show it.")
    archived = YesNoFilter(method="is_archived", help_text="Whether they are in use no more; left out: both.")

    class Meta:
        model = Component
        fields: list[str] = []

    def is_archived(self, components: QuerySet[Component], name: str, wanted: str) -> QuerySet[Component]:
        return components.filter(archived_at__isnull=wanted != "true")
