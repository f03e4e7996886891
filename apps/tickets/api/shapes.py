"""What a ticket looks like in JSON, and what can be said of one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.fields import Called, Instant, Strict
from apps.escalations.models import Check, Clock
from apps.people.models import Customer, Plan, valid_channel_id
from apps.sla.models import SEVERITIES, TICKET_TYPES
from apps.tickets import services
from apps.tickets.errors import BadTicket
from apps.tickets.models import Reply, Ticket, valid_thread
from apps.tickets.wording import LONGEST_NUMBER, plain_number
from apps.trail import selectors as trail
from apps.trail.context import KINDS


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

    kind = serializers.CharField(source="actor_kind", help_text=", ".join(KINDS))
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
