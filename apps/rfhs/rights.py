"""Who may do what with a request, beside what the roles' table says."""

from __future__ import annotations

from collections.abc import Callable

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
    return changes(agent)(rfh)


def changes(agent: Agent) -> Callable[[RFH], bool]:
    """The same for many requests: the agent's teams are read once."""
    if not agent.is_active or not agent.has_perm(CHANGE):
        return lambda _: False
    if agent.has_perm(UNBOUNDED):
        return lambda _: True
    teams = set(agent.teams.values_list("pk", flat=True))

    def may(rfh: RFH) -> bool:
        return agent.pk in {rfh.accountable_id, rfh.owner_id} or bool({rfh.team_id, rfh.communicator_id} & teams)

    return may
