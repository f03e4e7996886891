"""Which notices an event makes, and where each goes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.escalations.events import EscalationReached
from apps.integrations.slack import found_again, messages
from apps.integrations.slack.events import SlackAnswered
from apps.integrations.slack.messages import Places, permalink
from apps.integrations.slack.text import escape, plain
from apps.trail.patterns.events import PatternMatched
from apps.trail.seals.events import SealHeadShown, TrailTampered

LONGEST_ID = 20
SEALS = "trail:seals"
NOBODY = "Nowhere to send it: no support manager has a Slack id, and SLACK_DEFAULT_CHANNEL is not a channel's id."
MESSAGE, PRIVATE, UPDATE = "message", "private", "update"
NOWHERE = (
    "Nowhere to send it: the ticket is in no Slack channel, SLACK_DEFAULT_CHANNEL is not set to a channel's id, "
    "and nobody it means has a Slack id."
)


@dataclass(frozen=True)
class Owed:
    """A message owed to one recipient; with an `error` it can go nowhere and a person must know.

    replaces: the notice whose message is to say this now.
    """

    recipient: str
    kind: str
    about: str
    summary: str
    channel: str
    text: str
    thread_ts: str = ""
    user: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    replaces: int | None = None


def for_escalation(
    event: EscalationReached,
    *,
    event_id: UUID,
    at: datetime,
    about: str,
    places: Places,
    default_channel: str = "",
) -> list[Owed]:
    """The ticket's thread, else its channel, else the default channel, else everybody meant in person.

    A channel that is the tier's audience hears there as well, with a link to the thread. Never empty: where
    nothing can be sent, the one notice says so.
    """
    thread = permalink(event.channel, event.thread_ts) if event.channel and event.thread_ts else ""
    owed = []
    for channel, thread_ts in _destinations(event, default_channel):
        inside = channel == event.channel and thread_ts == event.thread_ts
        text, blocks = messages.escalation(
            event,
            event_id=event_id,
            at=at,
            places=Places(ticket=places.ticket, story=places.story, thread="" if inside else thread),
        )
        owed.append(
            Owed(
                recipient=f"{channel}/{thread_ts}" if thread_ts else channel or "nobody",
                kind=MESSAGE,
                about=about,
                summary=messages.summary(event, at=at),
                channel=channel,
                thread_ts=thread_ts,
                text=text,
                blocks=blocks,
                error="" if channel else NOWHERE,
            )
        )
    return owed


def for_answer(event: SlackAnswered, *, about: str) -> list[Owed]:
    """The thread or channel in which the bot was asked; the asker alone when it is private."""
    private = event.private and bool(event.channel) and not event.channel.startswith("D")
    # Nobody else reads a direct message, and there it can be looked up like any other.
    channel = event.channel or event.user
    place = f"{channel}/{event.thread_ts}" if event.thread_ts else channel
    return [
        Owed(
            recipient=f"{place}/{event.user}" if private else place,
            kind=PRIVATE if private else MESSAGE,
            about=about,
            # A summary is plain: lists show it as it is, and a link's label holds no markup.
            summary=_one_line(f"Answer to “{event.asked}”: {plain(event.text)}"),
            channel=channel,
            thread_ts=event.thread_ts,
            user=event.user if private else "",
            text=event.text,
            blocks=event.blocks,
            error="" if channel else NOWHERE,
        )
    ]


def for_pattern(event: PatternMatched, *, channel: str, story: str) -> list[Owed]:
    """The pattern's channel, `channel` being its id; nothing when the pattern names none."""
    if not event.channel:
        return []
    text, blocks = found_again.message(event, story=story)
    return [
        Owed(
            recipient=channel or "nobody",
            kind=MESSAGE,
            about=event.stream,
            summary=_one_line(f"Found again: {event.name} on {event.stream}"),
            channel=channel,
            text=text,
            blocks=blocks,
            error="" if channel else f"No Slack channel is called “{event.channel}”: mend the pattern “{event.name}”.",
        )
    ]


def for_tampering(
    event: TrailTampered, *, managers: Iterable[str], default_channel: str = "", page: str = ""
) -> list[Owed]:
    """Support managers in person, as many as have a Slack id; with none the default channel. Never empty."""
    places = list(dict.fromkeys(managers)) or [usable(default_channel)]
    more = f"\n{page}" if page else ""
    text = f":rotating_light: *{escape(event.sentence())}*\nKeep a copy of the database as it is now.{more}"
    return [
        Owed(
            recipient=place or "nobody",
            kind=MESSAGE,
            about=SEALS,
            summary=_one_line(event.sentence()),
            channel=place,
            text=text,
            error="" if place else NOBODY,
        )
        for place in places
    ]


def for_seal(event: SealHeadShown) -> list[Owed]:
    """The channel that keeps seals, in words that verify_trail reads."""
    channel = usable(event.channel)
    text = (
        f"The trail is sealed up to `seal {event.newest} {event.hash}`\n"
        'Whether anything before it was changed since: `manage.py verify_trail --head "…"`, with this message.'
    )
    return [
        Owed(
            recipient=channel or "nobody",
            kind=MESSAGE,
            about=SEALS,
            summary=event.sentence(),
            channel=channel,
            text=text,
            error="" if channel else "TRAIL_SEAL_CHANNEL is not a channel's id, such as C024BE91L.",
        )
    ]


def usable(channel: str) -> str:
    """The channel when it can be one's id, such as C024BE91L; else nothing: a name would be refused much later."""
    return channel if messages.ID.fullmatch(channel) and len(channel) <= LONGEST_ID else ""


def _destinations(event: EscalationReached, default_channel: str) -> Iterable[tuple[str, str]]:
    places: list[tuple[str, str]] = []
    if event.channel:
        places.append((event.channel, event.thread_ts))
    elif usable(default_channel):
        places.append((default_channel, ""))
    else:
        places.extend((person["slack_id"], "") for person in event.people if person.get("slack_id"))
    places.extend((channel, "") for channel in event.channels if channel)
    return dict.fromkeys(places or [("", "")])


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= messages.SUMMARY else f"{line[: messages.SUMMARY - 1]}…"
