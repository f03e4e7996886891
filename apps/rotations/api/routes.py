"""The routes of rotations: who is on, schedules, overrides, and what a definition would come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.fields import Instant, Strict
from apps.api.routes import ConfiguredSet, RouteSet
from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.api.fields import Moment, begins, ends
from apps.rotations.api.preview import (
    EXAMPLE_AT,
    EXAMPLE_AT_ANSWER,
    EXAMPLE_WINDOW,
    EXAMPLE_WINDOW_ANSWER,
    PreviewAnswerSerializer,
    PreviewSerializer,
    answer,
    shown,
    window,
)
from apps.rotations.api.shapes import (
    EXAMPLE_ON_CALL,
    EXAMPLE_OVERRIDE,
    EXAMPLE_SHIFT,
    OnCallSerializer,
    OverrideSerializer,
    RotationSerializer,
    ScheduleSerializer,
    save,
)
from apps.rotations.errors import OverrideRefused, OverrideStays, RotationRefused
from apps.rotations.models import Override, Role, Rotation
from apps.rotations.schedules import Book, Current, book, on_call

USUAL = timedelta(days=14)
READS = ("read", "rotations")
WRITES = ("rotations",)


class OnCallQuery(Strict):
    """What can be asked about who is on."""

    at = Instant(required=False, help_text="Left out: now.")
    rotation = serializers.CharField(required=False, max_length=50, help_text="Only this one, by its slug.")
    team = serializers.CharField(required=False, max_length=50, help_text="Only this team's, by its slug.")


class ScheduleQuery(Strict):
    """The window of a schedule."""

    def get_fields(self) -> dict[str, Any]:
        # "from" is a word of Python's.
        return {
            "from": Moment(required=False, help_text="Left out: now. Without an offset in the rotation's zone."),
            "until": Moment(required=False, help_text="Left out: two weeks later."),
        }


class OnCallSet(RouteSet):
    """Who is on duty."""

    reads = READS
    writes = WRITES
    filter_backends = []
    pagination_class = None
    queryset = Rotation.objects.all()
    serializer_class = OnCallSerializer
    own_parameters: ClassVar[Mapping[str, tuple[str, ...]]] = {"list": tuple(OnCallQuery().fields)}

    def _parameters(self) -> list[str]:
        return [*self.own_parameters["list"], "format"]

    @extend_schema(
        parameters=[OnCallQuery],
        responses=OnCallSerializer(many=True),
        examples=[OpenApiExample("Who is on", EXAMPLE_ON_CALL, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        """Who is on in every rotation that is not archived, with the true start and end of each shift."""
        asked = _asked(OnCallQuery, request)
        rotations = Rotation.objects.filter(archived_at=None)
        for name, field in (("rotation", "slug"), ("team", "team__slug")):
            if name in asked:
                rotations = rotations.filter(**{field: asked[name]})
        found = on_call(asked.get("at", self.now), rotations)
        return Response(
            [
                {
                    "rotation": rotation.slug,
                    "team": rotation.team.slug,
                    "shifts": [_current(current) for current in roles],
                }
                for rotation, roles in found.items()
            ]
        )


class RotationSet(ConfiguredSet):
    """Rotations: what defines them, their schedules, and what a definition would come to."""

    queryset = Rotation.objects.select_related("team", "channel").prefetch_related(
        "roles", "layers__role", "layers__rosters__participants__agent"
    )
    serializer_class = RotationSerializer
    reads = READS
    writes = WRITES
    refusals = {RotationRefused: 400}
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]{1,50}"
    filterset_fields = {"team__slug": ["exact"]}
    own_parameters: ClassVar[Mapping[str, tuple[str, ...]]] = {"shifts": ("from", "until")}
    save = save

    def sent_as(self, path: str) -> str:
        for ours, theirs in SENT_AS:
            path = path.replace(ours, theirs)
        return path

    @extend_schema(
        request=PreviewSerializer,
        responses={200: PreviewAnswerSerializer},
        examples=[
            OpenApiExample("At instants", EXAMPLE_AT, request_only=True),
            OpenApiExample("In a window", EXAMPLE_WINDOW, request_only=True),
            OpenApiExample("At instants", EXAMPLE_AT_ANSWER, response_only=True),
            OpenApiExample("In a window", EXAMPLE_WINDOW_ANSWER, response_only=True),
        ],
    )
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """What a definition comes to: shifts, gaps and doubles, or who is on at instants. Nothing is stored."""
        given = PreviewSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(answer(given.validated_data))

    @extend_schema(
        parameters=[ScheduleQuery],
        responses=ScheduleSerializer,
        examples=[OpenApiExample("A week", {"shifts": [EXAMPLE_SHIFT], "gaps": [], "doubles": []}, response_only=True)],
    )
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def shifts(self, request: Request, slug: str) -> Response:
        """The final schedule in a window of at most 400 days: what was kept of the past, and what comes."""
        rotation = self.get_object()
        asked, zone = _asked(ScheduleQuery, request), ZoneInfo(rotation.time_zone)
        start = begins(asked["from"], zone) if "from" in asked else self.now
        start, end = window(start, asked.get("until", start + USUAL), zone)
        opened = book(rotation, start, end)
        timeline = opened.window(start, end)
        found = shown(timeline)
        for shift in found["shifts"]:
            shift["people"] = [_person(opened, email) for email in shift["people"]]
        return Response(found)


@extend_schema(parameters=[OpenApiParameter("slug", str, OpenApiParameter.PATH, description="The rotation's slug.")])
class OverrideSet(RouteSet):
    """One-off replacements of one rotation."""

    queryset = Override.objects.select_related("rotation", "role", "remove", "add", "made_by")
    serializer_class = OverrideSerializer
    reads = READS
    writes = WRITES
    filter_backends = []
    refusals = {OverrideRefused: 400, OverrideStays: 409}
    pages_by = ("starts_at", "id")
    own_parameters: ClassVar[Mapping[str, tuple[str, ...]]] = {"list": ("all",)}

    def _parameters(self) -> list[str]:
        paging = ["cursor", "page_size"] if self.action == "list" else []
        return [*self.own_parameters.get(str(self.action), ()), *paging, "format"]

    def sent_as(self, path: str) -> str:
        return {"starts_at": "start", "ends_at": "end"}.get(path, path)

    def get_queryset(self) -> QuerySet[Override]:
        overrides: QuerySet[Override] = super().get_queryset()
        return overrides.filter(rotation__slug=self.kwargs.get("slug"))

    @extend_schema(
        parameters=[OpenApiParameter("all", bool, description="true: those that are over as well.")],
        examples=[OpenApiExample("An override", EXAMPLE_OVERRIDE, response_only=True)],
    )
    def list(self, request: Request, slug: str) -> Response:
        """The overrides that are not over, in the order in which they begin."""
        self._rotation(slug)
        found = self.get_queryset()
        match request.query_params.get("all", "false"):
            case "false":
                found = found.filter(ends_at__gt=self.now)
            case "true":
                pass
            case other:
                raise ValidationError({"all": [f"“{other}” is neither true nor false."]})
        page: Sequence[Override] = self.paginate_queryset(found) or ()
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        responses={201: OverrideSerializer},
        examples=[
            OpenApiExample(
                "An override",
                {name: EXAMPLE_OVERRIDE[name] for name in ("start", "end", "remove", "add", "role", "reason")},
                request_only=True,
            ),
            OpenApiExample("An override", EXAMPLE_OVERRIDE, response_only=True),
        ],
    )
    def create(self, request: Request, slug: str) -> Response:
        """A replacement from start until end; it may not overlap another that touches the same person."""
        rotation = self._rotation(slug)
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        said, zone = given.validated_data, ZoneInfo(rotation.time_zone)
        made = services.add_override(
            rotation,
            role=_role(rotation, said.get("role") or ""),
            starts_at=begins(said["start"], zone),
            ends_at=ends(said["end"], zone),
            remove=said.get("remove"),
            add=said.get("add"),
            reason=said["reason"],
            now=self.now,
        )
        return Response(self.get_serializer(made).data, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, slug: str, id: int) -> Response:
        """One that has not begun is withdrawn, one in progress ends now; one that is over stays."""
        override = self.get_queryset().filter(pk=id).first()
        if override is None:
            raise Http404
        services.end_override(override, now=self.now)
        return Response(status=204)

    def _rotation(self, slug: str) -> Rotation:
        rotation = Rotation.objects.filter(slug=slug).first()
        if rotation is None:
            raise Http404
        return rotation


# What the services call the fields of a layer, and where they are sent.
SENT_AS = (
    *(
        (f".{name}", f".rotation.{name}")
        for name in ("unit", "length", "start_local", "index_offset", "advance", "turn_active_minutes", "participants")
    ),
    (".shift_kind", ".shifts"),
    (".active_days", ".active.days"),
)


def _role(rotation: Rotation, name: str) -> Role | None:
    if not name:
        return None
    role = rotation.roles.filter(name__iexact=name).first()
    if role is None:
        names = ", ".join(role.name for role in rotation.roles.all())
        raise ValidationError({"role": [f"{rotation} has no role “{name}”; there are {names}."]})
    return role


def _current(current: Current) -> dict[str, Any]:
    known = {agent.email: agent for agent in current.people}
    return {
        "role": current.role,
        "people": [
            _shown(known[email]) if email in known else {"name": name, "email": email, "slack_id": None}
            for email, name in zip(current.emails, current.names, strict=True)
        ],
        "start": current.start and Instant().to_representation(current.start),
        "end": current.end and Instant().to_representation(current.end),
        "because": current.because,
    }


def _person(opened: Book, email: str) -> dict[str, Any]:
    agent = opened.written.people.get(email)
    return _shown(agent) if agent else {"name": opened.called(email), "email": email, "slack_id": None}


def _shown(agent: Agent) -> dict[str, Any]:
    return {"name": str(agent), "email": agent.email, "slack_id": agent.slack_id}


def _asked(shape: type[Strict], request: Request) -> dict[str, Any]:
    given = dict(request.query_params.lists())
    given.pop("format", None)
    if repeated := [name for name, values in given.items() if len(values) > 1]:
        raise ValidationError({name: ["Say this once."] for name in repeated})
    asked = shape(data={name: values[0] for name, values in given.items()})
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
