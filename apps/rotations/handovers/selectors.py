"""Reads of hand-overs: who is on which side, when people change, what is open."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from apps.people.models import Agent, Team
from apps.rotations.handovers.items import Item, Place, providers
from apps.rotations.handovers.people import LEAD, Hand, Sides, swapped, whole
from apps.rotations.leading import leading
from apps.rotations.models import CycleRun, HandOver, HandOverPerson, Rotation
from apps.rotations.schedules import FARTHEST, Book, book

logger = logging.getLogger(__name__)

INSTANT = timedelta(microseconds=1)
Side = HandOverPerson.Side
Kind = HandOver.Kind


@dataclass(frozen=True)
class Section:
    """The open items of one provider; with a `problem` they could not be read, and nothing is known of them."""

    name: str
    items: tuple[Item, ...] = ()
    places: tuple[Place, ...] = ()
    problem: str = ""


def sides_of(rotation: Rotation, kind: str, changes_at: datetime) -> tuple[Sides, dict[str, Agent]]:
    """Who hands over to whom at the instant, as the rotation says now; and these agents by email."""
    opened = book(rotation, changes_at - FARTHEST, changes_at + FARTHEST)
    people: dict[str, Agent] = {}

    def earlier() -> list[tuple[str, list[str]]]:
        run = CycleRun.objects.filter(cycle__rotation=rotation, ends_at=changes_at, started_at__isnull=False).first()
        if run is None:
            return []
        served = opened.window(run.starts_at, changes_at)
        known = {email: agent for email, agent in opened.written.people.items() if agent.is_active}
        found = [(duty.role, [email for email in duty.people if email in known]) for duty in served.duties]
        people.update({email: known[email] for _, emails in found for email in emails})
        return found

    def on(at: datetime) -> list[tuple[str, list[str]]]:
        found = []
        for current in opened.at(at):
            there = [agent for agent in current.people if agent.is_active]
            people.update({agent.email: agent for agent in there})
            found.append((current.role, [agent.email for agent in there]))
        return found

    before, after = on(changes_at - INSTANT), on(changes_at)
    if kind == Kind.SHORT:
        return swapped(before, after), people
    went = earlier()
    led = leading(rotation)
    if led.agent is not None:
        people[led.agent.email] = led.agent
        return whole(before, after, lead=led.agent.email, earlier=went), people
    return whole(before, after, lead_role=led.role, earlier=went), people


def next_change(rotation: Rotation, now: datetime) -> datetime | None:
    """When the lead's shift ends; that of the first role that ends where it never does. None: nobody knows."""
    opened: Book = book(rotation, now - FARTHEST, now + FARTHEST)
    roles = sorted(opened.at(now), key=lambda each: each.role.casefold() != LEAD)
    return next((each.end for each in roles if each.end), None)


def lead_on_duty(rotation: Rotation, now: datetime) -> Agent | None:
    """Who leads now: whoever signs for those who are on."""
    sides, people = sides_of(rotation, Kind.FULL, now)
    return next((people[hand.email] for hand in sides.incoming if hand.signs), None)


def sections(team: Team) -> list[Section]:
    """What is open of the team's, a section for each provider; one that fails says so, and the others stay."""
    found = []
    for name, provider in providers().items():
        try:
            # A savepoint: what a provider breaks in the database is its own.
            with transaction.atomic():
                found.append(Section(name, tuple(provider.open_items(team)), tuple(provider.channels(team))))
        except Exception:
            logger.exception("What is open of %s was not read for a hand-over of %s", name, team.slug)
            found.append(
                Section(name, problem=f"{name} could not be read, so it is not known what is open. The log says why.")
            )
    return found


def places(handover: HandOver, found: Sequence[Section]) -> list[Place]:
    """The channels the incoming people must be in, each once."""
    rotation = handover.rotation
    own = []
    if rotation.channel:
        own.append(Place(rotation.channel.slack_id, str(rotation.channel), f"{rotation} is announced there"))
    if rotation.team.channel:
        own.append(Place(rotation.team.channel.slack_id, str(rotation.team.channel), f"{rotation.team} talks there"))
    once: dict[str, Place] = {}
    for place in [*own, *(place for section in found for place in section.places)]:
        once.setdefault(place.slack_id, place)
    return list(once.values())


def with_people(rows: QuerySet[HandOver]) -> QuerySet[HandOver]:
    """The same, with all that a page says of them."""
    people = HandOverPerson.objects.select_related("agent", "signed_by")
    return rows.select_related("rotation__team__channel", "rotation__channel").prefetch_related(
        Prefetch("people", people)
    )


def on_side(handover: HandOver, side: str) -> list[HandOverPerson]:
    """The people of a side, in the order of their roles."""
    return [person for person in handover.people.all() if person.side == side]


def sides_stored(handover: HandOver) -> Sides:
    """Who hands over to whom, as the hand-over says."""

    def hands(side: str) -> tuple[Hand, ...]:
        return tuple(Hand(row.agent.email, row.role, row.signs) for row in on_side(handover, side))

    return Sides(hands(Side.OUTGOING), hands(Side.INCOMING))
