"""What moves something through the API: who does it, what was sent, and how it is described."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from apps.api.fields import LARGEST_INTEGER, Called, Strict
from apps.api.problems import CONTENT_TYPE
from apps.people.acting import Acting
from apps.people.models import Agent
from apps.trail.context import current

AGENTS = Agent.objects.filter(is_active=True)
ILLEGAL = OpenApiResponse(
    {"$ref": "#/components/schemas/Problem"}, "Not from this state: `legal_from` has the states it would be legal from."
)


class ActedBy(Strict):
    """Who does it; without `by`, the key itself."""

    by = Called("email", noun="agent", queryset=AGENTS, required=False, allow_null=True, help_text="An agent's email.")


class OfVersion(ActedBy):
    """A step; with `version` only if nobody wrote since it was read."""

    version = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_INTEGER)


def step(taken: type[Strict], shown: Any, more: Mapping[Any, Any] | None = None) -> Callable[..., Any]:
    """A route that moves one object, described with what it takes, shows and refuses."""
    answers: dict[Any, Any] = {200: shown, (409, CONTENT_TYPE): ILLEGAL, **(more or {})}
    described = extend_schema(request=taken, responses=answers)
    return lambda method: described(
        action(
            detail=True,
            methods=["post"],
            filterset_class=None,
            pagination_class=None,
            url_path=method.__name__.replace("_", "-"),
        )(method)
    )


def said_in(request: Request, shape: type[Strict], *, partial: bool = False) -> dict[str, Any]:
    """What was sent, as the shape has it. Raises ValidationError."""
    told = shape(data=request.data, partial=partial)
    told.is_valid(raise_exception=True)
    return dict(told.validated_data)


def taken_by(said: dict[str, Any]) -> Acting:
    """Who does it: the agent the key speaks for, taken out of what was `said`, else the key itself."""
    return Acting(said.pop("by", None), name=current().actor.label)
