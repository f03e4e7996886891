"""Finding people's things by what outsiders call them."""

from __future__ import annotations

from django.db.models import Q

from apps.people.models import Agent, Customer, Plan


def plan_called(word: str) -> Plan | None:
    """The plan of this slug or name, in any case; None when there is none."""
    return Plan.objects.filter(Q(slug__iexact=word) | Q(name__iexact=word)).first() if word else None


def customer_called(word: str) -> Customer | None:
    """The customer of this slug or name, in any case; None when there is none or when several share the name."""
    if not word:
        return None
    by_slug = Customer.objects.select_related("plan").filter(slug__iexact=word).first()
    if by_slug is not None:
        return by_slug
    named = list(Customer.objects.select_related("plan").filter(name__iexact=word)[:2])
    return named[0] if len(named) == 1 else None


def holders(role: int, *, most: int = 100) -> list[str]:
    """The names of those who have the role, at most so many."""
    return [str(agent) for agent in Agent.objects.filter(groups=role)[:most]]


def actors_of(agent: Agent) -> tuple[str, ...]:
    """Everything the trail calls the agent."""
    own = (f"user:{agent.pk}", f"console:{agent.pk}")
    return (*own, f"slack:{agent.slack_id}") if agent.slack_id else own
