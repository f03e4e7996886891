"""Who may do what with a request, beside what the roles' table says."""

from __future__ import annotations

from apps.people.models import Agent
from apps.rfhs.models import RFH

SEE = "rfhs.view_rfh"
CHANGE = "rfhs.change_rfh"
# Managers and agents change every request; leads and engineers those of their own teams.
UNBOUNDED = "rfhs.change_any_rfh"


def may_see(agent: Agent) -> bool:
    """Whether they may read requests for help."""
    return agent.is_active and agent.has_perm(SEE)


def may_begin(agent: Agent) -> bool:
    """Whether they may ask for help."""
    return agent.is_active and agent.has_perm("rfhs.add_rfh")


def may_change(agent: Agent, rfh: RFH) -> bool:
    """Whether they may write on this request and move it.

    Managers and agents; who is accountable or owns it; leads and engineers of the team that has it, or that goes on
    telling of it.
    """
    if not agent.is_active or not agent.has_perm(CHANGE):
        return False
    if agent.has_perm(UNBOUNDED) or agent.pk in {rfh.accountable_id, rfh.owner_id}:
        return True
    teams = [key for key in (rfh.team_id, rfh.communicator_id) if key is not None]
    return agent.teams.filter(pk__in=teams).exists()
