"""What is pinned where an incident is spoken of becomes part of its story, and what is taken off is no longer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from apps.incidents.models import Incident
from apps.incidents.services.pins import keep_pin, remove_pin
from apps.integrations.slack import selectors, services
from apps.integrations.slack.candidates import instant
from apps.integrations.slack.incoming import mapping, user_of, word
from apps.integrations.slack.messages import permalink
from apps.integrations.slack.models import SlackEvent
from apps.integrations.slack.parsing import text_for_pattern
from apps.integrations.slack.wording import readable, with_files

ADDED, REMOVED = "pin_added", "pin_removed"


def worth_keeping(payload: Mapping[str, Any]) -> bool:
    """Whether an event is of a message that was pinned, or no longer is, where an incident is spoken of.

    Reads at most one row: it is asked before Slack is answered.
    """
    channel, message = _pinned(payload)
    return instant(word(message.get("ts"))) is not None and _spoken_of(channel, message).exists()


def on_pin(event: SlackEvent, now: datetime) -> None:
    """The message is an entry of the incident's timeline, or is none any more; what it says is kept there alone."""
    channel, message = _pinned(event.payload)
    ts = word(message.get("ts"))
    incident = _spoken_of(channel, message).first()
    who = selectors.agent_of(user_of(event.payload))
    pinned_by = str(who) if who else "Somebody in Slack"
    if incident is not None and event.kind == REMOVED:
        remove_pin(incident, channel=channel, ts=ts, removed_by=pinned_by, now=now)
    elif incident is not None:
        keep_pin(
            incident,
            channel=channel,
            ts=ts,
            author=_author(message),
            text=with_files(readable(word(message.get("text")).strip() or text_for_pattern(message)), message),
            url=permalink(channel, ts, word(message.get("thread_ts"))),
            said_at=instant(ts) or now,
            pinned_by=pinned_by,
            now=now,
        )
    services.finish(event, forget=True)


def _pinned(payload: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    event = mapping(payload.get("event"))
    item = mapping(event.get("item"))
    return word(item.get("channel")) or word(event.get("channel_id")), mapping(item.get("message"))


def _spoken_of(channel: str, message: Mapping[str, Any]) -> QuerySet[Incident]:
    """The incident whose own channel this is, or in whose thread the message stands; the newest of several."""
    if not channel:
        return Incident.objects.none()
    thread = word(message.get("thread_ts")) or word(message.get("ts"))
    here = Q(slack_channel=channel) | Q(thread_channel=channel, thread_ts=thread)
    return Incident.objects.filter(here).order_by("-pk")


def _author(message: Mapping[str, Any]) -> str:
    agent = selectors.agent_of(word(message.get("user")))
    profile = mapping(message.get("bot_profile"))
    return str(agent) if agent else word(message.get("username")) or word(profile.get("name")) or "Somebody in Slack"
