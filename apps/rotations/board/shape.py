"""The shape of a rotation's timeline: a row a role with its final segments, and below it its layers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from apps.rotations.effects import Leave
from apps.rotations.resolving.definition import Definition
from apps.rotations.resolving.resolver import Double, doubles_in, resolve
from apps.rotations.timeline import Duty, Explain, OnDuty, Timeline, joined


@dataclass(frozen=True)
class Acting:
    """An override as the final schedule tells of it; `told` is the reason it gives for whoever is on by it."""

    key: int
    start: datetime
    end: datetime
    role: str
    add: str
    remove: str
    told: str


@dataclass(frozen=True)
class Segment:
    """Who is on in a role from `start` until before `end`, and what is remarkable about it; people are emails.

    One that `begins_before` or `ends_after` what was looked at is cut to the weeks that are shown. `overrides` are the
    keys of those that make it so, `doubles` when somebody of it is on in another role as well, `leaves` when somebody
    of it is away.
    """

    role: str
    start: datetime
    end: datetime
    people: tuple[str, ...]
    because: tuple[OnDuty, ...]
    overrides: tuple[int, ...] = ()
    doubles: tuple[Double, ...] = ()
    leaves: tuple[Leave, ...] = ()
    begins_before: bool = False
    ends_after: bool = False

    @property
    def gap(self) -> bool:
        """Nobody is on."""
        return not self.people

    def holds(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


@dataclass(frozen=True)
class LayerRow:
    """What one layer alone says for its role, before other layers and overrides."""

    role: str
    name: str
    duties: tuple[Duty, ...]


def segments(
    wide: Timeline,
    start: datetime,
    end: datetime,
    overrides: Sequence[Acting] = (),
    leaves: Sequence[Leave] = (),
) -> list[Segment]:
    """The final schedule by role and time, gaps too: what touches [start, end), with the ends it has in `wide`."""
    duties = [duty for duty in wide.duties if duty.start < end and duty.end > start]
    doubles: dict[str, list[Double]] = {}
    for double in doubles_in([duty for duty in duties if duty.on]):
        doubles.setdefault(double.person, []).append(double)
    away: dict[str, list[Leave]] = {}
    for leave in leaves:
        away.setdefault(leave.person, []).append(leave)
    return [
        Segment(
            role=duty.role,
            start=duty.start if duty.start > wide.start else start,
            end=duty.end if duty.end < wide.end else end,
            people=duty.people,
            because=duty.on,
            overrides=tuple(each.key for each in overrides if _makes(each, duty)),
            doubles=tuple(
                double
                for person in duty.people
                for double in doubles.get(person, ())
                if duty.role in double.roles and double.start < duty.end and double.end > duty.start
            ),
            leaves=tuple(
                leave
                for person in duty.people
                for leave in away.get(person, ())
                if leave.start < duty.end and leave.end > duty.start
            ),
            begins_before=duty.start <= wide.start,
            ends_after=duty.end >= wide.end,
        )
        for duty in duties
    ]


def layer_rows(definition: Definition, names: Sequence[str], explain: Explain, timeline: Timeline) -> list[LayerRow]:
    """What each layer says by itself in the timeline's window; those of one name, which follow each other, are one."""
    rows: dict[tuple[str, str], list[Duty]] = {}
    for index, (layer, name) in enumerate(zip(definition.layers, names, strict=True)):
        if layer.role not in timeline.roles or not (layer.people or layer.turns or layer.entries or layer.name):
            continue
        alone = resolve(replace(definition, layers=(layer,), overrides=()), timeline.start, timeline.end)
        found = rows.setdefault((layer.role, layer.name or name), [])
        for shift in alone.shifts:
            on = tuple(OnDuty(each.person, explain(replace(each.because, layer=index))) for each in shift.on)
            found.append(Duty(shift.role, shift.start, shift.end, on))
    return [
        LayerRow(role, name, tuple(joined(sorted(duties, key=lambda duty: duty.start))))
        for (role, name), duties in rows.items()
    ]


def _makes(override: Acting, duty: Duty) -> bool:
    """Whether the override is why it is so: by it somebody is on, or somebody is not who would be."""
    if override.role not in ("", duty.role) or override.start >= duty.end or override.end <= duty.start:
        return False
    if override.add:
        return any(each.person == override.add and each.because == override.told for each in duty.on)
    return override.remove not in duty.people
