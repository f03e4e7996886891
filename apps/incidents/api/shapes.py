"""What an incident looks like in JSON. For those with a key: all of it, what is for us alone too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Min, Q
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.fields import Duration, Instant, Strict
from apps.escalations.models import Check, Clock
from apps.incidents.affecting import spans
from apps.incidents.models import Component, ImpactChange, Incident, Pin, Severity, Update


class ComponentNow(Strict):
    """A component the incident hit, and how it leaves it now."""

    slug = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(Component.Status.choices)


class ComponentInterval(Strict):
    """How long the incident left a component in a state."""

    slug = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(Component.Status.choices)
    since = Instant()
    until = Instant(allow_null=True, help_text="null: still.")
    public = serializers.BooleanField(help_text="Whether it counts on the public page.")


class ChangedComponent(Strict):
    """A component that an update changed."""

    slug = serializers.CharField(help_text="Empty when there is no such component any more.")
    name = serializers.CharField()
    old = serializers.ChoiceField(Component.Status.choices)
    new = serializers.ChoiceField(Component.Status.choices)


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """An incident. The public reads `public_title`, `public_status` and `public_impact`, if `published`, and texts."""

    number = serializers.CharField(help_text="What people call it, such as INC-7. Addresses take it, or its id.")
    published = serializers.BooleanField(source="is_public", help_text="Whether the public may know of it.")
    point = serializers.EmailField(source="point.email", allow_null=True, default=None, help_text="Who works on it.")
    contact = serializers.EmailField(
        source="contact.email", allow_null=True, default=None, help_text="Whom everybody asks, and who owes updates."
    )
    lead = serializers.EmailField(source="lead.email", allow_null=True, default=None, help_text="Who leads.")
    components = serializers.SerializerMethodField()
    tickets = serializers.SlugRelatedField[Any]("number", many=True, read_only=True)
    rfhs = serializers.PrimaryKeyRelatedField[Any](many=True, read_only=True)
    reported_at = Instant(help_text="When it began; the times to acknowledge and to resolve count from here.")
    declared_at = Instant()
    acknowledged_at = Instant(allow_null=True)
    closed_at = Instant(allow_null=True)
    updated_at = Instant(help_text="The last word on how it stands.")
    modified_at = Instant(help_text="The last time anything of it was written.")
    published_at = Instant(allow_null=True, help_text="When the public first heard.")
    awaiting_since = Instant(allow_null=True, help_text="Since when something waits for somebody who may publish.")
    version = serializers.IntegerField(help_text="One more with every write: sent back, it guards what you read.")

    class Meta:
        model = Incident
        fields = [
            "number",
            "id",
            "title",
            "status",
            "severity",
            "level",
            "impact",
            "description",
            "components",
            "point",
            "contact",
            "lead",
            "tickets",
            "rfhs",
            "source",
            "declared_by",
            "acknowledged_by",
            "reported_at",
            "declared_at",
            "acknowledged_at",
            "closed_at",
            "updated_at",
            "modified_at",
            "modified_by",
            "rca_url",
            "rca_public",
            "published",
            "published_at",
            "awaiting_since",
            "public_title",
            "public_status",
            "public_impact",
            "public_id",
            "slack_channel",
            "version",
        ]
        read_only_fields = fields

    @extend_schema_field(ComponentNow(many=True))
    def get_components(self, incident: Incident) -> list[dict[str, Any]]:
        last = {change.component: change.status for change in incident.impacts.all()}
        return [{"slug": each.slug, "name": each.name, "status": status} for each, status in last.items()]


class OwedSerializer(serializers.ModelSerializer[Clock]):
    """Something that is owed of the incident: how soon, by which policy, and when somebody is reminded next."""

    policy = serializers.CharField(source="policy_name")
    within = Duration(help_text="How soon, and of an update how often.")
    started_at = Instant()
    due_at = Instant()
    stopped_at = Instant(allow_null=True)
    next_at = Instant(
        source="first_check", allow_null=True, help_text="When the next tier hears; null: nobody is told any more."
    )

    class Meta:
        model = Clock
        fields = ["promise", "policy", "within", "state", "started_at", "due_at", "stopped_at", "next_at"]
        read_only_fields = fields


class IncidentDetailSerializer(IncidentSerializer):
    """An incident, with how long its components were in which state, and what is owed of it."""

    intervals = serializers.SerializerMethodField()
    promises = OwedSerializer(source="clocks", many=True, help_text="What is owed of it, and what was.")

    class Meta(IncidentSerializer.Meta):
        fields = [*IncidentSerializer.Meta.fields, "intervals", "promises"]
        read_only_fields = fields

    @extend_schema_field(ComponentInterval(many=True))
    def get_intervals(self, incident: Incident) -> list[dict[str, Any]]:
        shown = [
            {
                "slug": component.slug,
                "name": component.name,
                "status": span.status,
                "since": span.since,
                "until": span.until,
                "public": span.public,
            }
            for component, found in spans(incident).items()
            for span in reversed(found)
        ]
        return list(ComponentInterval(shown, many=True).data)


class UpdateSerializer(serializers.ModelSerializer[Update]):
    """One word on how an incident stands. `position` counts from 1."""

    components = serializers.SerializerMethodField()
    at = Instant()
    published_at = Instant(allow_null=True, help_text="Since when the public reads it; null: it does not.")

    class Meta:
        model = Update
        fields = [
            "position",
            "status",
            "public_text",
            "internal_note",
            "components",
            "by",
            "at",
            "published_at",
            "awaiting",
        ]
        read_only_fields = fields
        extra_kwargs = {"awaiting": {"help_text": "Whether it waits for somebody who may publish."}}

    @extend_schema_field(ChangedComponent(many=True))
    def get_components(self, update: Update) -> list[dict[str, Any]]:
        slugs: dict[str, str] = self.context["slugs"]
        return [
            {"slug": slugs.get(each["component"], ""), **{name: each[name] for name in ("name", "old", "new")}}
            for each in update.components
        ]


def slugs_of(updates: Iterable[Update]) -> dict[str, str]:
    """What the components that these updates changed are called, by their public names."""
    wanted = {each["component"] for update in updates for each in update.components}
    return dict(Component.objects.filter(public_id__in=wanted).values_list("public_id", "slug")) if wanted else {}


class SeverityRowSerializer(Strict, serializers.ModelSerializer[Severity]):
    """What one of sev-1 to sev-5 means: a row of the table that managers edit."""

    class Meta:
        model = Severity
        fields = ["severity", "level", "impact", "meaning", "banner", "component_status"]
        read_only_fields = ["severity"]


class PinSerializer(serializers.ModelSerializer[Pin]):
    """A message that somebody pinned where the incident is spoken of."""

    said_at = Instant()
    removed_at = Instant(allow_null=True, help_text="When it was unpinned.")

    class Meta:
        model = Pin
        fields = ["channel", "ts", "author", "text", "url", "said_at", "pinned_by", "removed_at"]
        read_only_fields = fields


CLOCKS = Clock.objects.annotate(
    first_check=Min("checks__due_at", filter=Q(checks__state=Check.State.WAITING))
).order_by("started_at", "promise", "pk")
IMPACTS = ImpactChange.objects.select_related("component").order_by("component", "since", "pk")
