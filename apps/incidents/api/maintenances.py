"""Planned work through the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.fields import Duration, Instant, Strict
from apps.api.filters import CalledFilter, InstantFilter
from apps.api.problems import CONTENT_TYPE
from apps.api.routes import RouteSet
from apps.incidents.errors import BadIncident, ChangedMeanwhile, IllegalStep, IncidentError, NotYours
from apps.incidents.models import Component, Maintenance, MaintenanceUpdate
from apps.incidents.services import maintenance as services
from apps.incidents.services.texts import LONGEST_LINE, LONGEST_TEXT, LONGEST_TITLE
from apps.people.acting import Acting
from apps.trail.context import current

ILLEGAL = OpenApiResponse(
    {"$ref": "#/components/schemas/Problem"}, "Not from this state: `legal_from` has the states it would be legal from."
)
LARGEST_VERSION = 2_147_483_647


class MaintenanceUpdateSerializer(Strict):
    """One word on how planned work stands."""

    position = serializers.IntegerField(help_text="From 1.")
    status = serializers.ChoiceField(Maintenance.Status.choices)
    public_text = serializers.CharField()
    internal_note = serializers.CharField()
    by = serializers.CharField()
    at = Instant()


class MaintenanceSerializer(Strict):
    """Planned work, with what was said of it."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    status = serializers.ChoiceField(Maintenance.Status.choices)
    public = serializers.BooleanField(help_text="Whether it is on the public page.")
    public_text = serializers.CharField(help_text="Markdown; everybody reads it.")
    internal_note = serializers.CharField(help_text="Never public.")
    components = serializers.SerializerMethodField(help_text="Slugs.")
    starts_at = Instant()
    ends_at = Instant()
    remind_before = Duration()
    started_at = Instant(allow_null=True)
    ended_at = Instant(allow_null=True)
    created_at = Instant()
    created_by = serializers.CharField()
    updated_at = Instant()
    version = serializers.IntegerField(help_text="One more with every write; send it to change what you read.")
    updates = MaintenanceUpdateSerializer(many=True)

    def get_components(self, row: Maintenance) -> list[str]:
        return [each.slug for each in row.components.all()]


class MaintenanceFields(Strict):
    """What can be said of planned work."""

    title = serializers.CharField(max_length=LONGEST_TITLE)
    starts_at = Instant()
    ends_at = Instant()
    components = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=200, help_text="Slugs."
    )
    public_text = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT)
    internal_note = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT)
    public = serializers.BooleanField(required=False)
    remind_before = Duration(required=False)


class MaintenanceChange(MaintenanceFields):
    """What is to be another; what is left out stays."""

    version = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_VERSION, help_text="As read; 409 when it was written since."
    )


class NewMaintenanceUpdate(Strict):
    """A word on it: in_progress begins it, completed ends it, verifying is between the two."""

    status = serializers.ChoiceField(services.STEPS, required=False)
    public_text = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT)
    internal_note = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT)


class MaintenanceReason(Strict):
    """Why it does not take place, for us alone."""

    because = serializers.CharField(max_length=LONGEST_LINE)


class MaintenanceFilter(django_filters.FilterSet):
    """How it stands, of what, and when."""

    component = CalledFilter("slug", noun="component", queryset=Component.objects.all(), field_name="components")
    ends_after = InstantFilter("ends_at", "gt")
    starts_before = InstantFilter("starts_at", "lt")

    class Meta:
        model = Maintenance
        fields = ["status"]


class MaintenanceSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, RouteSet):
    """Planned work: say what is ahead, how it stands, and that it does not take place. It begins and ends by itself."""

    queryset = Maintenance.objects.prefetch_related("components", "updates")
    serializer_class = MaintenanceSerializer
    filterset_class = MaintenanceFilter
    reads = ("read", "incidents")
    writes = ("incidents",)
    refusals = {NotYours: 403, BadIncident: 400, IllegalStep: 409, ChangedMeanwhile: 409, IncidentError: 400}
    lookup_value_regex = "[0-9]{1,18}"
    pages_by = ("-id",)

    def members(self, exc: Exception) -> Mapping[str, Any]:
        return {"legal_from": exc.legal_from} if isinstance(exc, IllegalStep) else {}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Maintenance, the newest plan first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=MaintenanceFields, responses={201: MaintenanceSerializer})
    def create(self, request: Request) -> Response:
        """Plan maintenance. Repeated with the same Idempotency-Key it is planned once."""
        said = self._said(MaintenanceFields, request)
        key = f"api:request:{self.claimed.pk}" if self.claimed else ""
        return self._shown(services.plan(**said, key=key, by=self._by(), now=self.now), 201)

    @extend_schema(request=MaintenanceChange, responses={200: MaintenanceSerializer, (409, CONTENT_TYPE): ILLEGAL})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a plan. Once it began its beginning is a fact."""
        row = self.get_object()
        said = self._said(MaintenanceChange, request, partial=True)
        version = said.pop("version", None)
        services.change(row, said, by=self._by(), now=self.now, version=version)
        return self._shown(row)

    @extend_schema(
        methods=["POST"],
        request=NewMaintenanceUpdate,
        responses={201: MaintenanceUpdateSerializer, (409, CONTENT_TYPE): ILLEGAL},
    )
    @extend_schema(methods=["GET"], responses=MaintenanceUpdateSerializer(many=True))
    @action(detail=True, methods=["get", "post"], filterset_class=None, pagination_class=None)
    def updates(self, request: Request, pk: str) -> Response:
        """What was said of it, the oldest first; or say how it stands."""
        row = self.get_object()
        if request.method == "GET":
            return Response(MaintenanceUpdateSerializer(row.updates.all(), many=True).data)
        said = self._said(NewMaintenanceUpdate, request)
        update: MaintenanceUpdate = services.post_update(row, **said, by=self._by(), now=self.now)
        return Response(MaintenanceUpdateSerializer(update).data, status=201)

    @extend_schema(request=MaintenanceReason, responses={200: MaintenanceSerializer, (409, CONTENT_TYPE): ILLEGAL})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def cancel(self, request: Request, pk: str) -> Response:
        """It does not take place, or is broken off; the public page forgets it."""
        row = self.get_object()
        services.cancel(row, **self._said(MaintenanceReason, request), by=self._by(), now=self.now)
        return self._shown(row)

    def _said(self, shape: type[Strict], request: Request, *, partial: bool = False) -> dict[str, Any]:
        given = shape(data=request.data, partial=partial)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _by(self) -> Acting:
        return Acting(None, current().actor.label)

    def _shown(self, row: Maintenance, status: int = 200) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data, status=status)
