"""What every report takes through the API: a period, and nothing it does not know. Part of doors."""

from __future__ import annotations

from collections.abc import Sequence

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

PERIOD = [
    OpenApiParameter(
        "from", OpenApiTypes.STR, description="The first day, or month (2026-03); left out: twelve months back."
    ),
    OpenApiParameter("until", OpenApiTypes.STR, description="The last day, or month; left out: the present month."),
]


def refuse_unknown(request: Request, parameters: Sequence[str]) -> None:
    """Raises ValidationError, naming the first parameter that is none of these."""
    if unknown := sorted(set(request.query_params) - {*parameters, "format"}):
        raise ValidationError({unknown[0]: [f"There is no such parameter; there are {', '.join(parameters)}."]})
