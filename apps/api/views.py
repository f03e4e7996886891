"""The API's own addresses: the list of routes, and whatever is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.permissions import EVERY_SCOPE
from apps.api.routes import Route


class Root(Route):
    """The list of routes, for any key."""

    reads = EVERY_SCOPE
    routes: Mapping[str, str] = {}

    @extend_schema(
        operation_id="routes", responses={200: {"type": "object", "additionalProperties": {"type": "string"}}}
    )
    def get(self, request: Request) -> Response:
        """Every route, by name, with its address."""
        return Response({name: request.build_absolute_uri(path) for name, path in self.routes.items()})


class Unknown(Route):
    """An address under `/api/` that is none. It answers alike with and without a key."""

    authentication_classes = []
    permission_classes = []
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whatever the method, there is nothing here."""
        super().initial(request, *args, **kwargs)
        hint = "" if request.path.endswith("/") else " Addresses end with a slash."
        raise NotFound(f"There is nothing at this address.{hint}")
