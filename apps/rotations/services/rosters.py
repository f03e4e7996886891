"""Who takes a layer's turns, from an instant on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from apps.people.models import Agent
from apps.rotations import turning
from apps.rotations.definitions import turns_of
from apps.rotations.errors import RosterStays, RotationRefused
from apps.rotations.events import RosterChanged, RosterWithdrawn
from apps.rotations.models import Layer, Participant, Roster
from apps.rotations.services.history import keep_history
from apps.rotations.services.moving import look_ahead, tell
from apps.rotations.turning import Handoff, People
from apps.rotations.validation.rosters import roster_problems, why_not_at
from apps.trail import services as trail


@transaction.atomic
def change_roster(
    layer: Layer, turns: Sequence[Sequence[str]], *, effective_at: datetime | None = None, now: datetime
) -> Roster:
    """From `effective_at` (None: the next handoff) these take the layer's turns, by email; several may share one.

    Whoever would be next and is in the new roster comes next; the turn that runs stays whose it is. Where no turn has
    begun yet, or the layer is not by turns, None is from the beginning or from now. Raises RotationRefused.
    """
    rotation = keep_history(layer.rotation, now=now)
    handoff = next_in(_fresh(layer), now=now)
    looked = look_ahead(rotation, from_=effective_at or (handoff and handoff.at), now=now)
    made = put_roster(layer, turns, effective_at=effective_at, now=now)
    tell(rotation, looked, change=f"the roster of {layer.name}", now=now)
    return made


def put_roster(
    layer: Layer, turns: Sequence[Sequence[str]], *, effective_at: datetime | None = None, now: datetime
) -> Roster:
    """The same in a rotation whose history is kept, without a word to whom it moves."""
    layer = _fresh(layer)
    people = tuple(tuple(email.strip().lower() for email in turn) for turn in turns)
    if found := roster_problems(people):
        raise RotationRefused({f"participants{path}": sentences for path, sentences in found.items()})
    handoff = next_in(layer, now=now)
    if effective_at is not None and (reason := why_not_at(effective_at, layer, handoff, now=now)):
        raise RotationRefused({"effective_at": [reason]})
    rosters = list(layer.rosters.all())
    at = _when(layer, rosters, effective_at, handoff, now=now)
    if at is None:
        # Nothing was ever taken by it, so there is nothing to go on from.
        layer.rosters.all().delete()
        return _write(layer, rosters[-1].turns if rosters else (), people, None, 0, now=now)
    before = [roster for roster in rosters if roster.effective_at is None or roster.effective_at < at]
    old = before[-1] if before else None
    if old is not None and old.turns == people and not any(roster.effective_at == at for roster in rosters):
        return old
    layer.rosters.filter(effective_at=at).delete()
    made = _write(layer, old.turns if old else (), people, at, _offset(layer, old, people, at, handoff), now=now)
    _go_on(layer, made)
    return made


@transaction.atomic
def withdraw_roster(roster: Roster, *, now: datetime) -> None:
    """A roster that has not taken over yet never will; the one before it goes on. Raises RosterStays."""
    rotation = keep_history(roster.layer.rotation, now=now)
    row = Roster.objects.filter(pk=roster.pk).select_related("layer__rotation").first()
    if row is None:
        return
    if row.effective_at is None or row.effective_at <= now:
        raise RosterStays("This roster has taken over already. Change it from a coming handoff on instead.")
    layer, at, people = _fresh(row.layer), row.effective_at, row.turns
    looked = look_ahead(rotation, from_=at, now=now)
    row.delete()
    remaining = [each for each in layer.rosters.all() if each.effective_at is None or each.effective_at < at]
    if remaining:
        _go_on(layer, remaining[-1])
    event = RosterWithdrawn(
        rotation=layer.rotation.slug,
        name=layer.rotation.name,
        layer=layer.name,
        effective_at=at,
        people=[list(turn) for turn in people],
    )
    entry = trail.record(event, about=[layer.rotation], now=now)
    tell(rotation, looked, change=f"the planned roster of {layer.name} was withdrawn", cause=entry, now=now)


def next_in(layer: Layer, *, now: datetime) -> Handoff | None:
    """When the layer's turns change hands next; None where it is not by turns, or they never do."""
    turns = turns_of(layer)
    return turning.next_handoff(turns, layer.active, ZoneInfo(layer.rotation.time_zone), now) if turns else None


def _fresh(layer: Layer) -> Layer:
    return (
        Layer.objects.select_related("rotation", "role")
        .prefetch_related("rosters__participants__agent")
        .get(pk=layer.pk)
    )


def _when(
    layer: Layer, rosters: Sequence[Roster], asked: datetime | None, handoff: Handoff | None, *, now: datetime
) -> datetime | None:
    """From when a roster counts; None is from the beginning."""
    if not rosters:
        return None
    if layer.kind == Layer.Kind.TURNS:
        if asked is None and (handoff is None or handoff.number == 0):
            return None
        return asked or (handoff and handoff.at)
    return asked or now


def _offset(layer: Layer, old: Roster | None, people: People, at: datetime, handoff: Handoff | None) -> int:
    turns = turns_of(layer)
    if turns is None or old is None:
        return 0
    if handoff is not None and handoff.at == at:
        number: int | None = handoff.number
    else:
        number = turning.turn_at(turns, layer.active, ZoneInfo(layer.rotation.time_zone), at)
    if number is None:
        return 0
    return turning.offset_for(old.turns, layer.index_offset + old.offset, people, number, layer.index_offset)


def _go_on(layer: Layer, from_roster: Roster) -> None:
    """The rosters planned after this one go on from it: whoever would be next, with it in between, comes next."""
    old = from_roster
    for roster in _fresh(layer).rosters.all():
        if roster.effective_at is None or (old.effective_at and roster.effective_at <= old.effective_at):
            continue
        roster.offset = _offset(layer, old, roster.turns, roster.effective_at, None)
        roster.save(update_fields=["offset"])
        old = roster


def _write(layer: Layer, before: People, people: People, at: datetime | None, offset: int, *, now: datetime) -> Roster:
    roster = Roster.objects.create(layer=layer, effective_at=at, offset=offset)
    agents = {agent.email: agent for agent in Agent.objects.filter(email__in=_all(people))}
    Participant.objects.bulk_create(
        Participant(roster=roster, place=place, agent=agents[email])
        for place, turn in enumerate(people, start=1)
        for email in turn
    )
    event = RosterChanged(
        rotation=layer.rotation.slug,
        name=layer.rotation.name,
        layer=layer.name,
        role=layer.role.name,
        effective_at=at,
        before=[list(turn) for turn in before],
        after=[list(turn) for turn in people],
    )
    trail.record(event, about=[layer.rotation], now=now)
    return roster


def _all(people: Iterable[Sequence[str]]) -> set[str]:
    return {email for turn in people for email in turn}
