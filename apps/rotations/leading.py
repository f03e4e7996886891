"""Who leads a rotation: one notion of it for its cycle, its hand-overs and its warnings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.people.models import Agent
from apps.rotations.handovers.people import LEAD
from apps.rotations.models import Cycle, Rotation
from apps.rotations.schedules import Current, on_call


@dataclass(frozen=True)
class Leading:
    """Whom the rotation's cycle names, if anybody, and the role that leads otherwise."""

    agent: Agent | None = None
    role: str = LEAD

    def among(self, on_duty: Sequence[Current]) -> list[Agent]:
        """Who leads while these are on duty: whom the cycle names, else all who are on in the role and work here."""
        if self.agent is not None:
            return [self.agent]
        here = (
            agent for current in on_duty if current.role.casefold() == self.role.casefold() for agent in current.people
        )
        return [agent for agent in here if agent.is_active]


def leading(rotation: Rotation) -> Leading:
    """How the rotation is led; one without a cycle by whoever is on in its role called “lead”."""
    return led_by(Cycle.objects.select_related("lead", "lead_role").filter(rotation=rotation).first())


def led_by(cycle: Cycle | None) -> Leading:
    """The same of a cycle that is there already; who left leads nobody."""
    if cycle is None:
        return Leading()
    lead = cycle.lead if cycle.lead is not None and cycle.lead.is_active else None
    return Leading(lead, cycle.lead_role.name if cycle.lead_role is not None else LEAD)


def lead_at(cycle: Cycle, at: datetime) -> Agent | None:
    """Who leads the cycle at the instant."""
    by = led_by(cycle)
    if by.agent is not None:
        return by.agent
    on_duty = on_call(at, Rotation.objects.filter(pk=cycle.rotation_id)).get(cycle.rotation, [])
    return next(iter(by.among(on_duty)), None)
