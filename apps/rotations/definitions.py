"""A rotation's rows as the resolver takes them, in a constant number of queries however many rotations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import F, Prefetch, QuerySet

from apps.people.models import Agent
from apps.rotations.models import CalendarEntry, Layer, Override, Participant, Roster, Rotation, Shift
from apps.rotations.resolving import definition as pure
from apps.rotations.resolving.resolver import Because
from apps.rotations.resolving.wallclock import Unit
from apps.rotations.wording import why

# The entries of a layer by its key; what a layer of another kind is filled with is added in `_entries`.
Entries = Mapping[int, Sequence[pure.Entry]]


@dataclass(frozen=True)
class Written:
    """A rotation as it is written: its definition, what its parts are called, and who the emails are."""

    rotation: Rotation
    roles: tuple[str, ...]
    definition: pure.Definition
    layers: tuple[str, ...]
    overrides: tuple[str, ...]
    people: Mapping[str, Agent]

    @property
    def away(self) -> frozenset[str]:
        """Who is named and works here no more."""
        return frozenset(email for email, agent in self.people.items() if not agent.is_active)

    def why(self, because: Because) -> str:
        return why(because, self.layers, self.overrides)


def written(rotations: QuerySet[Rotation], start: datetime, end: datetime) -> list[Written]:
    """Each rotation with the overrides and entries that touch [start, end)."""
    layers = Layer.objects.select_related("role", "calendar").prefetch_related(
        Prefetch(
            "rosters",
            Roster.objects.prefetch_related(Prefetch("participants", Participant.objects.select_related("agent"))),
        )
    )
    overrides = Override.objects.filter(starts_at__lt=end, ends_at__gt=start).select_related(
        "role", "add", "remove", "made_by"
    )
    found = list(
        rotations.select_related("team", "channel").prefetch_related(
            "roles", Prefetch("layers", layers), Prefetch("overrides", overrides, to_attr="acting")
        )
    )
    entries, people = _entries(found, start, end)
    in_calendars, there = _calendar_entries(found, start, end)
    entries, people = {**entries, **in_calendars}, {**people, **there}
    return [_written(rotation, entries, people) for rotation in found]


def turns_of(layer: Layer, roster: Roster | None = None) -> pure.Turns | None:
    """The layer's turns with this roster; None when it is not by turns."""
    if layer.kind != Layer.Kind.TURNS or layer.start_local is None:
        return None
    return pure.Turns(
        unit=Unit(layer.unit),
        start_local=layer.start_local,
        participants=roster.turns if roster else (),
        length=layer.length,
        index_offset=layer.index_offset + (roster.offset if roster else 0),
        advance=pure.Advance(layer.advance),
        turn_active=layer.turn_active,
    )


def _written(rotation: Rotation, entries: Entries, entered: Mapping[str, Agent]) -> Written:
    people: dict[str, Agent] = {}
    layers: list[pure.Layer] = []
    for layer in sorted(rotation.layers.all(), key=lambda layer: (layer.role.position, -layer.priority, layer.pk)):
        for roster in layer.rosters.all():
            people.update((participant.agent.email, participant.agent) for participant in roster.participants.all())
        layers.extend(_layers(layer, entries.get(layer.pk, ())))
        people.update(
            (email, entered[email]) for entry in entries.get(layer.pk, ()) for email in entry.people if email in entered
        )
    filled = {layer.role for layer in layers}
    # A role that nothing fills is a role all the same: a gap that an override can fill.
    layers.extend(pure.Layer(role=role.name) for role in rotation.roles.all() if role.name not in filled)
    overrides: list[Override] = rotation.acting  # type: ignore[attr-defined]
    for override in overrides:
        people.update((agent.email, agent) for agent in (override.add, override.remove) if agent)
    return Written(
        rotation=rotation,
        roles=tuple(role.name for role in rotation.roles.all()),
        definition=pure.Definition(
            zone=ZoneInfo(rotation.time_zone),
            layers=tuple(layers),
            overrides=tuple(
                pure.Override(
                    start=override.starts_at,
                    end=override.ends_at,
                    remove=override.remove.email if override.remove else "",
                    add=override.add.email if override.add else "",
                    role=override.role.name if override.role else "",
                )
                for override in overrides
            ),
        ),
        layers=tuple(f"“{layer.name}”" for layer in layers),
        overrides=tuple(_called(override) for override in overrides),
        people=people,
    )


def _layers(layer: Layer, entries: Sequence[pure.Entry]) -> Iterable[pure.Layer]:
    """One for each roster, valid while it is in force."""
    if layer.kind not in (Layer.Kind.TURNS, Layer.Kind.PEOPLE):
        yield _valid(layer, entries=tuple(entries))
        return
    rosters = list(layer.rosters.all())
    for place, roster in enumerate(rosters):
        until = rosters[place + 1].effective_at if place + 1 < len(rosters) else None
        people = tuple(dict.fromkeys(email for turn in roster.turns for email in turn))
        yield _valid(
            layer,
            since=roster.effective_at,
            until=until,
            people=people if layer.kind == Layer.Kind.PEOPLE else (),
            turns=turns_of(layer, roster),
        )


def _valid(
    layer: Layer,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    people: tuple[str, ...] = (),
    turns: pure.Turns | None = None,
    entries: tuple[pure.Entry, ...] = (),
) -> pure.Layer:
    return pure.Layer(
        role=layer.role.name,
        priority=layer.priority,
        people=people,
        turns=turns,
        entries=entries,
        active=layer.active,
        valid_from=max((at for at in (layer.valid_from, since) if at), default=None),
        valid_until=min((at for at in (layer.valid_until, until) if at), default=None),
        name=layer.name,
    )


def _entries(rotations: Sequence[Rotation], start: datetime, end: datetime) -> tuple[Entries, Mapping[str, Agent]]:
    """What people entered: shifts of the layer's kind, of those in the rotation's team."""
    layers = [
        (layer, rotation.team_id)
        for rotation in rotations
        for layer in rotation.layers.all()
        if layer.kind == Layer.Kind.SHIFTS
    ]
    if not layers:
        return {}, {}
    shifts = (
        Shift.objects.filter(
            starts_at__lt=end,
            ends_at__gt=start,
            kind__in={layer.shift_kind for layer, _ in layers},
            agent__teams__in={team for _, team in layers},
        )
        .select_related("agent")
        .annotate(team=F("agent__teams"))
        .order_by("starts_at", "pk")
    )
    found: dict[int, list[pure.Entry]] = defaultdict(list)
    people: dict[str, Agent] = {}
    for shift in shifts:
        people[shift.agent.email] = shift.agent
        for layer, team in layers:
            if shift.kind == layer.shift_kind and shift.team == team:  # type: ignore[attr-defined]
                label = f"embedded in {shift.product}" if shift.product else "shift"
                found[layer.pk].append(pure.Entry(shift.starts_at, shift.ends_at, (shift.agent.email,), label))
    return found, people


def _calendar_entries(
    rotations: Sequence[Rotation], start: datetime, end: datetime
) -> tuple[Entries, Mapping[str, Agent]]:
    """What calendars say: entries of the layer's kind, or of both kinds, with those of their people who are known."""
    layers = [layer for rotation in rotations for layer in rotation.layers.all() if layer.kind == Layer.Kind.CALENDAR]
    if not layers:
        return {}, {}
    in_calendars = (
        CalendarEntry.objects.filter(
            calendar__in={layer.calendar_id for layer in layers},
            calendar__enabled=True,
            kind__in=Shift.Kind.values,
            starts_at__lt=end,
            ends_at__gt=start,
        )
        .prefetch_related("people")
        .order_by("starts_at", "pk")
    )
    found: dict[int, list[pure.Entry]] = defaultdict(list)
    people: dict[str, Agent] = {}
    for entry in in_calendars:
        there = sorted(entry.people.all(), key=lambda agent: agent.pk)
        people.update((agent.email, agent) for agent in there)
        emails = tuple(agent.email for agent in there)
        for layer in layers:
            if emails and layer.calendar_id == entry.calendar_id and layer.shift_kind in ("", entry.kind):
                label = f"“{entry.summary}”" if entry.summary else "entry"
                found[layer.pk].append(pure.Entry(entry.starts_at, entry.ends_at, emails, label))
    return found, people


def _called(override: Override) -> str:
    by = f" by {override.made_by}" if override.made_by else ""
    return f"override{by}: {override.reason}" if override.reason else f"override{by}"
