"""Policies through the API."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.fields import LARGEST_INTEGER, Duration, Strict
from apps.api.routes import ConfiguredSet
from apps.sla import services
from apps.sla.drafts import spec_of
from apps.sla.errors import PolicyRefused
from apps.sla.models import ANY_SEVERITY, LEVELS, PRIORITIES, TICKET_TYPES, Policy, Promise, Tier
from apps.sla.specs import PolicySpec, PromiseSpec, TierSpec

OF_AUDIENCE = re.compile(r"(\.tiers\.\d+)\.(kind|user_group|group|agents|channel|role|rotation)$")
LISTS = ("plans", "teams", "severities", "priorities", "levels", "channels", "excluded_types")


@extend_schema_field({"type": "string", "format": "duration", "example": "PT10M"})
class Delay(Duration):
    """A duration after which something is said; PT0S is at once."""

    def to_internal_value(self, data: Any) -> timedelta:
        return timedelta(0) if data in ("PT0S", "PT0M", "P0D") else super().to_internal_value(data)


class AudienceSerializer(Strict):
    """Whom a tier means; besides `kind` only what that kind asks for is looked at."""

    kind = serializers.ChoiceField(Tier.AudienceKind.choices)
    user_group = serializers.CharField(
        required=False, allow_blank=True, max_length=80, help_text="A Slack user group's id or @handle."
    )
    group = serializers.CharField(required=False, allow_blank=True, help_text="A named group's slug.")
    agents = serializers.ListField(child=serializers.EmailField(), required=False, max_length=100, help_text="Emails.")
    channel = serializers.CharField(required=False, allow_blank=True, help_text="A Slack channel's id.")
    role = serializers.CharField(
        required=False, allow_blank=True, max_length=50, help_text="Of whoever is on duty, such as primary."
    )
    rotation = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Its slug; empty: those of the team that is paged, or has the request; of an incident, the SET's.",
    )
    label = serializers.CharField(read_only=True, help_text="How people call it.")  # type: ignore[assignment]


class TierSerializer(Strict):
    """A rung of the ladder: so long after the start, these people hear."""

    after = Delay()
    audience = AudienceSerializer()
    message = serializers.CharField(
        required=False, allow_blank=True, max_length=2000, help_text="Empty: the usual words."
    )


class PromiseSerializer(Strict):
    """What will have happened within how long, and who hears on the way."""

    promise = serializers.ChoiceField(Promise.Kind.choices)
    within = Duration()
    repeat = serializers.IntegerField(
        min_value=0, max_value=5, required=False, help_text="How often a page climbs its tiers again."
    )
    tiers = TierSerializer(many=True, help_text="Soonest first.")


class PolicySerializer(Strict):
    """Which tickets get which promises. The first enabled policy that matches, in order, wins."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=100)
    applies_to = serializers.ChoiceField(Policy.AppliesTo.choices, required=False)
    position = serializers.IntegerField(
        min_value=1,
        max_value=LARGEST_INTEGER,
        required=False,
        help_text="Counted from 1, which is asked first. The policy goes there and the others make way; a number "
        "beyond the last means the end. A new policy without one goes before the fallback.",
    )
    enabled = serializers.BooleanField(required=False)
    plans = serializers.ListField(child=serializers.CharField(), required=False, help_text="Slugs; none: any plan.")
    without_plan = serializers.BooleanField(
        required=False, help_text="Governs tickets whose plan is not known; beside chosen plans, those as well."
    )
    teams = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Slugs, of whose pages or requests it is; none: every team's.",
    )
    severities = serializers.ListField(
        child=serializers.ChoiceField(ANY_SEVERITY),
        required=False,
        help_text="Of incidents sev-1 to sev-5, of tickets and pages the others. None: any.",
    )
    levels = serializers.ListField(
        child=serializers.ChoiceField(LEVELS), required=False, help_text="Of incidents; none: any."
    )
    priorities = serializers.ListField(
        child=serializers.ChoiceField(PRIORITIES), required=False, help_text="Of requests for help; none: any."
    )
    channels = serializers.ListField(
        child=serializers.CharField(max_length=20),
        required=False,
        help_text="Slack ids; none: any channel, or none.",
    )
    excluded_types = serializers.ListField(
        child=serializers.ChoiceField(TICKET_TYPES),
        required=False,
        help_text="A ticket of such a type gets no promise. Unless told: feedback.",
    )
    promises = PromiseSerializer(many=True)

    def to_representation(self, instance: Policy) -> dict[str, Any]:
        tiers = list(instance.tiers.all())
        shown: dict[str, Any] = super().to_representation(_Shown(instance, tiers))
        return shown


class _Shown:
    """A policy in the shape it is shown in; everything comes from what is prefetched."""

    def __init__(self, policy: Policy, tiers: Sequence[Tier]) -> None:
        for name in ("id", "name", "applies_to", "position", "enabled", "without_plan"):
            setattr(self, name, getattr(policy, name))
        self.severities, self.priorities, self.levels = policy.severities, policy.priorities, policy.levels
        self.excluded_types = policy.excluded_types
        self.plans = [plan.slug for plan in policy.plans.all()]
        self.channels = [channel.slack_id for channel in policy.channels.all()]
        self.teams = [team.slug for team in policy.teams.all()]
        self.promises = [
            {
                "promise": promise.kind,
                "within": promise.within,
                "repeat": promise.repeat,
                "tiers": [
                    {"after": tier.after, "audience": tier.audience.as_json(), "message": tier.message}
                    for tier in tiers
                    if tier.promise == promise.kind
                ],
            }
            for promise in policy.promises.all()
        ]


@transaction.atomic
def save(policy: Policy | None, *, now: datetime, **given: Any) -> Policy:
    """The policy says what was sent, and what was not sent stays. Raises PolicyRefused."""
    if policy is not None:
        services.hold_order()
        # What was not sent stays as it is now, not as it was before somebody else changed it.
        policy = Policy.objects.select_for_update().get(pk=policy.pk)
    before = spec_of(policy) if policy else PolicySpec(name="")
    changes: dict[str, Any] = {name: tuple(value) if name in LISTS else value for name, value in given.items()}
    if "promises" in given:
        changes["promises"] = tuple(_promise(promise) for promise in given["promises"])
    return services.save_policy(policy, replace(before, **changes), now=now)


def _promise(given: Mapping[str, Any]) -> PromiseSpec:
    return PromiseSpec(
        kind=given["promise"],
        within=given["within"],
        tiers=tuple(_tier(tier) for tier in given["tiers"]),
        repeat=given.get("repeat", 0),
    )


def _tier(given: Mapping[str, Any]) -> TierSpec:
    audience = given["audience"]
    return TierSpec(
        after=given["after"],
        kind=audience["kind"],
        user_group=audience.get("user_group", ""),
        group=audience.get("group", ""),
        agents=tuple(audience.get("agents", ())),
        channel=audience.get("channel", ""),
        role=audience.get("role", ""),
        rotation=audience.get("rotation", ""),
        message=given.get("message", ""),
    )


class PolicySet(ConfiguredSet):
    """Policies, in the order in which they are asked. Saving one recalculates what is running."""

    queryset = Policy.objects.prefetch_related(
        "plans",
        "channels",
        "teams",
        "promises",
        Prefetch("tiers", Tier.objects.select_related("group", "channel", "rotation").prefetch_related("agents")),
    )
    serializer_class = PolicySerializer
    filterset_fields = ["name", "enabled", "applies_to"]
    refusals = {PolicyRefused: 400}
    lookup_value_regex = "[0-9]{1,18}"
    pages_by = ("position", "id")
    save = save

    def sent_as(self, path: str) -> str:
        path = re.sub(r"^(promises\.\d+)\.kind$", r"\1.promise", path)
        return OF_AUDIENCE.sub(r"\1.audience.\2", path)
