"""Plans, customers, agents, teams and named groups through the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.fields import LARGEST_INTEGER, Called, Strict
from apps.api.routes import ConfiguredSet
from apps.people import services
from apps.people.errors import PeopleRefused, SuperusersAlone
from apps.people.models import Agent, Contact, Customer, NamedGroup, Plan, Team

BY_EMAIL = "[^/]+"


class PlanSerializer(Strict, serializers.ModelSerializer[Plan]):
    """What a customer pays for."""

    position = serializers.IntegerField(
        min_value=0, max_value=LARGEST_INTEGER, required=False, help_text="Highest plan first."
    )

    class Meta:
        model = Plan
        fields = ["slug", "name", "position"]


class AgentSerializer(Strict, serializers.ModelSerializer[Agent]):
    """Somebody who works here. There are no passwords in the API."""

    slack_id = serializers.CharField(
        max_length=20, required=False, allow_null=True, allow_blank=True, help_text="Such as U024BE7LH."
    )

    class Meta:
        model = Agent
        fields = [
            "email",
            "first_name",
            "last_name",
            "nickname",
            "slack_id",
            "time_zone",
            "is_active",
        ]


def _members() -> Any:
    return Called("email", noun="agent", queryset=Agent.objects.all(), many=True, required=False)


class TeamSerializer(Strict, serializers.ModelSerializer[Team]):
    """People who work together."""

    channel = serializers.CharField(
        source="channel.slack_id",
        max_length=20,
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text="A Slack channel's id.",
    )
    members = _members()

    class Meta:
        model = Team
        fields = ["slug", "name", "kind", "channel", "user_group", "members"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "channel" in attrs:
            attrs["channel"] = attrs["channel"]["slack_id"]
        return attrs


class NamedGroupSerializer(Strict, serializers.ModelSerializer[NamedGroup]):
    """People with one name for a purpose."""

    members = _members()

    class Meta:
        model = NamedGroup
        fields = ["slug", "name", "members"]


class ContactSerializer(Strict, serializers.ModelSerializer[Contact]):
    """A person at a customer."""

    class Meta:
        model = Contact
        fields = ["name", "email", "role"]


class CustomerSerializer(Strict, serializers.ModelSerializer[Customer]):
    """Whom tickets come from. Contacts, when given, are all of them."""

    plan = Called("slug", noun="plan", queryset=Plan.objects.all(), allow_null=True, required=False)
    account_manager = Called("email", noun="agent", queryset=Agent.objects.all(), allow_null=True, required=False)
    contacts = ContactSerializer(many=True, required=False)

    class Meta:
        model = Customer
        fields = [
            "slug",
            "name",
            "plan",
            "stage",
            "account_manager",
            "email_domains",
            "contacts",
            "account_url",
            "deployment_url",
            "notes",
        ]


class PeopleSet(ConfiguredSet):
    refusals = {PeopleRefused: 400, SuperusersAlone: 403}


class PlanSet(PeopleSet):
    """Plans, the highest first."""

    queryset = Plan.objects.all()
    serializer_class = PlanSerializer
    lookup_field = "slug"
    pages_by = ("position", "id")
    save = services.save_plan


class AgentSet(PeopleSet):
    """Agents. Who left is switched off, not deleted; a superuser is changed in the portal alone."""

    queryset = Agent.objects.all()
    serializer_class = AgentSerializer
    lookup_field = "email__iexact"
    lookup_url_kwarg = "email"
    lookup_value_regex = BY_EMAIL
    filterset_fields = ["is_active", "slack_id"]
    save = services.save_agent


class TeamSet(PeopleSet):
    """Teams of support and engineering."""

    queryset = Team.objects.select_related("channel").prefetch_related("members")
    serializer_class = TeamSerializer
    lookup_field = "slug"
    filterset_fields = ["kind"]
    save = services.save_team


class NamedGroupSet(PeopleSet):
    """Named groups."""

    queryset = NamedGroup.objects.prefetch_related("members")
    serializer_class = NamedGroupSerializer
    lookup_field = "slug"
    save = services.save_named_group


class CustomerSet(PeopleSet):
    """Customers."""

    queryset = Customer.objects.select_related("plan", "account_manager").prefetch_related("contacts")
    serializer_class = CustomerSerializer
    lookup_field = "slug"
    filterset_fields = ["stage"]
    save = services.save_customer
