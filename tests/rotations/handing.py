"""The SET before a change: Ana (primary), Ben (backup) and Lea (lead) hand over to Cai, Dora and Max on Monday."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.models import HandOver, HandOverPerson
from apps.trail.models import StoredEvent
from tests import make

CHANGE = datetime(2026, 3, 23, 9, tzinfo=UTC)
DUE = datetime(2026, 3, 20, 17, tzinfo=UTC)


def the_set(**changes: Agent) -> dict[str, Agent]:
    """Everybody, by name in lower case; `max` may be somebody else."""
    people = {name: make.agent(name.capitalize()) for name in ("ana", "ben", "lea", "cai", "dora")}
    people["max"] = changes.get("max") or make.agent("Max")
    team = make.team("set", *people.values())
    team.channel = make.channel("C0SET", "set")
    team.save()
    turns = {"primary": ("ana", "cai"), "backup": ("ben", "dora"), "lead": ("lea", "max")}
    make.rotation(
        *(make.layer(*(people[name] for name in pair), role=role) for role, pair in turns.items()), team_of=team
    )
    return people


def a_handover(now: datetime = make.NOW) -> HandOver:
    """Opened by hand, for the coming Monday."""
    return services.open_by_hand(make.team().rotations.get(), now=now)


def fresh(handover: HandOver) -> HandOver:
    return HandOver.objects.get(pk=handover.pk)


def of(handover: HandOver, *names: str) -> list[HandOverPerson]:
    """The rows of these people."""
    return [row for row in handover.people.select_related("agent") if str(row.agent) in names]


def happened(*kinds: str) -> list[dict[str, Any]]:
    return list(StoredEvent.objects.filter(type__in=kinds).order_by("position").values_list("payload", flat=True))
