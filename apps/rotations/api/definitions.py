"""A definition in JSON, as the preview takes it and as stored rotations show theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework import serializers

from apps.api.fields import Strict
from apps.rotations.api.fields import Choice, Moment, Participants, WallTime, Zone, begins, day_field, ends
from apps.rotations.resolving.definition import WEEK, Active, Advance, Definition, Layer, Override, Turns
from apps.rotations.resolving.wallclock import Unit, on_the_wall
from apps.rotations.validation.definitions import LONGEST, MOST_LAYERS, MOST_OFFSET, MOST_PRIORITY

MOST_OVERRIDES = 500
LONGEST_ACTIVE = 527_040

Errors = dict[str, Any]


class TurnsSerializer(Strict):
    """People taking turns."""

    unit = Choice(list(Unit))
    length = serializers.IntegerField(
        min_value=1,
        default=1,
        error_messages={"min_value": "A turn is at least one unit long."},
        help_text="A turn lasts so many units.",
    )
    start_local = Moment(help_text="The first handoff, in the rotation's zone; with an offset that instant.")
    participants = Participants()
    index_offset = serializers.IntegerField(
        min_value=-MOST_OFFSET, max_value=MOST_OFFSET, default=0, help_text="1: the second takes the first turn."
    )
    advance = Choice(
        list(Advance), default=Advance.CALENDAR.value, help_text="active_day: days without a window count for nobody."
    )
    turn_active_minutes = serializers.IntegerField(
        min_value=1,
        max_value=LONGEST_ACTIVE,
        required=False,
        allow_null=True,
        help_text="A turn is on only for its first so many minutes.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        most = LONGEST[Unit(attrs["unit"])]
        if attrs["length"] > most:
            raise serializers.ValidationError({"length": f"A turn is at most a year long: {most} {attrs['unit']}s."})
        if attrs["advance"] == Advance.ACTIVE_DAY.value and attrs["unit"] != Unit.DAY.value:
            raise serializers.ValidationError(
                {"advance": "Only turns of days can count active days alone: use the unit day, or calendar."}
            )
        return attrs


class ActiveSerializer(Strict):
    """A window on the wall; the same time twice is a whole day, and an earlier end is past midnight."""

    days = day_field()

    def get_fields(self) -> dict[str, Any]:
        # "from" is a word of Python's.
        fields: dict[str, Any] = super().get_fields()
        return {**fields, "from": WallTime(default=time(0)), "to": WallTime(default=time(0))}


class LayerSerializer(Strict):
    """One rule that fills a role: by the same users all the time, or by a rotation of turns."""

    role = serializers.CharField(max_length=50)
    priority = serializers.IntegerField(
        min_value=-MOST_PRIORITY, max_value=MOST_PRIORITY, default=0, help_text="The highest that has somebody counts."
    )
    users = serializers.ListField(
        child=serializers.CharField(max_length=254), required=False, max_length=200, help_text="Always on."
    )
    rotation = TurnsSerializer(required=False)
    active = ActiveSerializer(required=False, allow_null=True, help_text="Left out: all the time.")
    valid_from = Moment(required=False, allow_null=True)
    valid_until = Moment(required=False, allow_null=True)

    filled_by: Sequence[str] = ("users", "rotation")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in self.filled_by) != 1:
            raise serializers.ValidationError(
                {self.filled_by[-1]: f"A layer is filled by one of {' or '.join(self.filled_by)}; send exactly one."}
            )
        return attrs


class OverrideOfDefinition(Strict):
    """remove is not on, add is on, or add is on for remove, while that is on."""

    start = Moment()
    end = Moment()
    remove = serializers.CharField(max_length=254, required=False, allow_blank=True, allow_null=True)
    add = serializers.CharField(max_length=254, required=False, allow_blank=True, allow_null=True)
    role = serializers.CharField(
        max_length=50, required=False, allow_blank=True, allow_null=True, help_text="Left out: in every role."
    )


class DefinitionSerializer(Strict):
    """A rotation: its layers, and overrides over them. People are whatever you call them."""

    tz = Zone(help_text="Handoffs follow this zone's clock, such as Europe/London.")
    layers = LayerSerializer(many=True, max_length=MOST_LAYERS)  # type: ignore[call-arg]
    overrides = OverrideOfDefinition(many=True, required=False, max_length=MOST_OVERRIDES)  # type: ignore[call-arg]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        zone = ZoneInfo(attrs["tz"])
        layers, wrong_layers = read(attrs["layers"], lambda given: layer_of(given, zone))
        roles = tuple(dict.fromkeys(layer.role for layer in layers if layer))
        overrides, wrong = read(attrs.get("overrides", ()), lambda given: override_of(given, zone, roles))
        for index, sentence in overlaps([each for each in overrides if each]) if not any(wrong) else ():
            wrong[index] = {"start": [sentence]}
        errors = {name: found for name, found in (("layers", wrong_layers), ("overrides", wrong)) if any(found)}
        if errors:
            raise serializers.ValidationError(errors)
        made = Definition(zone, tuple(each for each in layers if each), tuple(each for each in overrides if each))
        return {**attrs, "made": made}


def read(given: Sequence[Mapping[str, Any]], make: Any) -> tuple[list[Any], list[Errors]]:
    """Each of them made, and for each what is wrong with it."""
    made: list[Any] = []
    wrong: list[Errors] = []
    for each in given:
        try:
            made.append(make(each))
            wrong.append({})
        except serializers.ValidationError as refused:
            made.append(None)
            wrong.append(dict(refused.detail))  # type: ignore[arg-type]
    return made, wrong


def layer_of(given: Mapping[str, Any], zone: ZoneInfo) -> Layer:
    """The layer as the resolver takes it. Raises ValidationError."""
    valid_from, valid_until = valid(given, zone)
    turns = given.get("rotation")
    return Layer(
        role=given["role"],
        priority=given["priority"],
        people=tuple(dict.fromkeys(given.get("users", ()))),
        turns=turns_of(turns, zone) if turns else None,
        active=active_of(given.get("active")),
        valid_from=valid_from,
        valid_until=valid_until,
    )


def valid(given: Mapping[str, Any], zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """From when until when a layer holds. Raises ValidationError."""
    since, until = given.get("valid_from"), given.get("valid_until")
    valid_from, valid_until = since and begins(since, zone), until and ends(until, zone)
    if valid_from and valid_until and valid_until <= valid_from:
        raise serializers.ValidationError({"valid_until": ["This must be after valid_from."]})
    return valid_from, valid_until


def turns_of(given: Mapping[str, Any], zone: ZoneInfo) -> Turns:
    minutes = given.get("turn_active_minutes")
    return Turns(
        unit=Unit(given["unit"]),
        start_local=start_of(given["start_local"], zone),
        participants=given["participants"],
        length=given["length"],
        index_offset=given["index_offset"],
        advance=Advance(given["advance"]),
        turn_active=None if minutes is None else timedelta(minutes=minutes),
    )


def start_of(at: datetime, zone: ZoneInfo) -> datetime:
    """The first handoff on the wall."""
    return on_the_wall(at, zone) if at.tzinfo else at


def active_of(given: Mapping[str, Any] | None) -> Active | None:
    if given is None:
        return None
    days = frozenset(WEEK.index(day) for day in given.get("days", WEEK))
    return Active(days, given["from"], given["to"])


def override_of(given: Mapping[str, Any], zone: ZoneInfo, roles: Sequence[str]) -> Override:
    """The override as the resolver takes it. Raises ValidationError."""
    start, end = begins(given["start"], zone), ends(given["end"], zone)
    remove, add, role = (given.get(name) or "" for name in ("remove", "add", "role"))
    wrong: dict[str, list[str]] = {}
    if end <= start:
        wrong["end"] = ["The override must end after it starts."]
    if not remove and not add:
        wrong["add"] = ["Say who is on, who is not, or both."]
    elif remove == add:
        wrong["add"] = ["Somebody cannot be on for themselves."]
    if role and role not in roles:
        wrong["role"] = [f"No layer has the role “{role}”."]
    elif add and not remove and not role and len(roles) > 1:
        wrong["role"] = [f"Say in which role {add} is on: {', '.join(roles)}."]
    if wrong:
        raise serializers.ValidationError(wrong)
    return Override(start, end, remove, add, role)


def overlaps(overrides: Sequence[Override]) -> list[tuple[int, str]]:
    """Those that touch a person another one before them touches at the same time, with a sentence."""
    found = []
    for index, override in enumerate(overrides):
        for place, other in enumerate(overrides[:index]):
            apart = other.end <= override.start or other.start >= override.end
            shared = {override.remove, override.add} & {other.remove, other.add} - {""}
            if shared and not apart and (not override.role or not other.role or override.role == other.role):
                who = sorted(shared)[0]
                found.append((index, f"It touches {who}, whom override {place + 1} touches at the same time."))
                break
    return found
