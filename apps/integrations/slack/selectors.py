"""Who and what Slack speaks of, looked up here."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from apps.integrations.slack.models import WatchedChannel
from apps.people.models import Agent, Channel
from apps.tickets.models import Ticket
from apps.trail.context import Actor

# The role as supportops/roles.py names it.
MANAGERS = "Support manager"


def agent_of(slack_id: str) -> Agent | None:
    """The agent who still works here under this Slack id; None when there is none."""
    return Agent.objects.filter(slack_id=slack_id, is_active=True).first() if slack_id else None


def actor_of(slack_id: str, fallback: str = "") -> Actor:
    """Somebody in Slack as the trail names them: by the agent's name when we know it."""
    agent = agent_of(slack_id)
    return Actor(kind="slack", id=slack_id, label=str(agent) if agent else fallback or slack_id)


def managers() -> str:
    """Who may configure, in words: "Mara or Ben"."""
    people = Agent.objects.filter(Q(groups__name=MANAGERS) | Q(is_superuser=True), is_active=True).distinct()[:4]
    names = [str(agent) for agent in people]
    if not names:
        return "a support manager"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def manager_ids() -> list[str]:
    """The Slack ids of the support managers who have one."""
    managers = Agent.objects.filter(groups__name=MANAGERS, is_active=True).order_by("pk")
    return [slack_id for slack_id in managers.values_list("slack_id", flat=True) if slack_id]


def watch_of(slack_id: str) -> WatchedChannel | None:
    """How this channel is watched; None when it is not."""
    return (
        WatchedChannel.objects.select_related("channel", "plan")
        .filter(channel__slack_id=slack_id, enabled=True)
        .first()
    )


def is_watched(slack_id: str) -> bool:
    """Whether ticket messages are looked for in this channel."""
    return WatchedChannel.objects.filter(channel__slack_id=slack_id, enabled=True).exists()


def ticket_in_thread(channel: str, thread_ts: str) -> Ticket | None:
    """The ticket whose thread this is; None when it is nobody's."""
    if not (channel and thread_ts):
        return None
    return Ticket.objects.select_related("customer", "plan").filter(channel=channel, thread_ts=thread_ts).first()


def channel_named(slack_id: str) -> str:
    """How to call a channel in text: #name, or its id."""
    known = Channel.objects.filter(slack_id=slack_id).first()
    return str(known) if known else slack_id


def channel_id(said: str) -> str:
    """The id of the channel that is called so, or has that id; the words themselves when none is known."""
    name = said.strip().removeprefix("#")
    known = Channel.objects.filter(Q(slack_id=name) | Q(name=name)).order_by("pk").first() if name else None
    return known.slack_id if known else name


def incidents_channel() -> str:
    """The channel that hears of every incident; empty where none is set."""
    return channel_id(settings.INCIDENTS_CHANNEL)


def portal(view: str, *args: object) -> str:
    """The address of one of the portal's pages, for a link in Slack."""
    return f"{settings.BASE_URL}{reverse(view, args=args)}"
