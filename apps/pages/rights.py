"""Who may do what with a page, beside what the roles' table says."""

from __future__ import annotations

from datetime import datetime

from apps.pages.models import Page
from apps.people.models import Agent
from apps.rotations.on_duty import on_duty

SEND = "pages.add_page"
CHANGE = "pages.change_page"
# Whoever may change teams may put themselves into any, so the bound of the own teams would hold them back nowhere.
UNBOUNDED = "people.change_team"


def may_send(agent: Agent) -> bool:
    """Whether they may page a team."""
    return agent.has_perm(SEND)


def may_act(agent: Agent, page: Page, *, now: datetime) -> bool:
    """Whether they may acknowledge it, pass it on, ask for help and resolve it.

    Managers; leads for their own teams; whoever was paged; whoever owns it; and whoever is on duty for the team now,
    since they are the next to be paged. Where nobody was on duty and the channel heard, every member of the team.
    """
    if not agent.is_active:
        return False
    if agent.has_perm(CHANGE) and (agent.has_perm(UNBOUNDED) or page.team.members.filter(pk=agent.pk).exists()):
        return True
    if page.owner_id == agent.pk or page.paged.filter(agent=agent).exists():
        return True
    if page.paged.filter(agent=None).exists() and page.team.members.filter(pk=agent.pk).exists():
        return True
    return any(each.agent == agent for each in on_duty(page.team, at=now))
