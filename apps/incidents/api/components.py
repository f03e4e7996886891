"""The routes of components and their groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Model
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.fields import LARGEST_INTEGER, Called, Instant, Strict
from apps.api.routes import ConfiguredSet
from apps.incidents import services
from apps.incidents.affecting import conditions
from apps.incidents.api.filters import ComponentFilter
from apps.incidents.errors import BadIncident, IncidentError
from apps.incidents.models import Component, ComponentGroup


class ComponentSerializer(Strict):
    """A part of what we run. `status` is how it is as far as we know; the public reads what was published."""

    slug = serializers.SlugField(max_length=60, help_text="What integrations call it.")
    name = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=300, required=False, allow_blank=True)
    group = Called(
        "name",
        noun="group",
        queryset=ComponentGroup.objects.all(),
        required=False,
        allow_null=True,
        help_text="The group's name; null: none.",
    )
    position = serializers.IntegerField(
        required=False, min_value=0, max_value=LARGEST_INTEGER, help_text="Low numbers come first; left out: the last."
    )
    public = serializers.BooleanField(required=False, help_text="false: nobody outside learns that it exists.")
    showcase = serializers.BooleanField(required=False, help_text="Whether the page shows its uptime.")
    only_show_if_degraded = serializers.BooleanField(required=False)
    start_date = serializers.DateField(
        required=False, allow_null=True, help_text="Counted since; days before are not known."
    )
    archived = serializers.BooleanField(required=False, help_text="Whether it is in use no more; not while affected.")
    status = serializers.SerializerMethodField()
    public_id = serializers.CharField(read_only=True, help_text="What the public JSON calls it.")
    created_at = Instant(read_only=True)
    updated_at = Instant(read_only=True)

    @extend_schema_field(serializers.ChoiceField(Component.Status.choices))
    def get_status(self, component: Component) -> str:
        now_so: Mapping[int, str] = self.context["conditions"]
        return now_so.get(component.pk, str(Component.Status.OPERATIONAL))


class ComponentGroupSerializer(Strict):
    """Components that the status page shows together."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=100)
    position = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_INTEGER)
    components = serializers.SerializerMethodField(help_text="The slugs of those in use, in their order.")
    public_id = serializers.CharField(read_only=True, help_text="What the public JSON calls it.")
    created_at = Instant(read_only=True)
    updated_at = Instant(read_only=True)

    def get_components(self, group: ComponentGroup) -> list[str]:
        return [each.slug for each in group.components.all() if each.archived_at is None]


class _Set(ConfiguredSet):
    reads = ("read", "incidents")
    writes = ("incidents",)
    refusals = {BadIncident: 400, IncidentError: 400}


class ComponentSet(_Set):
    """What can break, as the public knows it."""

    queryset = Component.objects.select_related("group")
    serializer_class = ComponentSerializer
    filterset_class = ComponentFilter
    lookup_field = "slug"
    http_method_names = ["get", "post", "patch", "head", "options"]
    pages_by = ("position", "id")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "conditions": conditions()}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Components by position, archived ones too unless `archived` is false."""
        return super().list(request, *args, **kwargs)

    @staticmethod
    def save(component: Component | None, *, now: Any, archived: bool | None = None, **fields: Any) -> Model:
        """All of it or nothing."""
        with transaction.atomic():
            saved = services.save_component(component, now=now, **fields)
            if archived is True:
                services.archive(saved, now=now)
            elif archived is False:
                services.restore(saved, now=now)
        return saved


class ComponentGroupSet(_Set):
    """Groups of components."""

    queryset = ComponentGroup.objects.prefetch_related("components")
    serializer_class = ComponentGroupSerializer
    lookup_value_regex = "[0-9]{1,18}"
    http_method_names = ["get", "post", "patch", "head", "options"]
    pages_by = ("position", "id")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Groups by position."""
        return super().list(request, *args, **kwargs)

    @staticmethod
    def save(group: ComponentGroup | None, *, now: Any, **fields: Any) -> Model:
        """Make or change it."""
        return services.save_group(group, now=now, **fields)
