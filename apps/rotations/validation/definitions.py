"""Why a rotation cannot be as it is asked for."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime

from django.core.exceptions import ValidationError

from apps.people.models import Team, valid_channel_id, valid_time_zone
from apps.rotations.models import Calendar, Layer, Override, Role, Rotation, Shift
from apps.rotations.resolving.definition import WEEK, Advance
from apps.rotations.resolving.wallclock import Unit
from apps.rotations.specs import LayerSpec, RotationSpec
from apps.rotations.validation.rosters import roster_problems
from apps.trail.instants import slip_in

Problems = dict[str, list[str]]

MOST_ROLES = 10
MOST_LAYERS = 30
MOST_OFFSET = 1_000
MOST_PRIORITY = 1_000
# A turn is at most about a year long.
LONGEST = {Unit.HOUR: 8_784, Unit.DAY: 366, Unit.WEEK: 53, Unit.MONTH: 12}
# /api/v1/rotations/preview/ is not a rotation, nor is /rotations/swaps/ or /rotations/cycles/new/.
RESERVED = frozenset({"preview", "swaps", "cycles", "handovers", "new"})
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,50}")


class Found:
    """Problems by field path, as they are found."""

    def __init__(self) -> None:
        self.problems: Problems = {}

    def say(self, path: str, sentence: str) -> None:
        self.problems.setdefault(path, []).append(sentence)


def problems(spec: RotationSpec, rotation: Rotation | None = None, *, now: datetime) -> Problems:
    """What is wrong with `spec`, by field path; empty when it can be saved as `rotation` (None: a new one)."""
    found = Found()
    _itself(spec, rotation, found)
    _roles(spec, found)
    if rotation is not None:
        _what_goes(spec, rotation, found, now=now)
    if len(spec.layers) > MOST_LAYERS:
        found.say("layers", f"A rotation has at most {MOST_LAYERS} layers.")
        return found.problems
    names = [name_of(layer, index).lower() for index, layer in enumerate(spec.layers)]
    roles = {role.name.strip() for role in spec.roles}
    for index, layer in enumerate(spec.layers):
        at = f"layers.{index}"
        if len(name_of(layer, index)) > 100:
            found.say(f"{at}.name", "A name has at most 100 characters.")
        if names.index(names[index]) < index:
            found.say(f"{at}.name", f"Two layers are called “{name_of(layer, index)}”.")
        if layer.role.strip() not in roles:
            found.say(f"{at}.role", f"The rotation has no role “{layer.role}”.")
        for path, sentences in layer_problems(layer).items():
            for sentence in sentences:
                found.say(f"{at}.{path}", sentence)
        for path, sentences in roster_problems(layer.participants or ()).items():
            for sentence in sentences:
                found.say(f"{at}.participants{path}", sentence)
    return found.problems


def name_of(layer: LayerSpec, index: int) -> str:
    """What the layer is called, whether somebody named it or not."""
    return layer.name.strip() or f"{layer.role.strip()} {index + 1}"


def layer_problems(layer: LayerSpec) -> Problems:
    """What is wrong with the arithmetic of one layer."""
    found = Found()
    if abs(layer.priority) > MOST_PRIORITY:
        found.say("priority", f"A priority is between -{MOST_PRIORITY} and {MOST_PRIORITY}.")
    if layer.kind not in Layer.Kind.values:
        found.say("kind", f"“{layer.kind}” is no kind of layer; there are {', '.join(Layer.Kind.values)}.")
    if layer.kind == Layer.Kind.TURNS:
        _turns(layer, found)
    if layer.kind == Layer.Kind.SHIFTS and layer.shift_kind not in Shift.Kind.values:
        found.say("shift_kind", f"Say which shifts count: {' or '.join(Shift.Kind.values)}.")
    if layer.kind == Layer.Kind.CALENDAR:
        if not Calendar.objects.filter(name=layer.calendar.strip(), purpose=Calendar.Purpose.SHIFTS).exists():
            said = f"There is no calendar of shifts “{layer.calendar}”." if layer.calendar.strip() else ""
            found.say("calendar", said or "Say which calendar's entries count.")
        if layer.shift_kind and layer.shift_kind not in Shift.Kind.values:
            found.say("shift_kind", f"Say which entries count: {' or '.join(Shift.Kind.values)}, or leave it empty.")
    for day in layer.active_days:
        if day not in WEEK:
            found.say("active_days", f"“{day}” is no day; there are {', '.join(WEEK)}.")
    for name, at in (("valid_from", layer.valid_from), ("valid_until", layer.valid_until)):
        if at is not None and (slip := slip_in(at)):
            found.say(name, slip)
    if layer.valid_from and layer.valid_until and layer.valid_until <= layer.valid_from:
        found.say("valid_until", "This must be after the layer is valid from.")
    return found.problems


def _turns(layer: LayerSpec, found: Found) -> None:
    units = [unit.value for unit in Unit]
    if layer.unit not in units:
        found.say("unit", f"“{layer.unit}” is no unit; there are {', '.join(units)}.")
    elif layer.length < 1:
        found.say("length", "A turn is at least one unit long.")
    elif layer.length > LONGEST[Unit(layer.unit)]:
        found.say("length", f"A turn is at most a year long: {LONGEST[Unit(layer.unit)]} {layer.unit}s.")
    if layer.start_local is None:
        found.say("start_local", "Say when the first turn begins.")
    elif slip := slip_in(layer.start_local):
        found.say("start_local", slip)
    if abs(layer.index_offset) > MOST_OFFSET:
        found.say("index_offset", f"An offset is between -{MOST_OFFSET} and {MOST_OFFSET}.")
    if layer.advance not in [advance.value for advance in Advance]:
        found.say("advance", f"“{layer.advance}” is no way to advance; there are calendar and active_day.")
    elif layer.advance == Advance.ACTIVE_DAY.value and layer.unit != Unit.DAY.value:
        found.say("advance", "Only turns of days can count active days alone: choose the unit day, or calendar.")
    if layer.turn_active_minutes is not None and not 1 <= layer.turn_active_minutes <= 527_040:
        found.say("turn_active_minutes", "This is between one minute and a year; leave it empty for all of the turn.")


def _itself(spec: RotationSpec, rotation: Rotation | None, found: Found) -> None:
    if not spec.name.strip():
        found.say("name", "Give the rotation a name.")
    elif len(spec.name) > 100:
        found.say("name", "A name has at most 100 characters.")
    if not SLUG.fullmatch(spec.slug):
        found.say("slug", "A slug has at most 50 letters, digits, hyphens and underscores, such as set-emea.")
    elif spec.slug in RESERVED:
        found.say("slug", f"“{spec.slug}” is an address of its own: choose another slug.")
    elif rotation is not None and spec.slug != rotation.slug:
        found.say("slug", "The slug stays: addresses and the trail know the rotation by it.")
    elif Rotation.objects.filter(slug=spec.slug).exclude(pk__in=[rotation.pk] if rotation else []).exists():
        found.say("slug", f"There is a rotation “{spec.slug}” already.")
    if not Team.objects.filter(slug=spec.team).exists():
        found.say("team", f"There is no team “{spec.team}”." if spec.team else "Say whose rotation it is.")
    try:
        valid_time_zone(spec.time_zone)
    except ValidationError as refused:
        found.say("time_zone", refused.messages[0])
    if spec.channel:
        try:
            valid_channel_id(spec.channel)
        except ValidationError as refused:
            found.say("channel", refused.messages[0])


def _roles(spec: RotationSpec, found: Found) -> None:
    if not spec.roles:
        found.say("roles", "A rotation has at least one role, such as primary.")
    if len(spec.roles) > MOST_ROLES:
        found.say("roles", f"A rotation has at most {MOST_ROLES} roles.")
    counted = Counter(role.name.strip().lower() for role in spec.roles)
    for index, role in enumerate(spec.roles):
        if not role.name.strip():
            found.say(f"roles.{index}.name", "Give the role a name, such as primary.")
        elif len(role.name) > 50:
            found.say(f"roles.{index}.name", "A role's name has at most 50 characters.")
        elif counted[role.name.strip().lower()] > 1:
            found.say(f"roles.{index}.name", f"Two roles are called “{role.name.strip()}”.")
        if len(role.user_group) > 80 or re.search(r"\s", role.user_group.strip()):
            found.say(f"roles.{index}.user_group", "This is neither a Slack user group's id nor its @handle.")


def _what_goes(spec: RotationSpec, rotation: Rotation, found: Found, *, now: datetime) -> None:
    names, keys = {role.name.strip() for role in spec.roles}, {role.key for role in spec.roles}
    going = [role for role in Role.objects.filter(rotation=rotation) if role.pk not in keys and role.name not in names]
    for role in going:
        if Override.objects.filter(role=role, ends_at__gt=now).exists():
            found.say("roles", f"There are overrides of the role “{role}”: withdraw them first, or keep the role.")
