"""Pages through the API."""

from __future__ import annotations

from typing import Any

import django_filters
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.fields import Called, Instant, Strict
from apps.api.filters import CalledFilter
from apps.api.routes import RouteSet
from apps.api.steps import ActedBy, said_in, taken_by
from apps.escalations.steps import steps, steps_of
from apps.pages import services
from apps.pages.errors import AlreadyAcknowledged, BadPage, NotOpen, PageError, UnknownPage
from apps.pages.models import Page
from apps.people.models import Team
from apps.trail.context import current


class PageStepSerializer(Strict):
    """A step: whom it told, or would tell now. One entry a person; without anybody `person` is null."""

    person = serializers.EmailField(allow_null=True, help_text="Their email.")
    name = serializers.CharField(allow_null=True)
    role = serializers.CharField()
    due_at = Instant()
    state = serializers.ChoiceField(["waiting", "reached", "skipped", "cancelled"])
    step = serializers.IntegerField(help_text="1 first; each time anew it goes on counting.")


class PageSerializer(Strict):
    """A call for a team to act, with the steps of the rounds begun so far."""

    id = serializers.IntegerField()
    team = serializers.CharField(source="team.slug")
    message = serializers.CharField()
    subject = serializers.CharField()
    urgency = serializers.ChoiceField(Page.Urgency.choices)
    state = serializers.ChoiceField(Page.State.choices)
    origin = serializers.ChoiceField(Page.Origin.choices)
    opened_at = Instant()
    opened_by = serializers.CharField()
    owner = serializers.EmailField(source="owner.email", allow_null=True, default=None)
    acknowledged_at = Instant(allow_null=True)
    acknowledged_by = serializers.CharField()
    resolved_at = Instant(allow_null=True)
    resolved_by = serializers.CharField()
    steps = serializers.SerializerMethodField()

    @extend_schema_field(PageStepSerializer(many=True))
    def get_steps(self, page: Page) -> list[dict[str, Any]]:
        known = self.context.get("steps")
        found = known[page.pk] if known is not None else steps(page, now=self.context["view"].now)
        shown = [
            {
                "person": person.email if person else None,
                "name": person.name if person else None,
                "role": each.role,
                "due_at": each.due_at,
                "state": each.state,
                "step": each.step,
            }
            for each in found
            for person in each.people or (None,)
        ]
        return list(PageStepSerializer(shown, many=True).data)


class NewPage(Strict):
    """A page to send."""

    team = Called("slug", noun="team", queryset=Team.objects.all())
    message = serializers.CharField(max_length=services.LONGEST_MESSAGE)
    urgency = serializers.ChoiceField(Page.Urgency.choices, required=False)
    subject = serializers.CharField(required=False, allow_blank=True, max_length=services.LONGEST_SUBJECT)


class PageFilter(django_filters.FilterSet):
    """Whose, in which state, how urgent."""

    team = CalledFilter("slug", noun="team", queryset=Team.objects.all())

    class Meta:
        model = Page
        fields = ["state", "urgency"]


class PageSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, RouteSet):
    """Pages: send one, see how it climbs, acknowledge, resolve."""

    queryset = Page.objects.select_related("team__channel", "owner")
    serializer_class = PageSerializer
    filterset_class = PageFilter
    reads = ("read", "rotations")
    writes = ("rotations",)
    refusals = {BadPage: 400, UnknownPage: 404, AlreadyAcknowledged: 409, NotOpen: 409, PageError: 403}
    lookup_value_regex = "[0-9]{1,18}"
    pages_by = ("-id",)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Pages, newest first."""
        pages = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        context = {**self.get_serializer_context(), "steps": steps_of(pages, now=self.now)}
        return self.get_paginated_response(PageSerializer(pages, many=True, context=context).data)

    @extend_schema(request=NewPage, responses={201: PageSerializer})
    def create(self, request: Request) -> Response:
        """Page a team. Repeated with the same Idempotency-Key it is one page."""
        given = NewPage(data=request.data)
        given.is_valid(raise_exception=True)
        # Under an Idempotency-Key, a request taken over after a crash finds its page sent.
        key = f"api:request:{self.claimed.pk}" if self.claimed else ""
        page, _ = services.open_page(
            **given.validated_data, origin=Page.Origin.API, by=current().actor.label, key=key, now=self.now
        )
        return self._shown(page, 201)

    @extend_schema(
        request=ActedBy,
        responses={200: PageSerializer, 409: OpenApiResponse(description="Somebody was quicker; the detail says who.")},
    )
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Take the page: it climbs no further."""
        page = self.get_object()
        services.acknowledge(page, by=taken_by(said_in(request, ActedBy)), now=self.now)
        return self._shown(page)

    @extend_schema(request=ActedBy, responses=PageSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def resolve(self, request: Request, pk: str) -> Response:
        """What it called for is done. An open page is acknowledged by that."""
        page = self.get_object()
        services.resolve(page, by=taken_by(said_in(request, ActedBy)), now=self.now)
        return self._shown(page)

    def _shown(self, page: Page, status: int = 200) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=page.pk)).data, status=status)
