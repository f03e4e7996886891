"""Which messages a request for help makes, and where each goes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apps.integrations.slack import rfh_messages
from apps.integrations.slack.rfh_messages import Shown
from apps.notices.places import Place
from apps.notices.routing import MESSAGE, Owed, usable
from apps.notices.shift_routing import Told

NO_TEAMMATES = (
    "Nowhere to ask teammates: the support team of who asked has no Slack channel, and neither "
    "RFH_TEAMMATES_CHANNEL nor SLACK_DEFAULT_CHANNEL is set to a channel's id."
)
NO_TEAM = (
    "Nowhere to tell the team: neither its area nor itself has a Slack channel, and SLACK_DEFAULT_CHANNEL is not set "
    "to a channel's id."
)
Message = tuple[str, list[dict[str, Any]]]


def post(shown: Shown, message: Message, what: str, *, channel: str, default_channel: str, nowhere: str) -> list[Owed]:
    """A new message in the channel, else in the default one. Never empty: without any the notice says so."""
    place = Place(usable(channel) or usable(default_channel))
    return [_owed(shown, message, what, place, error="" if place.channel else nowhere)]


def to_thread(shown: Shown, message: Message, what: str, *, place: Place) -> list[Owed]:
    """Where the team was told; nothing where no message of ours is there yet."""
    return [_owed(shown, message, what, place)] if place.channel else []


def to_people(
    shown: Shown, message: Message, what: str, *, emails: Iterable[str], people: Mapping[str, Told]
) -> list[Owed]:
    """Those of them who can be told, in person, each once."""
    reached: Sequence[Told] = [people[email] for email in dict.fromkeys(emails) if email in people]
    return [_owed(shown, message, what, Place(told.slack_id)) for told in reached]


def _owed(shown: Shown, message: Message, what: str, place: Place, *, error: str = "") -> Owed:
    text, blocks = message
    return Owed(
        recipient=place.recipient or "nobody",
        kind=MESSAGE,
        about=f"rfh:{shown.number}",
        summary=rfh_messages.summary(shown, what),
        channel=place.channel,
        thread_ts=place.thread_ts,
        text=text,
        blocks=blocks,
        error=error,
    )
