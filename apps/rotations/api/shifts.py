"""Shifts through the API."""

from __future__ import annotations

from typing import Any

import django_filters
from rest_framework import serializers
from rest_framework.mixins import DestroyModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.fields import Called, Instant, Strict
from apps.api.filters import InstantFilter
from apps.api.routes import ConfiguredSet
from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.errors import BadShift, ShiftStays
from apps.rotations.models import Shift


class ShiftSerializer(Strict, serializers.ModelSerializer[Shift]):
    """One agent's interval on support, or embedded in a product."""

    agent = Called("email", noun="agent", queryset=Agent.objects.all())
    start = Instant(source="starts_at")
    end = Instant(source="ends_at")

    class Meta:
        model = Shift
        fields = ["id", "agent", "kind", "product", "start", "end"]


class ShiftFilter(django_filters.FilterSet):
    """Whose, of which kind, and when: `at` finds those who are on shift at an instant."""

    agent = django_filters.CharFilter(field_name="agent__email", lookup_expr="iexact")
    at = InstantFilter(method="hold")
    ends_after = InstantFilter(field_name="ends_at", lookup_expr="gt")
    starts_before = InstantFilter(field_name="starts_at", lookup_expr="lt")

    class Meta:
        model = Shift
        fields = ["kind"]

    def hold(self, shifts: Any, name: str, at: Any) -> Any:
        return shifts.at(at)


class ShiftSet(DestroyModelMixin, ConfiguredSet):
    """Shifts. One that has not begun may be cancelled by DELETE; the trail keeps it."""

    queryset = Shift.objects.select_related("agent")
    serializer_class = ShiftSerializer
    filterset_class = ShiftFilter
    reads = ("read", "config", "rotations")
    writes = ("config", "rotations")
    refusals = {BadShift: 400, ShiftStays: 409}
    lookup_value_regex = "[0-9]{1,18}"
    save = services.save_shift

    def sent_as(self, path: str) -> str:
        return {"starts_at": "start", "ends_at": "end"}.get(path, path)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        services.cancel_shift(self.get_object(), now=self.now)
        return Response(status=204)
