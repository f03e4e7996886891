"""The routes of tickets, with the promises that run on them and their story."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import uuid_utils.compat as uuids
from django.db import transaction
from django.db.models import Prefetch
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.fields import Strict
from apps.api.routes import RouteSet
from apps.escalations import selectors as escalations
from apps.escalations import services as engine
from apps.escalations.errors import BadSnooze, EscalationError
from apps.escalations.models import Check, Clock
from apps.people.models import Plan
from apps.tickets import services
from apps.tickets.api.filters import TicketFilter
from apps.tickets.api.shapes import (
    NewReply,
    NewSnooze,
    NewTicket,
    SnoozedSerializer,
    StoryOrder,
    StorySerializer,
    TicketChange,
    TicketSerializer,
)
from apps.tickets.errors import IllegalMove, RefusedField, TicketError, UnknownTicket
from apps.tickets.models import Ticket
from apps.tickets.wording import plain_number
from apps.trail import selectors as trail

# What one answer tells of a story; who wants more reads the trail.
LONGEST_STORY = 1000


class TicketSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, RouteSet):
    """Tickets and what was promised on them."""

    reads = ("read", "tickets")
    writes = ("tickets",)
    refusals = {UnknownTicket: 404, IllegalMove: 409, TicketError: 400, BadSnooze: 400, EscalationError: 409}
    queryset = Ticket.objects.select_related("customer", "plan").prefetch_related(
        Prefetch("clocks", Clock.objects.order_by("started_at", "pk")),
        Prefetch("clocks__checks", Check.objects.order_by("tier")),
    )
    serializer_class = TicketSerializer
    filterset_class = TicketFilter
    lookup_field = "number"
    lookup_value_regex = "[^/]+"
    # As they became known, so that a ticket reported late never slips into a page already read.
    pages_by = ("-id",)
    own_parameters = {"story": ("order",)}

    def get_object(self) -> Ticket:
        self.kwargs["number"] = plain_number(self.kwargs["number"])
        ticket: Ticket = super().get_object()
        return ticket

    @extend_schema(
        request=NewTicket,
        responses={
            201: TicketSerializer,
            200: OpenApiResponse(TicketSerializer, "The number was known; nothing was changed."),
        },
    )
    def create(self, request: Request) -> Response:
        """Make a ticket known. A number that is known changes nothing and is no error."""
        said = self._said(NewTicket, request)
        opened_at = said.pop("opened_at", self.now)
        really_then = said.pop("really_then", False)
        channel = said.get("channel", "")
        try:
            ticket, created = services.open_ticket(
                **said,
                opened_at=opened_at,
                origin=Ticket.Origin.API,
                really_then=really_then,
                channel_plan=_plan_of_channel(channel) if channel else None,
                now=self.now,
            )
        except RefusedField as refused:
            how = " Send really_then: true if it is so." if refused.field == "opened_at" else ""
            raise serializers.ValidationError({refused.field: [f"{refused}{how}"]})
        return self._shown(ticket, 201 if created else 200)

    @extend_schema(request=TicketChange, responses=TicketSerializer)
    def partial_update(self, request: Request, number: str) -> Response:
        """Change what is said of a ticket, or move its status. Clocks follow."""
        ticket = self.get_object()
        said = self._said(TicketChange, request, partial=True)
        status = said.pop("status", None)
        with transaction.atomic():
            if said:
                services.change_ticket(ticket, said, now=self.now)
            if status is not None:
                services.move(ticket, status, now=self.now)
        return self._shown(ticket)

    @extend_schema(
        request=NewReply,
        responses={
            201: TicketSerializer,
            200: OpenApiResponse(TicketSerializer, "The reply was known; nothing was changed."),
        },
    )
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def replies(self, request: Request, number: str) -> Response:
        """Record a reply. The first of an agent stops the clock, at the reply's own time."""
        ticket = self.get_object()
        said = self._said(NewReply, request)
        news = services.record_reply(ticket, author=said["author"], at=said.get("at", self.now), now=self.now)
        return self._shown(ticket, 201 if news else 200)

    @extend_schema(request=NewSnooze, responses=SnoozedSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def snooze(self, request: Request, number: str) -> Response:
        """Push every waiting check. Each request snoozes anew, unless it repeats an Idempotency-Key."""
        ticket = self.get_object()
        by = timedelta(minutes=self._said(NewSnooze, request)["minutes"])
        # Under an Idempotency-Key, a request taken over after a crash finds its snooze done.
        key = f"api:request:{self.claimed.pk}" if self.claimed else f"api:{uuids.uuid7()}"
        next_at = engine.snooze(ticket, by=by, key=key, now=self.now)
        shown = SnoozedSerializer(self.get_object(), context={"next_at": next_at})
        return Response(shown.data)

    @extend_schema(parameters=[StoryOrder], responses=StorySerializer)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def story(self, request: Request, number: str) -> Response:
        """What happened, by whom and why, and what happens next."""
        order = StoryOrder(data=request.query_params.dict())
        order.is_valid(raise_exception=True)
        newest_first = order.validated_data["order"] == "newest"
        ticket = self.get_object()
        past = trail.story(ticket.stream, newest_first=newest_first, limit=LONGEST_STORY)
        shown = StorySerializer({"past": past, "ahead": _ahead(ticket, now=self.now)})
        return Response(shown.data)

    def _said(self, shape: type[Strict], request: Request, *, partial: bool = False) -> dict[str, Any]:
        given = shape(data=request.data, partial=partial)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _shown(self, ticket: Ticket, status: int = 200) -> Response:
        fresh = self.get_queryset().get(pk=ticket.pk)
        return Response(self.get_serializer(fresh).data, status=status)


def _ahead(ticket: Ticket, *, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "tier": entry.tier,
            "due_at": entry.due_at,
            "audience": entry.audience.as_json(),
            "people": entry.told.people,
            "mentions": entry.told.mentions,
            "channels": entry.told.channels,
            "notes": entry.told.notes,
        }
        for entry in escalations.ahead(ticket, now=now)
    ]


def _plan_of_channel(slack_id: str) -> Plan | None:
    """The plan of tickets in this channel, when it is watched and has one."""
    watched = {"watchedchannel__channel__slack_id": slack_id, "watchedchannel__enabled": True}
    return Plan.objects.filter(**watched).first()
