"""The SET on duty: Ana primary, Ben backup, Lea lead, all week; what happens to a page, minute by minute."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apps.escalations.sweeping import Sweep
from apps.pages.models import Page
from apps.people.acting import Acting
from apps.people.models import Agent, Team
from apps.rotations.models import Rotation
from apps.trail.models import StoredEvent
from tests import make

MINUTE = make.MINUTE


def the_set(*, roles: tuple[str, ...] = ("primary", "backup", "lead"), channel: bool = True) -> dict[str, Agent]:
    """Who is on, by role; the team has the channel #set."""
    names = {"primary": "Ana", "backup": "Ben", "lead": "Lea"}
    people = {role: make.agent(name) for role, name in names.items()}
    team = make.team("set", *people.values())
    if channel:
        team.channel = make.channel("C0SET", "set")
        team.save()
    make.rotation(
        *(make.layer(people[role], role=role) for role in roles), slug="set", team_of=team, roles=tuple(names)
    )
    return people


def empty_set(*, channel: bool = True) -> Team:
    """A team whose rotation has nobody on."""
    the_set(roles=(), channel=channel)
    return Team.objects.get(slug="set")


def sweep(at: datetime) -> int:
    """Everything due at `at` is settled; how many steps spoke."""
    running = Sweep(clock=lambda: at, source=None)
    for _ in range(100):
        if not running.batch():
            return running.reached
    raise AssertionError("The sweep never came to an end.")


def happened(*kinds: str) -> list[dict[str, Any]]:
    return list(StoredEvent.objects.filter(type__in=kinds).order_by("position").values_list("payload", flat=True))


def told() -> list[tuple[int, str, list[str]]]:
    """(step, role, names) of every step that spoke."""
    return [
        (event["step"], event["role"], [person["name"] for person in event["people"]])
        for event in happened("PageStepReached")
    ]


def by(agent: Agent) -> Acting:
    return Acting(agent)


def fresh(page: Page) -> Page:
    return Page.objects.get(pk=page.pk)


__all__ = ["MINUTE", "Rotation", "by", "empty_set", "fresh", "happened", "sweep", "the_set", "told"]
