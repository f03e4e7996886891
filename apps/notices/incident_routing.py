"""Which messages an incident makes, and where each goes. Pure."""

from __future__ import annotations

from apps.integrations.slack import incident_messages
from apps.integrations.slack.incident_messages import Shown
from apps.integrations.slack.messages import Block
from apps.notices.places import Place
from apps.notices.routing import MESSAGE, Owed

NOWHERE = (
    "Nowhere to send it: neither INCIDENTS_CHANNEL nor SLACK_DEFAULT_CHANNEL is set to a channel the portal knows, or "
    "to a channel's id."
)
Message = tuple[str, list[Block]]


def to(place: Place, shown: Shown, message: Message, what: str) -> Owed:
    """The message there. Without a place the notice says so, and a person must know."""
    text, blocks = message
    return Owed(
        recipient=place.recipient or "nobody",
        kind=MESSAGE,
        about=f"incident:{shown.key}",
        summary=incident_messages.summary(shown, what),
        channel=place.channel,
        thread_ts=place.thread_ts,
        text=text,
        blocks=blocks,
        error="" if place.channel else NOWHERE,
    )
