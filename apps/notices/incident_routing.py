"""Which messages an incident makes, and where each goes. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from apps.integrations.slack import incident_messages
from apps.integrations.slack.incident_messages import Shown
from apps.integrations.slack.messages import Block
from apps.notices.routing import MESSAGE, Owed

NOWHERE = (
    "Nowhere to send it: neither INCIDENTS_CHANNEL nor SLACK_DEFAULT_CHANNEL is set to a channel the portal knows, or "
    "to a channel's id."
)
Message = tuple[str, list[Block]]


@dataclass(frozen=True)
class Place:
    """A channel or a person, and the thread in it where the incident is spoken of; a thread only where one is known."""

    channel: str
    thread_ts: str = ""

    @property
    def recipient(self) -> str:
        return f"{self.channel}/{self.thread_ts}" if self.thread_ts else self.channel


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
