"""Who may do what with a rotation's cycles, beside what the roles' table says."""

from __future__ import annotations

from django.db.models import QuerySet

from apps.people.models import Agent, Team
from apps.rotations.models import Rotation

SEE = "rotations.view_cycle"
CHANGE = "rotations.change_cycle"
CREATE = "rotations.add_rotation"
# Whoever may change teams may put themselves into any, so the bound of the own teams would hold them back nowhere.
UNBOUNDED = "people.change_team"


def may_see(agent: Agent) -> bool:
    """Everybody whom the roles' table lets."""
    return agent.has_perm(SEE)


def may_change(agent: Agent, rotation: Rotation) -> bool:
    """Managers, and leads for their own teams: the checklist, its template, the digest."""
    if not agent.is_active or not agent.has_perm(CHANGE):
        return False
    return agent.has_perm(UNBOUNDED) or rotation.team.members.filter(pk=agent.pk).exists()


def teams_to_create_for(agent: Agent) -> QuerySet[Team]:
    """The teams whose rotations they may create."""
    if not (agent.is_active and agent.has_perm(CREATE) and agent.has_perm(CHANGE)):
        return Team.objects.none()
    return Team.objects.all() if agent.has_perm(UNBOUNDED) else Team.objects.filter(members=agent)
