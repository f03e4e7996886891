"""The figures of incidents through the API."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.fields import Strict
from apps.api.routes import Route
from apps.dashboard.reports.asked import PERIOD, refuse_unknown
from apps.dashboard.reports.incidents import figures
from apps.dashboard.reports.incidents.asking import BadQuestion, understand
from apps.dashboard.reports.incidents.figures import Row, Time
from apps.dashboard.reports.writing import seconds
from apps.incidents.models import SEVERITIES


class TimeSerializer(Strict):
    """How long something took, in seconds from when the incident was reported; null of no incident."""

    incidents = serializers.IntegerField(help_text="Of so many incidents: the others are not so far.")
    mean_seconds = serializers.IntegerField(allow_null=True)
    p50_seconds = serializers.IntegerField(allow_null=True, help_text="Half of them took at most this.")
    p90_seconds = serializers.IntegerField(allow_null=True, help_text="Nine tenths of them took at most this.")


class IncidentFiguresSerializer(Strict):
    """How many incidents, and how fast they were acknowledged, resolved, and told to the public."""

    count = serializers.IntegerField()
    open = serializers.IntegerField(help_text="Still open.")
    mtta = TimeSerializer(help_text="Until somebody acknowledged it first.")
    mttr = TimeSerializer(help_text="Until it was over.")
    first_public_update = TimeSerializer(help_text="Until the public first read of it.")


class MonthFiguresSerializer(IncidentFiguresSerializer):
    """A month's."""

    month = serializers.CharField(help_text="Such as 2026-03.")


class SeverityFiguresSerializer(IncidentFiguresSerializer):
    """A severity's."""

    severity = serializers.ChoiceField(SEVERITIES)


class ComponentFiguresSerializer(IncidentFiguresSerializer):
    """A component's: an incident stands at every component it hit."""

    component = serializers.CharField(allow_null=True, help_text="The component's slug; null: none was named.")
    name = serializers.CharField()


class IncidentReportSerializer(IncidentFiguresSerializer):
    """The incidents reported in a period; what was found to be none is not among them."""

    until = serializers.DateField(help_text="The last day, within.")
    months = MonthFiguresSerializer(many=True)
    severities = SeverityFiguresSerializer(many=True)
    components = ComponentFiguresSerializer(many=True)

    def get_fields(self) -> dict[str, Any]:
        # A word of Python's, and the first thing to be read.
        return {"from": serializers.DateField(help_text="The first day."), **super().get_fields()}


class IncidentFigures(Route):
    """How many incidents there were, and how fast they were dealt with."""

    reads = ("read", "incidents")
    parameters = ("from", "until", "severity", "component")

    @extend_schema(
        responses=IncidentReportSerializer,
        parameters=[
            *PERIOD,
            OpenApiParameter("severity", OpenApiTypes.STR, description="Only incidents of it, such as sev-1."),
            OpenApiParameter("component", OpenApiTypes.STR, description="Only incidents that hit it, by its slug."),
        ],
    )
    def get(self, request: Request) -> Response:
        """MTTA, MTTR and the time to the first public update: of all, by month, by severity, by component."""
        refuse_unknown(request, self.parameters)
        zone = ZoneInfo(settings.TIME_ZONE)
        said: Any = request.query_params
        try:
            asked = understand(said, today=self.now.astimezone(zone).date(), zone=zone)
        except BadQuestion as bad:
            raise ValidationError({bad.field: [str(bad)]}) from bad
        found = figures.report(asked)
        return Response(
            {
                "from": str(asked.period.first),
                "until": str(asked.period.last),
                **_shown(found.total),
                "months": [{"month": row.key, **_shown(row)} for _, row in found.months],
                "severities": [{"severity": row.key, **_shown(row)} for row in found.severities],
                "components": [
                    {"component": row.key or None, "name": row.name, **_shown(row)} for row in found.components
                ],
            }
        )


def _shown(row: Row) -> dict[str, Any]:
    return {
        "count": row.incidents,
        "open": row.open,
        "mtta": _time(row.acknowledge),
        "mttr": _time(row.resolve),
        "first_public_update": _time(row.tell),
    }


def _time(time: Time) -> dict[str, int | None]:
    return {
        "incidents": time.incidents,
        "mean_seconds": seconds(time.mean),
        "p50_seconds": seconds(time.p50),
        "p90_seconds": seconds(time.p90),
    }
