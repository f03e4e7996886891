"""Definition and window to final shifts, gaps and doubles; definition and instant to who is on, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple, Protocol

from apps.rotations.resolving.definition import Definition, Layer, Override
from apps.rotations.resolving.turns import turns_in
from apps.rotations.resolving.windows import windows_in

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Because:
    """Why somebody is on: the layer and its turn or entry, or the override (both counted from 0)."""

    layer: int | None = None
    turn: int | None = None
    entry: str = ""
    override: int | None = None


class OnCall(NamedTuple):
    """One person in one role, and why."""

    person: str
    because: Because


@dataclass(frozen=True)
class Shift:
    """Who is on in a role from `start` until before `end`; at least one person."""

    role: str
    start: datetime
    end: datetime
    on: tuple[OnCall, ...]

    @property
    def people(self) -> tuple[str, ...]:
        """Their names, each once."""
        return tuple(each.person for each in self.on)


class Held(Protocol):
    """A role held by people for a while: a shift, however it is told."""

    @property
    def role(self) -> str: ...
    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def people(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Gap:
    """Nobody is on in the role."""

    role: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Double:
    """One person is on in several roles at once."""

    person: str
    roles: tuple[str, ...]
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Schedule:
    """What a definition comes to within a window: shifts by role and time, cut to the window."""

    shifts: tuple[Shift, ...]
    gaps: tuple[Gap, ...]
    doubles: tuple[Double, ...]


class Segment(NamedTuple):
    """A layer's say: these people from `start` until before `end`.

    `place` orders those who are on at once, so that the order does not hang on the window asked for.
    """

    start: datetime
    end: datetime
    on: tuple[OnCall, ...]
    place: int = 0


def resolve(definition: Definition, start: datetime, end: datetime, *, roles: Sequence[str] | None = None) -> Schedule:
    """The final schedule within [start, end), both aware; every instant has one answer in each role.

    With `roles` only of these.
    """
    shifts: list[Shift] = []
    gaps: list[Gap] = []
    for role in definition.roles:
        if roles is not None and role not in roles:
            continue
        for answer in _answers(definition, role, start, end):
            if answer.on:
                shifts.append(Shift(role, answer.start, answer.end, answer.on))
            else:
                gaps.append(Gap(role, answer.start, answer.end))
    return Schedule(tuple(shifts), tuple(gaps), tuple(doubles_in(shifts)))


def on_at(definition: Definition, at: datetime) -> dict[str, tuple[OnCall, ...]]:
    """Who is on at the instant, by role; empty where nobody is. It is the schedule of that instant."""
    end = at + INSTANT
    return {role: answer.on for role in definition.roles for answer in _answers(definition, role, at, end)}


def _answers(definition: Definition, role: str, start: datetime, end: datetime) -> Iterator[Segment]:
    """Who is on in the role, from `start` to `end` without holes; neighbours differ."""
    if start >= end:
        return
    by_priority: dict[int, list[list[Segment]]] = {}
    for index, layer in enumerate(definition.layers):
        if layer.role == role:
            said = list(_segments(definition, index, layer, start, end))
            by_priority.setdefault(layer.priority, []).append(said)
    layers = [by_priority[priority] for priority in sorted(by_priority, reverse=True)]
    overrides = [
        (index, override)
        for index, override in enumerate(definition.overrides)
        if override.role in ("", role) and override.start < end and override.end > start
    ]
    instants = {start, end}
    for equals in layers:
        for said in equals:
            for segment in said:
                instants.add(segment.start)
                instants.add(segment.end)
    for _, override in overrides:
        instants.add(max(override.start, start))
        instants.add(min(override.end, end))
    saying = [[_Said(said) for said in equals] for equals in layers]
    pending: Segment | None = None
    for since, until in pairwise(sorted(instants)):
        on = _of_layers(saying, since)
        acting = [pair for pair in overrides if pair[1].start <= since < pair[1].end]
        if acting:
            on = _overridden(on, acting)
        if pending is not None and pending.on == on:
            pending = Segment(pending.start, until, on)
            continue
        if pending is not None:
            yield pending
        pending = Segment(since, until, on)
    if pending is not None:
        yield pending


class _Said:
    """What one layer says, asked at ever later instants."""

    def __init__(self, segments: list[Segment]) -> None:
        self.waiting = sorted(segments, key=lambda segment: segment.start, reverse=True)
        self.live: list[Segment] = []

    def at(self, instant: datetime) -> tuple[OnCall, ...]:
        while self.waiting and self.waiting[-1].start <= instant:
            self.live.append(self.waiting.pop())
            self.live.sort(key=lambda segment: segment.place)
        if any(segment.end <= instant for segment in self.live):
            self.live = [segment for segment in self.live if segment.end > instant]
        return tuple(each for segment in self.live for each in segment.on)


def _of_layers(layers: Sequence[Sequence[_Said]], instant: datetime) -> tuple[OnCall, ...]:
    """The highest priority that has somebody; equal ones together, each person once."""
    # All are asked, so that each moves along.
    answers = [[said.at(instant) for said in equals] for equals in layers]
    for equals in answers:
        people: dict[str, OnCall] = {}
        for on in equals:
            for each in on:
                people.setdefault(each.person, each)
        if people:
            return tuple(people.values())
    return ()


def _overridden(on: tuple[OnCall, ...], acting: Sequence[tuple[int, Override]]) -> tuple[OnCall, ...]:
    """The layers' answer after the overrides, all of which look at that answer and not at each other."""
    gone = {override.remove: (index, override) for index, override in acting if override.remove}
    after: dict[str, OnCall] = {}
    for each in on:
        if each.person not in gone:
            after.setdefault(each.person, each)
        elif add := gone[each.person][1].add:
            after.setdefault(add, OnCall(add, Because(override=gone[each.person][0])))
    for index, override in acting:
        if override.add and not override.remove:
            after.setdefault(override.add, OnCall(override.add, Because(override=index)))
    return tuple(after.values())


def _segments(definition: Definition, index: int, layer: Layer, start: datetime, end: datetime) -> Iterator[Segment]:
    """What the layer says within [start, end): cut to it, to the layer's validity and to its active windows."""
    since = max(start, layer.valid_from) if layer.valid_from else start
    until = min(end, layer.valid_until) if layer.valid_until else end
    if since >= until:
        return
    said = _unbounded(definition, index, layer, since, until)
    if layer.active is None:
        for segment in said:
            yield segment._replace(start=max(segment.start, since), end=min(segment.end, until))
        return
    windows = list(windows_in(layer.active, definition.zone, since, until))
    reached = 0
    for segment in sorted(said, key=lambda segment: segment.start):
        begins, ends = max(segment.start, since), min(segment.end, until)
        while reached < len(windows) and windows[reached][1] <= begins:
            reached += 1
        for opens, closes in windows[reached:]:
            if opens >= ends:
                break
            yield segment._replace(start=max(begins, opens), end=min(ends, closes))


def _unbounded(definition: Definition, index: int, layer: Layer, start: datetime, end: datetime) -> Iterator[Segment]:
    if layer.people:
        yield Segment(start, end, _on(layer.people, Because(layer=index)))
    if layer.turns is not None:
        for turn in turns_in(layer.turns, layer.active, definition.zone, start, end):
            yield Segment(turn.start, turn.end, _on(turn.people, Because(layer=index, turn=turn.number)), 1)
    for place, entry in enumerate(layer.entries, 2):
        if entry.start < end and entry.end > start and entry.start < entry.end:
            yield Segment(entry.start, entry.end, _on(entry.people, Because(layer=index, entry=entry.label)), place)


def _on(people: Sequence[str], because: Because) -> tuple[OnCall, ...]:
    return tuple(OnCall(person, because) for person in people)


def doubles_in(shifts: Sequence[Held]) -> Iterator[Double]:
    """When one person is on in several roles; those in the order in which the shifts name them."""
    places = {role: place for place, role in enumerate(dict.fromkeys(shift.role for shift in shifts))}
    by_person: dict[str, list[Held]] = {}
    for shift in shifts:
        for person in shift.people:
            by_person.setdefault(person, []).append(shift)
    for person, own in by_person.items():
        if len({shift.role for shift in own}) < 2:
            continue
        held: Double | None = None
        instants = sorted({shift.start for shift in own} | {shift.end for shift in own})
        said = _Said(
            [Segment(shift.start, shift.end, (OnCall(shift.role, Because()),), places[shift.role]) for shift in own]
        )
        for since, until in pairwise(instants):
            roles = tuple(dict.fromkeys(each.person for each in said.at(since)))
            if held is not None and held.end == since and held.roles == roles:
                held = Double(person, roles, held.start, until)
                continue
            if held is not None:
                yield held
            held = Double(person, roles, since, until) if len(roles) > 1 else None
        if held is not None:
            yield held
