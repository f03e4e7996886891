"""What is owed to those whose shifts moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from apps.integrations.slack.shift_messages import Reader
from apps.notices import services, shift_routing
from apps.notices.shift_routing import Told
from apps.people.models import Agent
from apps.rotations.events import ShiftsMoved
from apps.trail.context import Actor
from apps.trail.reacting import Recorded


def tell_of_moved(entries: Sequence[Recorded[ShiftsMoved]]) -> None:
    """Each of them hears once, in words that say what changed for them; who did it does not."""
    agents = reachable({email for entry in entries for email in entry.event.people})
    services.owe(
        [
            (entry, owed)
            for entry in entries
            for owed in shift_routing.for_moved_shifts(
                entry.event,
                people={email: told_as(agent) for email, agent in agents.items() if not did_it(entry.actor, agent)},
                by=entry.actor.label or "SupportOps",
                at=entry.occurred_at,
                url=_page(entry.event.rotation),
            )
        ]
    )


def reachable(emails: Iterable[str]) -> dict[str, Agent]:
    """Those of them who work here and have a Slack id, by email."""
    agents = Agent.objects.filter(email__in=list(emails), is_active=True).exclude(slack_id=None).exclude(slack_id="")
    return {agent.email: agent for agent in agents}


def told_as(agent: Agent) -> Told:
    """The person as their message needs to know them."""
    return Told(agent.slack_id or "", Reader(agent.email, ZoneInfo(agent.time_zone) if agent.time_zone else UTC))


def did_it(actor: Actor, agent: Agent) -> bool:
    """Whether the agent is who acted, here or in Slack."""
    if actor.kind == "slack":
        return actor.id == agent.slack_id
    return actor.kind in ("user", "console") and actor.id == str(agent.pk)


def _page(slug: str) -> str:
    return f"{settings.BASE_URL}{reverse('rotations_board:rotation', args=[slug])}" if settings.BASE_URL else ""
