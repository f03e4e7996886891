"""What the trail looks like in JSON, and what can be asked of it and said to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from drf_spectacular.helpers import lazy_serializer
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from apps.api.fields import Instant, Strict
from apps.trail import services as trail
from apps.trail.context import KINDS
from apps.trail.errors import BadCursor
from apps.trail.events import CUSTOM_NAME, known_as, of_today
from apps.trail.models import StoredEvent
from apps.trail.order import Cursor

MOST_STREAMS, MOST_TYPES = 20, 50
# What is on these is chosen by support managers, for customers' eyes.
KEPT_STREAMS = ("audit:",)

EXAMPLE: dict[str, Any] = {
    "id": "0195a8e2-9f04-7a51-a7a7-2f8d5c1e0b11",
    "position": 48213,
    "cursor": "1.90721.48213",
    "type": "TicketStatusChanged",
    "version": 1,
    "occurred_at": "2026-03-18T09:00:00Z",
    "recorded_at": "2026-03-18T09:00:00.041Z",
    "actor": {"kind": "user", "id": "7", "label": "Ana"},
    "streams": ["ticket:4711", "customer:acme"],
    "correlation_id": "0195a8e2-9e90-7c11-8d10-50a3a9f3c402",
    "causation_id": None,
    "sentence": "Ticket 4711 went from open to solved",
    "payload": {"ticket": 12, "number": "4711", "before": "open", "after": "solved"},
    "metadata": {"method": "POST", "path": "/admin/tickets/ticket/12/change/"},
    "url": "https://support.example.com/trail/48213/",
}
_BRIEF = ("id", "position", "type", "occurred_at", "actor", "streams", "causation_id", "sentence", "url")
EXAMPLE_TREE: dict[str, Any] = {
    "root": {
        **{name: EXAMPLE[name] for name in _BRIEF},
        "led_to": [
            {
                "id": "0195a8e2-9f05-7b10-9c21-5b8e6f4a2c90",
                "position": 48214,
                "type": "ClockCancelled",
                "occurred_at": "2026-03-18T09:00:00Z",
                "actor": {"kind": "user", "id": "7", "label": "Ana"},
                "streams": ["ticket:4711", "customer:acme"],
                "causation_id": EXAMPLE["id"],
                "sentence": "The first response to ticket 4711 is no longer awaited: the ticket was solved",
                "url": "https://support.example.com/trail/48214/",
                "led_to": [],
            }
        ],
    },
    "cut": False,
}
EXAMPLE_TYPE: dict[str, Any] = {
    "type": "PasswordSet",
    "version": 1,
    "app": "people",
    "meaning": "An agent signs in with another password from now on, or with none; never which one.",
    "fields": [
        {"name": "name", "holds": "text", "meaning": "The agent's name", "required": True, "personal": True},
    ],
}


@extend_schema_field({"type": "string", "example": "1.90721.48213"})
class Place(serializers.Field[Cursor, Any, str, Any]):
    """A place on the trail: the cursor of an event, or 0.0.0 for its beginning."""

    def to_internal_value(self, data: Any) -> Cursor:
        try:
            return Cursor.parse(str(data))
        except BadCursor as error:
            raise serializers.ValidationError(str(error))

    def to_representation(self, value: Cursor) -> str:
        return str(value)


@extend_schema_field({"type": "array", "items": {"type": "string"}, "example": ["TicketOpened"]})
class TypeNames(serializers.Field[tuple[str, ...], Any, Any, Any]):
    """Names of types, several times or with commas between; each stands for what it was called before, too."""

    def to_internal_value(self, data: Sequence[str]) -> tuple[str, ...]:
        names = [name.strip() for text in data for name in text.split(",")]
        for name in names:
            if not CUSTOM_NAME.fullmatch(name):
                raise serializers.ValidationError(f"“{name[:60]}” is no type; write such as TicketOpened.")
        if len(names) > MOST_TYPES:
            raise serializers.ValidationError(f"Ask for at most {MOST_TYPES} types, or for all.")
        return tuple(dict.fromkeys(known for name in names for known in known_as(name)))


class StreamName(serializers.CharField):
    """A stream, such as ticket:4711."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=trail.LONGEST_STREAM, **options)


class OpenStream(StreamName):
    """A stream that integrations may put events on."""

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if name.startswith(KEPT_STREAMS):
            raise serializers.ValidationError("What is on an audit stream is chosen in the portal.")
        return name


class Narrowed(Strict):
    """Which events; what is left out means any."""

    stream = StreamName(required=False, help_text="On this stream, such as ticket:4711 or customer:acme.")
    type = TypeNames(required=False, help_text="Of these types: several times, or with commas between.")
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50, help_text="At most so many events.")


class TrailQuery(Narrowed):
    """Which events, and from where."""

    actor = serializers.CharField(
        max_length=220, required=False, help_text="A kind, such as job, or a kind and an id, such as user:7."
    )
    correlation = serializers.UUIDField(required=False, help_text="Of this chain: an event's correlation_id.")
    after = Place(required=False, help_text="Settled events after this cursor, oldest first; 0.0.0 for the first.")
    before = Place(required=False, help_text="Events before this cursor, newest first.")
    since = Instant(required=False, help_text="Happened at or after this instant.")
    until = Instant(required=False, help_text="Happened before this instant.")
    q = serializers.CharField(max_length=200, required=False, help_text="Words, “a phrase”, or -without.")

    def validate_actor(self, actor: str) -> str:
        if actor.partition(":")[0] not in KINDS:
            raise serializers.ValidationError(f"Write a kind ({', '.join(KINDS)}), or a kind and an id: user:7.")
        return actor

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "after" in attrs and "before" in attrs:
            raise serializers.ValidationError({"before": "Read on after one cursor, or back before one, not both."})
        if "since" in attrs and "until" in attrs and attrs["since"] >= attrs["until"]:
            raise serializers.ValidationError({"until": "This is not after since."})
        return attrs


class FollowQuery(Narrowed):
    """Which events to wait for."""

    after = Place(required=False, help_text="The `next` of the last answer; without it, from now on.")
    wait = serializers.IntegerField(min_value=0, max_value=30, default=25, help_text="For so many seconds.")


class EventActorSerializer(serializers.Serializer[Any]):
    """Who did it, by the name of then."""

    kind = serializers.CharField(source="actor_kind", help_text=", ".join(KINDS))
    id = serializers.CharField(source="actor_id")
    label = serializers.CharField(source="actor")  # type: ignore[assignment]


class BriefEventSerializer(serializers.Serializer[StoredEvent]):
    """An event in a few words."""

    id = serializers.UUIDField(source="event_id")
    position = serializers.IntegerField(help_text="Its short number, as in its address.")
    type = serializers.CharField()
    occurred_at = Instant()
    actor = EventActorSerializer(source="*")
    streams = serializers.ListField(
        source="about", child=serializers.CharField(), help_text="What it was recorded about."
    )
    causation_id = serializers.UUIDField(allow_null=True, help_text="The event that led to it.")
    sentence = serializers.CharField()
    url = serializers.SerializerMethodField()

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, event: StoredEvent) -> str:
        return f"{settings.BASE_URL}/trail/{event.position}/"

    def to_representation(self, event: StoredEvent) -> dict[str, Any]:
        return {**super().to_representation(event), "type": of_today(event.type, event.version, event.payload)[0]}


class EventSerializer(BriefEventSerializer):
    """An event. An old payload is shown as one of today, under today's type and version."""

    cursor = serializers.CharField(help_text="Its place in the order that readers go by.")
    version = serializers.IntegerField(help_text="Of the type.")
    recorded_at = Instant()
    correlation_id = serializers.UUIDField(help_text="The same for everything that began with one request or message.")
    payload = serializers.DictField(help_text="Its own facts; event-types/ says what they mean.")
    metadata = serializers.DictField(help_text="Of the request or job it was recorded in.")

    def to_representation(self, event: StoredEvent) -> dict[str, Any]:
        kind, version, payload = of_today(event.type, event.version, event.payload)
        return {**super().to_representation(event), "type": kind, "version": version, "payload": payload}


@extend_schema_serializer(many=False)
class EventPageSerializer(serializers.Serializer[Any]):
    """Some events, and where to go on."""

    results = EventSerializer(many=True)
    next = serializers.CharField(
        allow_null=True,
        help_text="The cursor to go on with, as the parameter you came with. Reading on it is always there; "
        "reading back, null when nothing is left.",
    )


class NodeSerializer(BriefEventSerializer):
    """An event with what it led to."""

    led_to = serializers.SerializerMethodField()

    @extend_schema_field(lazy_serializer("apps.trail.api.shapes.NodeSerializer")(many=True))
    def get_led_to(self, event: StoredEvent) -> Any:
        return []


class TreeSerializer(serializers.Serializer[Any]):
    """Everything with the same root cause as an event."""

    root = NodeSerializer()
    cut = serializers.BooleanField(help_text="Whether there is more than is shown.")


class NewEvent(Strict):
    """Something that happened."""

    type = serializers.CharField(
        max_length=100, help_text="A name of your own in the past tense, such as VatRateCorrected."
    )
    data = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text=f"Its facts: at most {trail.LARGEST:,} bytes as JSON, {trail.DEEPEST} levels deep."
    )
    about = serializers.ListField(
        child=OpenStream(), min_length=1, max_length=MOST_STREAMS, help_text="The streams it belongs on."
    )
    occurred_at = Instant(required=False, help_text="When it happened; now unless told.")
    caused_by = serializers.UUIDField(required=False, help_text="The id of the event that led to it.")


class LinkSerializer(Strict):
    """A further stream an event is on."""

    stream = OpenStream(help_text="Such as case:12.")
    because = serializers.CharField(max_length=500, help_text="Why, for whoever reads the stream.")


class FieldSerializer(serializers.Serializer[Any]):
    """One field of a payload."""

    name = serializers.CharField()
    holds = serializers.CharField(help_text="What kind of value, in words.")
    meaning = serializers.CharField()
    required = serializers.BooleanField(help_text="Whether it is always there.")  # type: ignore[assignment]
    personal = serializers.BooleanField(help_text="Whether it may hold data about a person.")


class EventTypeSerializer(serializers.Serializer[Any]):
    """One type of event the portal records."""

    type = serializers.CharField()
    version = serializers.IntegerField()
    app = serializers.CharField(help_text="The part of the portal that records it.")
    meaning = serializers.CharField()
    fields = FieldSerializer(many=True)  # type: ignore[assignment]
