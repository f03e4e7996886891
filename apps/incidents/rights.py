"""Who may do what with an incident, beside what the roles' table says."""

from __future__ import annotations

from apps.people.acting import Acting
from apps.people.models import Agent

SEE = "incidents.view_incident"
DECLARE = "incidents.add_incident"
CHANGE = "incidents.change_incident"
# Managers and leads: publishing, and closing.
PUBLISH = "incidents.publish_incident"
MAINTAIN = "incidents.change_maintenance"


def may_see(agent: Agent) -> bool:
    """Whether they may read incidents."""
    return agent.is_active and agent.has_perm(SEE)


def may_declare(agent: Agent) -> bool:
    """Whether they may say that something is broken."""
    return agent.is_active and agent.has_perm(DECLARE)


def may_change(agent: Agent) -> bool:
    """Whether they may update incidents."""
    return agent.is_active and agent.has_perm(CHANGE)


def may_publish(by: Acting) -> bool:
    """Whether what they say may reach the public, and whether they may close.

    Who is no agent comes with a key of the scope `incidents`, or is the portal itself.
    """
    return by.agent is None or (by.agent.is_active and by.agent.has_perm(PUBLISH))


def may_maintain(by: Acting) -> bool:
    """Whether they may plan maintenance and say how it stands: managers and leads, and who comes with a key."""
    return by.agent is None or (by.agent.is_active and by.agent.has_perm(MAINTAIN))
