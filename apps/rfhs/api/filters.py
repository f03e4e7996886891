"""Which requests for help are asked for."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet

from apps.api.filters import BooleanFilter, CalledFilter, InstantFilter, YesNoFilter
from apps.people.models import Agent, Customer, Team
from apps.rfhs import searching
from apps.rfhs.models import RFH, Area
from apps.rfhs.models.rfh import STATES
from apps.tickets.models import Ticket


class RFHFilter(django_filters.FilterSet):
    """Conditions narrow each other; state, kind and priority may be given several times, for either."""

    state = django_filters.MultipleChoiceFilter(choices=STATES)
    kind = django_filters.MultipleChoiceFilter(choices=RFH.Kind.choices)
    priority = django_filters.MultipleChoiceFilter(choices=RFH.Priority.choices)
    team = CalledFilter("slug", noun="team", queryset=Team.objects.all(), help_text="The slug of the team that has it.")
    area = CalledFilter("slug", noun="area", queryset=Area.objects.all(), help_text="An area's slug.")
    customer = CalledFilter("slug", noun="customer", queryset=Customer.objects.all(), help_text="A customer's slug.")
    ticket = CalledFilter("number", noun="ticket", queryset=Ticket.objects.all(), help_text="A ticket's number.")
    accountable = CalledFilter(
        "email", noun="agent", queryset=Agent.objects.all(), help_text="Who answers to the customer, by email."
    )
    owner = CalledFilter("email", noun="agent", queryset=Agent.objects.all(), help_text="Who works on it, by email.")
    open = YesNoFilter(method="is_open", help_text="Whether it is neither resolved nor withdrawn.")
    over = YesNoFilter(method="is_over", help_text="The opposite of open.")
    set_item = BooleanFilter(help_text="Whether it is an item of the Sustained Engineering Team.")
    opened_after = InstantFilter(field_name="opened_at", lookup_expr="gte", help_text="At or after this instant.")
    opened_before = InstantFilter(field_name="opened_at", lookup_expr="lt")
    q = django_filters.CharFilter(
        method="search", help_text="Its number, its ticket's, its customer, or words of what was asked and answered."
    )

    class Meta:
        model = RFH
        fields: list[str] = []

    def is_open(self, requests: QuerySet[RFH], name: str, wanted: str) -> QuerySet[RFH]:
        return requests.filter(ended_at__isnull=wanted == "true")

    def is_over(self, requests: QuerySet[RFH], name: str, wanted: str) -> QuerySet[RFH]:
        return requests.filter(ended_at__isnull=wanted != "true")

    def search(self, requests: QuerySet[RFH], name: str, words: str) -> QuerySet[RFH]:
        return searching.search(requests, words)
