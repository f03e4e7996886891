"""The public JSON: no key, for every origin, as stored when something changed."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.api.schema import PUBLIC
from apps.statuspage.serving import serve
from apps.statuspage.v2 import serializers as shapes


class Public(APIView):
    """A document for everybody. It is not counted against anybody's rate: it costs no statement."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = []
    metadata_class = None
    http_method_names = ["get", "head"]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """The stored bytes and nothing else: what looks for a key, a rate and a renderer costs more than they do."""

        def read(request: HttpRequest) -> HttpResponseBase:
            return serve(request, request.path_info)

        return update_wrapper(read, super().as_view(**initkwargs))


def public(name: str, body: Any, words: str) -> type[Public]:
    """The view of one address, described."""

    @extend_schema(operation_id=f"public_{name}", responses=body, description=words, auth=[], tags=[PUBLIC])
    def get(self: Public, request: Request) -> HttpResponseBase:
        return serve(request._request, request.path)

    return type(name, (Public,), {"get": get, "__doc__": words})


VIEWS: dict[str, type[Public]] = {
    "api/v2/summary.json": public("summary", shapes.SummaryBody, "All that is so now."),
    "api/v2/status.json": public("status", shapes.StatusBody, "How everything is."),
    "api/v2/components.json": public("components", shapes.ComponentsBody, "The components and their groups."),
    "api/v2/incidents.json": public("incidents", shapes.IncidentsBody, "The 50 newest incidents."),
    "api/v2/incidents/unresolved.json": public("unresolved", shapes.IncidentsBody, "The incidents that are open."),
    "api/v2/scheduled-maintenances.json": public("maintenances", shapes.MaintenancesBody, "The 50 latest."),
    "api/v2/scheduled-maintenances/upcoming.json": public("upcoming", shapes.MaintenancesBody, "What is planned."),
    "api/v2/scheduled-maintenances/active.json": public("active", shapes.MaintenancesBody, "What is running."),
    "ping": public("ping", OpenApiTypes.STR, "Crashbot’s answer that it is there: the path."),
    "list": public("list", shapes.CrashbotBody, "Crashbot’s list of incidents, with what is public of each."),
}
