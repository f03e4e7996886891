"""What a definition comes to, without storing anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework import serializers

from apps.api.fields import Instant, Strict
from apps.api.instants import write_instant
from apps.rotations.api.definitions import DefinitionSerializer
from apps.rotations.api.fields import Moment, begins
from apps.rotations.effects import effect
from apps.rotations.resolving.definition import Definition, Turns
from apps.rotations.resolving.resolver import on_at, resolve
from apps.rotations.resolving.wallclock import Unit
from apps.rotations.timeline import Timeline, told
from apps.rotations.wording import numbered, skipped_starts, why

LONGEST = timedelta(days=400)
MOST_INSTANTS = 1_000
# More turns and windows than this take seconds; a year of 50 weekly layers is far below.
MOST_TURNS = 20_000
UNITS = {Unit.HOUR: timedelta(hours=1), Unit.DAY: timedelta(days=1), Unit.WEEK: timedelta(weeks=1)}
MONTH = timedelta(days=30)

EXAMPLE_DEFINITION: dict[str, Any] = {
    "tz": "Europe/London",
    "layers": [
        {
            "role": "primary",
            "rotation": {"unit": "week", "start_local": "2026-03-23T09:00", "participants": ["ana", "ben"]},
        }
    ],
}
EXAMPLE_AT: dict[str, Any] = {"definition": EXAMPLE_DEFINITION, "at": ["2026-03-30T08:00:00Z"]}
EXAMPLE_AT_ANSWER: dict[str, Any] = {"at": [{"at": "2026-03-30T08:00:00Z", "on_call": {"primary": ["ben"]}}]}
EXAMPLE_WINDOW: dict[str, Any] = {
    "definition": EXAMPLE_DEFINITION,
    "from": "2026-03-30T08:00:00Z",
    "until": "2026-04-06T08:00:00Z",
}
EXAMPLE_WINDOW_ANSWER: dict[str, Any] = {
    "shifts": [
        {
            "role": "primary",
            "people": ["ben"],
            "start": "2026-03-30T08:00:00Z",
            "end": "2026-04-06T08:00:00Z",
            "because": "turn 2 of layer 1",
        }
    ],
    "gaps": [],
    "doubles": [],
    "warnings": ["ana is in the roster and never serves in this window."],
}


class PreviewSerializer(Strict):
    """A definition, and a window or instants to answer for."""

    definition = DefinitionSerializer()
    at = serializers.ListField(
        child=Moment(), required=False, max_length=MOST_INSTANTS, help_text="Who is on at each of these, instead."
    )

    def get_fields(self) -> dict[str, Any]:
        # "from" is a word of Python's.
        fields: dict[str, Any] = super().get_fields()
        return {**fields, "from": Moment(required=False), "until": Moment(required=False)}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        definition: Definition = attrs["definition"]["made"]
        if "at" in attrs:
            return {**attrs, "at": [begins(at, definition.zone) for at in attrs["at"]]}
        if missing := [name for name in ("from", "until") if name not in attrs]:
            raise serializers.ValidationError(dict.fromkeys(missing, "Say from when until when, or at which instants."))
        start, end = window(attrs["from"], attrs["until"], definition.zone)
        if turns_in(definition, end - start) > MOST_TURNS:
            raise serializers.ValidationError(
                {"until": f"This window has more than {MOST_TURNS:,} turns and windows: ask for a shorter one."}
            )
        return {**attrs, "from": start, "until": end}


class GapSerializer(Strict):
    """Nobody is on in the role."""

    role = serializers.CharField()
    start = Instant()
    end = Instant()


class DoubleSerializer(Strict):
    """One person is on in several roles at once."""

    person = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    start = Instant()
    end = Instant()


class PreviewShiftSerializer(Strict):
    """Who is on in a role, and why."""

    role = serializers.CharField()
    people = serializers.ListField(child=serializers.CharField())
    start = Instant()
    end = Instant()
    because = serializers.CharField(help_text="Such as “turn 3 of layer 1”; turns and layers are counted from 1.")


class InstantAnswerSerializer(Strict):
    """Who is on at an instant, by role; nobody is an empty list."""

    at = Instant()
    on_call = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class PreviewAnswerSerializer(Strict):
    """With instants only `at`, and `warnings` if there are any; else all the others."""

    at = InstantAnswerSerializer(many=True, required=False)
    shifts = PreviewShiftSerializer(many=True, required=False)
    gaps = GapSerializer(many=True, required=False)
    doubles = DoubleSerializer(many=True, required=False)
    warnings = serializers.ListField(child=serializers.CharField(), required=False)


def window(start: datetime, end: datetime, zone: ZoneInfo, names: tuple[str, str] = ("from", "until")) -> Any:
    """Both as instants. Raises ValidationError."""
    since, until = begins(start, zone), begins(end, zone)
    if until <= since:
        raise serializers.ValidationError({names[1]: f"This must be after {names[0]}."})
    if until - since > LONGEST:
        raise serializers.ValidationError({names[1]: f"Ask for at most {LONGEST.days} days at a time."})
    return since, until


def turns_in(definition: Definition, length: timedelta) -> int:
    """About how many turns and windows resolving so long a time goes through."""
    count = 0
    for layer in definition.layers:
        count += length.days if layer.active else 1
        if layer.turns:
            count += length // (UNITS.get(layer.turns.unit, MONTH) * layer.turns.length)
    return count


def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The preview's answer, JSON-ready."""
    definition: Definition = asked["definition"]["made"]
    warnings = [*_empty(definition), *_skipped(definition)]
    if "at" in asked:
        found: dict[str, Any] = {
            "at": [
                {
                    "at": write_instant(at),
                    "on_call": {role: [each.person for each in on] for role, on in on_at(definition, at).items()},
                }
                for at in asked["at"]
            ]
        }
        return {**found, "warnings": warnings} if warnings else found
    timeline = timeline_of(definition, asked["from"], asked["until"])
    return {**shown(timeline), "warnings": [*warnings, *_warnings(definition, timeline)]}


def timeline_of(definition: Definition, start: datetime, end: datetime) -> Timeline:
    """The definition's timeline; its layers and overrides are called by their numbers."""
    layers, overrides = numbered("layer", len(definition.layers)), numbered("override", len(definition.overrides))
    return told(
        resolve(definition, start, end),
        lambda because: why(because, layers, overrides),
        roles=definition.roles,
        start=start,
        end=end,
    )


def shown(timeline: Timeline) -> dict[str, Any]:
    """A timeline, JSON-ready; people are what they are called in it."""
    return {
        "shifts": [
            {
                "role": duty.role,
                "people": list(duty.people),
                "start": write_instant(duty.start),
                "end": write_instant(duty.end),
                "because": duty.because,
            }
            for duty in timeline.shifts
        ],
        "gaps": [
            {"role": gap.role, "start": write_instant(gap.start), "end": write_instant(gap.end)}
            for gap in timeline.gaps
        ],
        "doubles": [
            {
                "person": double.person,
                "roles": list(double.roles),
                "start": write_instant(double.start),
                "end": write_instant(double.end),
            }
            for double in timeline.doubles
        ],
    }


def _empty(definition: Definition) -> Iterable[str]:
    for number, layer in enumerate(definition.layers, start=1):
        if not (layer.people or layer.entries or (layer.turns and layer.turns.participants)):
            yield f"Nobody is in layer {number}, so it does not cover {layer.role}."


def _skipped(definition: Definition) -> Iterable[str]:
    return (said for _, said in skipped_starts(definition, numbered("layer", len(definition.layers))))


def _warnings(definition: Definition, timeline: Timeline) -> Iterable[str]:
    named = [person for layer in definition.layers for person in _people(layer.turns, layer.people)]
    found = effect(None, timeline, named=named)
    for role in dict.fromkeys(gap.role for gap in found.gaps):
        count = sum(gap.role == role for gap in found.gaps)
        yield f"Nobody is {role} at times: {count} gap{'' if count == 1 else 's'}."
    for person in dict.fromkeys(double.person for double in found.doubles):
        yield f"{person} is on in several roles at once at times."
    for person in found.never:
        yield f"{person} is in the roster and never serves in this window."


def _people(turns: Turns | None, people: Iterable[str]) -> list[str]:
    return [*people, *(person for turn in (turns.participants if turns else ()) for person in turn)]
