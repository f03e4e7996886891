"""What the shapes of rotations are made of."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.instants import write_instant
from apps.rotations.resolving.definition import WEEK
from apps.rotations.resolving.wallclock import first, last
from apps.trail.instants import slip_in
from apps.trail.zones import known_zones

ISO = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2})?(\.\d{1,6})?\d*([Zz]|[+-]\d{2}:\d{2})?", re.ASCII)


@extend_schema_field({"type": "string", "example": "2026-03-23T09:00"})
class Moment(serializers.Field[datetime, Any, str, Any]):
    """An instant; without an offset it is the time that the wall shows in the rotation's zone."""

    def to_internal_value(self, data: Any) -> datetime:
        found = ISO.fullmatch(data.strip()) if isinstance(data, str) else None
        if found is None:
            raise serializers.ValidationError(
                "Write a time such as 2026-03-23T09:00, which is in the rotation's zone, or with an offset: "
                "2026-03-23T09:00Z."
            )
        day, minute, second, fraction, offset = found.groups()
        try:
            at = datetime.fromisoformat(f"{day}T{minute}{second or ':00'}{fraction or ''}{(offset or '').upper()}")
        except ValueError:
            raise serializers.ValidationError(f"{data.strip()} is on no calendar.")
        if slip := slip_in(at):
            raise serializers.ValidationError(slip)
        return at

    def to_representation(self, value: datetime) -> str:
        return write_instant(value) if value.tzinfo else value.isoformat(timespec="minutes")


def begins(at: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which something begins: on the wall the first occurrence of its time."""
    return at.astimezone(UTC) if at.tzinfo else first(at, zone)


def ends(at: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which something ends: on the wall the last occurrence, so that no gap is left."""
    return at.astimezone(UTC) if at.tzinfo else last(at, zone)


class Zone(serializers.CharField):
    """A time zone by its name."""

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if name not in known_zones():
            raise serializers.ValidationError(f"“{name}” is no time zone. Use a name such as Europe/London.")
        return str(name)


class Choice(serializers.ChoiceField):
    """One of a few words; another is refused with all of them."""

    def __init__(self, choices: Any, **options: Any) -> None:
        words = ", ".join(str(getattr(word, "value", word)) for word in choices)
        messages: Any = {"invalid_choice": f"“{{input}}” is not known here; there are {words}."}
        super().__init__([str(getattr(word, "value", word)) for word in choices], error_messages=messages, **options)


@extend_schema_field({"type": "string", "example": "09:00"})
class WallTime(serializers.TimeField):
    """A time of day, such as 09:00."""

    def __init__(self, **options: Any) -> None:
        messages: Any = {"invalid": "Write a time of day such as 09:00."}
        super().__init__(format="%H:%M", input_formats=["%H:%M", "%H:%M:%S"], error_messages=messages, **options)


@extend_schema_field(
    {
        "type": "array",
        "items": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        "example": ["ana", ["ben", "cem"]],
    }
)
class Participants(serializers.Field[tuple[tuple[str, ...], ...], Any, Any, Any]):
    """Who takes the turns, in order; a list in the list shares one."""

    most, sharing, longest = 200, 20, 254

    def to_internal_value(self, data: Any) -> tuple[tuple[str, ...], ...]:
        if not isinstance(data, list):
            raise serializers.ValidationError("Write a list of people.")
        if len(data) > self.most:
            raise serializers.ValidationError(f"A roster has at most {self.most} turns.")
        return tuple(self._turn(turn, place) for place, turn in enumerate(data))

    def to_representation(self, value: tuple[tuple[str, ...], ...]) -> list[Any]:
        return [turn[0] if len(turn) == 1 else list(turn) for turn in value]

    def _turn(self, turn: Any, place: int) -> tuple[str, ...]:
        people = turn if isinstance(turn, list) else [turn]
        wrong = not people or not all(isinstance(person, str) and person.strip() for person in people)
        if wrong or len(people) > self.sharing or any(len(person) > self.longest for person in people):
            raise serializers.ValidationError(
                f"Turn {place + 1} is neither a person nor a list of up to {self.sharing} people."
            )
        named = tuple(person.strip() for person in people)
        if len(set(named)) < len(named):
            raise serializers.ValidationError(f"Name each person of turn {place + 1} once.")
        return named


def day_field() -> serializers.ListField:
    return serializers.ListField(
        child=Choice(WEEK),
        required=False,
        max_length=7,
        allow_empty=False,
        error_messages={"empty": "Say at least one day, or leave the days out: then it is every day."},
        help_text="MO … SU, the day on which the window opens; left out, every day.",
    )
