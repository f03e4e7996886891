"""Who is on duty for a team now, over all its rotations, and what role each has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.people.models import Agent, Team
from apps.rotations.models import Rotation
from apps.rotations.schedules import Current, on_call

# How people call the roles of the SET, in the order in which they are paged.
USUAL = ("primary", "backup", "lead")


@dataclass(frozen=True)
class OnDuty:
    """Somebody on duty as `role`, and why."""

    agent: Agent
    role: str
    because: str
    until: datetime | None


def roles_in(current: Sequence[Current], role: str) -> list[Current]:
    """Of a rotation's roles those that `role` means.

    Where a rotation calls none of its roles primary, backup or lead, these are its first, second and third.
    """
    wanted = role.casefold()
    named = [each for each in current if each.role.casefold() == wanted]
    usual = any(each.role.casefold() in USUAL for each in current)
    if not named and not usual and wanted in USUAL and USUAL.index(wanted) < len(current):
        return [current[USUAL.index(wanted)]]
    return named


def on_duty(team: Team, *, at: datetime) -> list[OnDuty]:
    """Everybody on duty in the team's rotations, role by role in their order."""
    return [each for rotation, roles in _of(team, at).items() for each in _people(rotation, roles)]


def on_duty_as(team: Team, role: str, *, at: datetime) -> list[OnDuty]:
    """Those of them whose role `role` means, such as primary."""
    return [each for rotation, roles in _of(team, at).items() for each in _people(rotation, roles_in(roles, role))]


def _of(team: Team, at: datetime) -> dict[Rotation, list[Current]]:
    return on_call(at, Rotation.objects.filter(team=team, archived_at=None))


def _people(rotation: Rotation, roles: Sequence[Current]) -> list[OnDuty]:
    return [
        OnDuty(agent, current.role, f"is {current.role} of {rotation}: {current.because}", current.end)
        for current in roles
        for agent in current.people
        if agent.is_active
    ]
