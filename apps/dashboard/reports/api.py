"""The report through the API."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.fields import Strict
from apps.api.routes import Route
from apps.dashboard.reports import figures
from apps.dashboard.reports.asked import PERIOD, refuse_unknown
from apps.dashboard.reports.months import BadPeriod, read


class HelpMonthSerializer(Strict):
    """A month's tickets, how many needed engineering's help, and their share (0 to 1; null without tickets)."""

    month = serializers.CharField(help_text="Such as 2026-03.")
    tickets = serializers.IntegerField()
    needed_help = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)


class HelpReportSerializer(Strict):
    """How often tickets needed engineering's help, month by month."""

    months = HelpMonthSerializer(many=True)


class EngineeringHelp(Route):
    """How often tickets needed engineering's help."""

    reads = ("read", "rfhs")
    parameters = ("from", "until")

    @extend_schema(
        responses=HelpReportSerializer,
        parameters=PERIOD,
    )
    def get(self, request: Request) -> Response:
        """Distinct tickets opened in each month with a filed request that is no defect, against all opened in it."""
        refuse_unknown(request, self.parameters)
        zone = ZoneInfo(settings.TIME_ZONE)
        said: Any = request.query_params
        try:
            period = read(
                said.get("from", ""), said.get("until", ""), today=self.now.astimezone(zone).date(), zone=zone
            )
        except BadPeriod as bad:
            raise ValidationError({bad.field: [str(bad)]}) from bad
        rows = [
            {
                "month": f"{month.first:%Y-%m}",
                "tickets": month.tickets,
                "needed_help": month.needed,
                "share": None if month.share is None else round(month.share, 4),
            }
            for month in figures.months(period)
        ]
        return Response({"months": rows})
