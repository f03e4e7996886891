"""Who could take a shift that somebody asks about, who may ask, and what waits for whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import zip_longest

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, Permission
from django.db.models import F, Q, QuerySet

from apps.people.models import Agent, Team
from apps.rotations.models import Layer, Participant, Rotation, SwapRequest, Touched
from apps.rotations.schedules import books, schedule
from apps.rotations.timeline import Duty
from apps.rotations.validation.swaps import own_shifts, who_is_on

# How far ahead one chooses among one's shifts.
AHEAD = timedelta(weeks=12)
# So far beyond the ends of a shift are looked for.
BEYOND = timedelta(days=130)


def who_could(request: SwapRequest) -> list[Agent]:
    """Everybody of the role's rosters who works here, is not on then, and whom no override touches.

    Of a role that no roster fills: of the rotation's team.
    """
    people = _in_rosters(request)
    if not people:
        people = set(request.rotation.team.members.values_list("pk", flat=True))
    busy = who_is_on(schedule(request.rotation, request.starts_at, request.ends_at))
    touched = Touched.objects.filter(
        rotation=request.rotation, starts_at__lt=request.ends_at, ends_at__gt=request.starts_at
    )
    free = Agent.objects.filter(pk__in=people, is_active=True).exclude(pk=request.person_id)
    return list(free.exclude(email__in=busy).exclude(pk__in=touched.values("agent")))


def _in_rosters(request: SwapRequest) -> set[int]:
    """Everybody in a roster of the role that is in force at some time of the shift."""
    found: set[int] = set()
    for layer in request.role.layers.prefetch_related("rosters__participants"):
        rosters = list(layer.rosters.all())
        for roster, successor in zip_longest(rosters, rosters[1:]):
            ends = successor.effective_at if successor else None
            begins_in_time = roster.effective_at is None or roster.effective_at < request.ends_at
            if begins_in_time and (ends is None or ends > request.starts_at):
                found |= {participant.agent_id for participant in roster.participants.all()}
    return found


def may_ask_for(agent: Agent, rotation: Rotation, person: Agent) -> bool:
    """Whether the agent may ask others to take shifts of the person: their own, or a lead for the own team's."""
    if not agent.is_active or not agent.has_perm("rotations.view_rotation"):
        return False
    return agent.pk == person.pk or leads(agent, rotation)


def leads(agent: Agent, rotation: Rotation) -> bool:
    """Whether the rotation is theirs to change: a manager's all are, a lead's those of the own teams."""
    if not agent.has_perm("rotations.change_rotation"):
        return False
    return agent.has_perm("people.change_team") or Team.objects.filter(pk=rotation.team_id, members=agent).exists()


def leads_of(rotations: Iterable[str]) -> dict[str, list[Agent]]:
    """Who of each rotation's team may change it and works here, by the rotation's slug."""
    wanted = list(rotations)
    may = Permission.objects.filter(content_type__app_label="rotations", codename="change_rotation")
    found: dict[str, list[Agent]] = {slug: [] for slug in wanted}
    agents = (
        Agent.objects.filter(teams__rotations__slug__in=wanted, is_active=True)
        .filter(Q(groups__permissions__in=may) | Q(user_permissions__in=may))
        .annotate(leads=F("teams__rotations__slug"))
        .order_by("pk")
        .distinct()
    )
    for agent in agents:
        found[agent.leads].append(agent)  # type: ignore[attr-defined]
    return found


def waiting_for(agent: Agent, *, now: datetime) -> QuerySet[SwapRequest]:
    """What the agent is asked to take, and has neither taken nor declined."""
    return SwapRequest.objects.to_come(now).filter(
        state=SwapRequest.State.OPEN, invited__agent=agent, invited__declined_at=None
    )


def count_waiting(user: AbstractBaseUser | AnonymousUser, *, now: datetime) -> int:
    """How many requests wait for an answer of whoever is signed in."""
    return waiting_for(user, now=now).count() if isinstance(user, Agent) else 0


def coming_shifts(agent: Agent, *, now: datetime, rotation: Rotation | None = None) -> list[tuple[Rotation, Duty]]:
    """The agent's shifts to come, of this rotation or of all, the next first; one that runs is not among them."""
    rotations = Rotation.objects.filter(archived_at=None)
    if rotation is not None:
        rotations = rotations.filter(pk=rotation.pk)
    found = [
        (opened.rotation, duty)
        for opened in books(rotations, now, now + AHEAD + BEYOND)
        if agent.email in opened.written.people
        for duty in own_shifts(opened.window(now, now + AHEAD + BEYOND), agent.email)
        if now < duty.start < now + AHEAD
    ]
    return sorted(found, key=lambda one: (one[1].start, one[0].name, one[1].role))


def theirs_to_come(people: Iterable[Agent], rotation: Rotation, *, now: datetime) -> dict[str, list[Duty]]:
    """The shifts to come of each of them in the rotation, by email, the next first."""
    [opened] = books(Rotation.objects.filter(pk=rotation.pk), now, now + AHEAD + BEYOND)
    timeline = opened.window(now, now + AHEAD + BEYOND)
    return {
        agent.email: [duty for duty in own_shifts(timeline, agent.email) if now < duty.start < now + AHEAD]
        for agent in people
    }


def roster_of(rotation: Rotation) -> QuerySet[Agent]:
    """Who can be asked by name: everybody in the rotation's rosters and in its team, who works here."""
    turns = Participant.objects.filter(roster__layer__in=Layer.objects.filter(rotation=rotation))
    return Agent.objects.filter(Q(pk__in=turns.values("agent")) | Q(teams=rotation.team_id), is_active=True).distinct()
