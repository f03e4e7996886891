"""Subscribers through the API."""

from __future__ import annotations

from typing import Any

import django_filters
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.fields import Called, Instant, Strict
from apps.api.filters import YesNoFilter
from apps.api.routes import RouteSet
from apps.incidents.models import Component
from apps.statuspage.errors import BadSubscriber, SubscribingError, TooMany
from apps.statuspage.models import Subscriber
from apps.statuspage.subscribing import links, services
from apps.trail.context import current

Kind = Subscriber.Kind


class SubscriberSerializer(Strict):
    """Who hears of incidents and maintenance."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Kind.choices)
    email = serializers.EmailField(help_text="Of a webhook: whom to tell when it fails.")
    url = serializers.CharField(help_text="Of a webhook.")
    components = serializers.SerializerMethodField(help_text="Slugs; empty for all.")
    asked_at = Instant()
    confirmed_at = Instant(allow_null=True)
    failing_since = Instant(allow_null=True)
    disabled_at = Instant(allow_null=True)
    trouble = serializers.CharField(help_text="The last failure.")

    def get_components(self, row: Subscriber) -> list[str]:
        return [each.slug for each in row.components.all()]


class MadeSubscriber(SubscriberSerializer):
    """A subscriber as it was just made."""

    secret = serializers.SerializerMethodField(help_text="Of a webhook: its messages are signed with it.")

    def get_secret(self, row: Subscriber) -> str | None:
        return links.secret_of(row) if row.kind == Kind.WEBHOOK else None


def chosen() -> Called:
    """Components, as integrations call them."""
    rows = Component.objects.filter(public=True, archived_at=None)
    return Called("slug", noun="public component", queryset=rows, many=True, required=False)


class NewSubscriber(Strict):
    """Somebody to add."""

    kind = serializers.ChoiceField(Kind.choices)
    email = serializers.CharField(max_length=200)
    url = serializers.CharField(max_length=500, required=False, allow_blank=True)
    components = chosen()


class Choice(Strict):
    """What they hear of; none means all."""

    components = chosen()


class SubscriberFilter(django_filters.FilterSet):
    """By what, and how it stands."""

    confirmed = YesNoFilter(field_name="confirmed_at", method="known")
    disabled = YesNoFilter(field_name="disabled_at", method="known")

    class Meta:
        model = Subscriber
        fields = ["kind"]

    def known(self, rows: Any, name: str, said: str) -> Any:
        return rows.filter(**{f"{name}__isnull": said != "true"})


class SubscriberSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, RouteSet):
    """Who hears of incidents and maintenance: add somebody, choose for them, remove them."""

    queryset = Subscriber.objects.prefetch_related("components")
    serializer_class = SubscriberSerializer
    filterset_class = SubscriberFilter
    reads = ("read", "incidents")
    writes = ("incidents",)
    refusals = {BadSubscriber: 400, TooMany: 429, SubscribingError: 400}
    lookup_value_regex = "[0-9]{1,18}"
    pages_by = ("-id",)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Subscribers, newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=NewSubscriber, responses={201: MadeSubscriber})
    def create(self, request: Request) -> Response:
        """Add a subscriber. An email is asked first, and hears once it said yes; a webhook is called from now on."""
        said = self._said(NewSubscriber, request)
        row = services.subscribe(
            said["kind"],
            email=said["email"],
            url=said.get("url", ""),
            components=[each.public_id for each in said.get("components", ())],
            now=self.now,
            by=current().actor.label,
        )
        return Response(MadeSubscriber(self.get_queryset().get(pk=row.pk)).data, status=201)

    @extend_schema(request=Choice, responses=SubscriberSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Choose the components they hear of."""
        row, said = self.get_object(), self._said(Choice, request)
        if "components" in said:
            ids = [each.public_id for each in said["components"]]
            services.choose(row, ids, now=self.now, by=current().actor.label)
        return self._shown(row)

    @extend_schema(request=None, responses={204: OpenApiResponse(description="They hear no more.")})
    def destroy(self, request: Request, pk: str) -> Response:
        """Remove a subscriber: nothing of it is kept."""
        services.leave(self.get_object(), now=self.now, by=current().actor.label)
        return Response(status=204)

    @extend_schema(request=None, responses=SubscriberSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def enable(self, request: Request, pk: str) -> Response:
        """A disabled webhook is mended: it hears of what happens from now on."""
        row = self.get_object()
        services.enable(row, now=self.now, by=current().actor.label)
        return self._shown(row)

    def _said(self, shape: type[Strict], request: Request) -> dict[str, Any]:
        given = shape(data=request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _shown(self, row: Subscriber) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data)
