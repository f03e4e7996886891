"""Who may do what with a team's shifts, beside what the roles' table says."""

from __future__ import annotations

from dataclasses import dataclass

from apps.people.models import Agent, Team
from apps.rotations.models import Rotation

SEE = "rotations.view_rotation"
OVERRIDE = "rotations.add_override"
TAKE = "rotations.take_shift"
# Whoever may change teams may put themselves into any, so the bound of the own teams would hold them back nowhere.
UNBOUNDED = "people.change_team"


@dataclass(frozen=True)
class Rights:
    """What somebody may do, asked once for many rotations."""

    agent: Agent
    teams: frozenset[int]

    def may_override(self, rotation: Rotation) -> bool:
        """Managers; leads for their own teams."""
        if rotation.archived_at is not None or not self.agent.is_active or not self.agent.has_perm(OVERRIDE):
            return False
        return self.agent.has_perm(UNBOUNDED) or rotation.team_id in self.teams

    def may_take(self, rotation: Rotation) -> bool:
        """Whoever may override, and agents and engineers their own teams' shifts."""
        if self.may_override(rotation):
            return True
        allowed = rotation.archived_at is None and self.agent.is_active and self.agent.has_perm(TAKE)
        return allowed and rotation.team_id in self.teams


def rights_of(agent: Agent) -> Rights:
    """What they may do."""
    return Rights(agent, frozenset(Team.objects.filter(members=agent).values_list("pk", flat=True)))
