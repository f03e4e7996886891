"""Tickets through the API, with the promises that run on them and their story."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import django_filters
import uuid_utils.compat as uuids
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.fields import Called, Instant, Strict
from apps.api.filters import CalledFilter, InstantFilter, YesNoFilter
from apps.api.routes import RouteSet
from apps.escalations import selectors as escalations
from apps.escalations import services as engine
from apps.escalations.errors import BadSnooze, EscalationError
from apps.escalations.models import Check, Clock
from apps.people.models import Customer, Plan, valid_channel_id
from apps.sla.models import SEVERITIES, TICKET_TYPES, Policy
from apps.tickets import searching, services
from apps.tickets.errors import BadTicket, IllegalMove, RefusedField, TicketError, UnknownTicket
from apps.tickets.models import Reply, Ticket, valid_thread
from apps.tickets.wording import LONGEST_NUMBER, plain_number
from apps.trail import selectors as trail

# What one answer tells of a story; who wants more reads the trail.
LONGEST_STORY = 1000


class ShownAudience(serializers.Serializer[Any]):
    """Whom a tier means. Besides `kind` and `label` only what that kind has is there."""

    kind = serializers.CharField()
    label = serializers.CharField(required=False)  # type: ignore[assignment]
    user_group = serializers.CharField(required=False)
    group = serializers.CharField(required=False)
    agents = serializers.ListField(child=serializers.EmailField(), required=False)
    channel = serializers.CharField(required=False)


class CheckSerializer(serializers.ModelSerializer[Check]):
    """One tier of a running promise, with its instant."""

    due_at = Instant()
    audience = serializers.SerializerMethodField()

    class Meta:
        model = Check
        fields = ["tier", "due_at", "state", "audience"]
        read_only_fields = fields

    @extend_schema_field(ShownAudience)
    def get_audience(self, check: Check) -> dict[str, Any]:
        return check.audience.as_json()


class ClockSerializer(serializers.ModelSerializer[Clock]):
    """A promise, running or over."""

    started_at = Instant()
    due_at = Instant()
    stopped_at = Instant(allow_null=True)
    breached_at = Instant(allow_null=True)
    checks = CheckSerializer(many=True)

    class Meta:
        model = Clock
        fields = ["promise", "state", "started_at", "due_at", "stopped_at", "breached_at", "checks"]
        read_only_fields = fields


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    """A ticket and what was promised on it."""

    customer = serializers.SlugRelatedField[Any]("slug", read_only=True, allow_null=True)
    plan = serializers.SlugRelatedField[Any]("slug", read_only=True, allow_null=True)
    opened_at = Instant()
    first_response_at = Instant(allow_null=True)
    last_customer_message_at = Instant(allow_null=True)
    policy = serializers.SerializerMethodField(help_text="The policy that governs; null: no promise.")
    clocks = ClockSerializer(many=True)

    class Meta:
        model = Ticket
        fields = [
            "number",
            "subject",
            "customer",
            "plan",
            "severity",
            "type",
            "status",
            "origin",
            "opened_at",
            "first_response_at",
            "last_customer_message_at",
            "channel",
            "thread_ts",
            "url",
            "policy",
            "clocks",
        ]
        read_only_fields = fields

    def get_policy(self, ticket: Ticket) -> str | None:
        clocks = list(ticket.clocks.all())
        # A promise cancelled on an open ticket no longer governs it; one cancelled by the ticket's end did.
        held = [clock for clock in clocks if clock.state != Clock.State.CANCELLED or not ticket.is_open]
        return held[-1].policy_name if held else None


class SnoozedSerializer(TicketSerializer):
    """A ticket whose checks were pushed."""

    next_at = serializers.SerializerMethodField(help_text="When the next check is due; null: none is waiting.")

    class Meta(TicketSerializer.Meta):
        fields = ["next_at", *TicketSerializer.Meta.fields]
        read_only_fields = fields

    @extend_schema_field(Instant(allow_null=True))
    def get_next_at(self, ticket: Ticket) -> str | None:
        next_at = self.context["next_at"]
        return Instant().to_representation(next_at) if next_at else None


class TicketFields(Strict):
    """What may be said of a ticket at any time."""

    subject = serializers.CharField(
        allow_blank=True,
        required=False,
        help_text=f"Beyond {services.LONGEST_SUBJECT} characters it is cut and ends with ….",
    )
    customer = Called(
        "slug",
        noun="customer",
        queryset=Customer.objects.select_related("plan"),
        allow_null=True,
        required=False,
        help_text="A customer's slug.",
    )
    plan = Called(
        "slug",
        noun="plan",
        queryset=Plan.objects.all(),
        allow_null=True,
        required=False,
        help_text="A plan's slug; the customer's unless told.",
    )
    severity = serializers.ChoiceField(SEVERITIES, required=False)
    type = serializers.ChoiceField(TICKET_TYPES, required=False)
    channel = serializers.CharField(
        max_length=20,
        allow_blank=True,
        required=False,
        validators=[valid_channel_id],
        help_text="The Slack channel's id.",
    )
    thread_ts = serializers.CharField(
        max_length=32,
        allow_blank=True,
        required=False,
        validators=[valid_thread],
        help_text="The Slack message's ts.",
    )
    url = serializers.URLField(
        max_length=500, allow_blank=True, required=False, help_text="The ticket's address in the help desk."
    )


class NewTicket(TicketFields):
    """A ticket to make known."""

    number = serializers.CharField(
        max_length=LONGEST_NUMBER, help_text="Its number in the help desk, as text or integer; # is left off."
    )
    opened_at = Instant(
        required=False,
        help_text=f"When the customer asked; now unless told. More than {services.USUAL.days} days ago is taken for a "
        "slip, unless `really_then` says otherwise.",
    )
    really_then = serializers.BooleanField(
        required=False, help_text="It was opened that long ago, and its tiers may speak at once."
    )

    def validate_number(self, number: str) -> str:
        number = plain_number(number)
        try:
            services.must_be_number(number)
        except BadTicket as refusal:
            raise serializers.ValidationError(str(refusal))
        return number


class TicketChange(TicketFields):
    """What is to be true of a ticket from now on."""

    status = serializers.ChoiceField(Ticket.Status.choices, required=False)


class NewReply(Strict):
    """A message in the ticket."""

    author = serializers.ChoiceField(Reply.Author.choices)
    at = Instant(required=False)


class NewSnooze(Strict):
    """How far to push every waiting check; the due does not move."""

    minutes = serializers.IntegerField(min_value=1, max_value=24 * 60, default=30)


class ActorSerializer(serializers.Serializer[Any]):
    """Who did it."""

    kind = serializers.CharField(source="actor_kind", help_text="user, slack, job, integration, console, system")
    label = serializers.CharField(source="actor")  # type: ignore[assignment]


class PastSerializer(serializers.Serializer[Any]):
    """Something that happened."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    at = Instant()
    actor = ActorSerializer(source="*")
    sentence = serializers.CharField()
    caused_by = serializers.UUIDField(allow_null=True, help_text="The event that led to it.")
    url = serializers.SerializerMethodField()

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, line: trail.StoryLine) -> str:
        return f"{settings.BASE_URL}{line.url}"


class PersonSerializer(serializers.Serializer[Any]):
    """Somebody who would be told, and why."""

    name = serializers.CharField()
    email = serializers.EmailField()
    slack_id = serializers.CharField()
    because = serializers.CharField()
    until = Instant(allow_null=True, help_text="When the reason ends, as a shift does.")


class AheadSerializer(serializers.Serializer[Any]):
    """A waiting check, with the people its audience is at this moment."""

    tier = serializers.IntegerField()
    due_at = Instant()
    audience = ShownAudience()
    people = PersonSerializer(many=True)
    mentions = serializers.ListField(child=serializers.CharField(), help_text="Slack user groups.")
    channels = serializers.ListField(child=serializers.CharField(), help_text="Slack channels.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="Why others hear as well.")


class StorySerializer(serializers.Serializer[Any]):
    """What happened to a ticket, and what happens next unless somebody answers."""

    past = PastSerializer(many=True)
    ahead = AheadSerializer(many=True)


class StoryOrder(Strict):
    """How to read a story."""

    order = serializers.ChoiceField(["oldest", "newest"], default="oldest", help_text="Which end comes first.")


class TicketFilter(django_filters.FilterSet):
    """Conditions narrow each other; status, severity and type may be given several times, for either."""

    status = django_filters.MultipleChoiceFilter(choices=Ticket.Status.choices)
    severity = django_filters.MultipleChoiceFilter(choices=SEVERITIES)
    type = django_filters.MultipleChoiceFilter(choices=TICKET_TYPES)
    plan = CalledFilter("slug", noun="plan", queryset=Plan.objects.all(), help_text="A plan's slug.")
    customer = CalledFilter("slug", noun="customer", queryset=Customer.objects.all(), help_text="A customer's slug.")
    policy = CalledFilter(
        "name",
        noun="policy",
        queryset=Policy.objects.all(),
        method="governed",
        help_text="The name of the policy whose promise runs, or ran.",
    )
    breached = YesNoFilter(method="broken", help_text="Whether a promise was broken.")
    due_before = InstantFilter(method="due", help_text="A running promise falls due before this instant.")
    opened_after = InstantFilter(field_name="opened_at", lookup_expr="gte", help_text="At or after this instant.")
    opened_before = InstantFilter(field_name="opened_at", lookup_expr="lt")
    q = django_filters.CharFilter(method="search", help_text="The number, its beginning, or words of the subject.")

    class Meta:
        model = Ticket
        fields: list[str] = []

    def governed(self, tickets: QuerySet[Ticket], name: str, policy: Policy) -> QuerySet[Ticket]:
        return tickets.filter(Exists(_holding().filter(policy=policy)))

    def broken(self, tickets: QuerySet[Ticket], name: str, wanted: str) -> QuerySet[Ticket]:
        broken = Exists(_holding().filter(breached_at__isnull=False))
        return tickets.filter(broken if wanted == "true" else ~broken)

    def due(self, tickets: QuerySet[Ticket], name: str, instant: datetime) -> QuerySet[Ticket]:
        return tickets.filter(Exists(_holding().filter(state=Clock.State.RUNNING, due_at__lt=instant)))

    def search(self, tickets: QuerySet[Ticket], name: str, words: str) -> QuerySet[Ticket]:
        return searching.search(tickets, words)


def _holding() -> QuerySet[Clock]:
    """A ticket's promises that hold: a cancelled one says nothing any more."""
    return Clock.objects.filter(ticket=OuterRef("pk")).exclude(state=Clock.State.CANCELLED)


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
