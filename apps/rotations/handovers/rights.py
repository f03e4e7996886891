"""Who may do what with a hand-over, beside what the roles' table says."""

from __future__ import annotations

from django.db.models import QuerySet

from apps.people.models import Agent
from apps.rotations.models import HandOver, HandOverPerson, Rotation
from apps.rotations.rights import SEE, TAKE, UNBOUNDED

__all__ = ["SEE", "led_by", "may_confirm", "may_lead", "may_take_part"]

CHANGE = "rotations.change_rotation"


def may_lead(agent: Agent, handover: HandOver) -> bool:
    """Whether they may give its items to anybody: managers, and leads in their own teams."""
    if not agent.has_perm(CHANGE):
        return False
    return agent.has_perm(UNBOUNDED) or handover.rotation.team.members.filter(pk=agent.pk).exists()


def led_by(agent: Agent, rotations: QuerySet[Rotation]) -> QuerySet[Rotation]:
    """Those of the rotations whose hand-overs they may lead."""
    if not agent.has_perm(CHANGE):
        return rotations.none()
    return rotations if agent.has_perm(UNBOUNDED) else rotations.filter(team__members=agent)


def may_take_part(agent: Agent, handover: HandOver) -> bool:
    """Whether they may write context and take items themselves: whoever leads it, is of the team, or on a side.

    Not who only looks, such as an auditor in the team; and once it is settled no longer who was on a side.
    """
    if may_lead(agent, handover):
        return True
    if not agent.has_perm(TAKE):
        return False
    own = not handover.settled_at and any(person.agent_id == agent.pk for person in handover.people.all())
    return own or handover.rotation.team.members.filter(pk=agent.pk).exists()


def may_confirm(agent: Agent, person: HandOverPerson, handover: HandOver) -> bool:
    """Whether they may confirm it for this person: themselves; a manager for anybody; at mid-cycle the lead, too."""
    if not person.signs:
        return False
    if person.agent_id == agent.pk:
        return True
    if handover.kind == HandOver.Kind.SHORT:
        return may_lead(agent, handover)
    return agent.has_perm(CHANGE) and agent.has_perm(UNBOUNDED)
