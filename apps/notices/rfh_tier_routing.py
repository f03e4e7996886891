"""Which messages a reached tier of a request for help makes, and where each goes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from apps.escalations.rfh_events import RFHTierReached
from apps.integrations.slack import rfh_tier_messages
from apps.integrations.slack.messages import Block
from apps.notices.routing import MESSAGE, Owed, usable

NOWHERE = (
    "Nowhere to send it: nobody it means has a Slack id, the team has no Slack channel, and SLACK_DEFAULT_CHANNEL is "
    "not set to a channel's id."
)


def for_tier(event: RFHTierReached, *, at: datetime, url: str, channel: str, default_channel: str = "") -> list[Owed]:
    """Everybody the tier means, in person; a channel or a user group where it means one.

    channel: where the team hears. It does so, too, when nobody of its rotation could be told and others were in their
    place; where nobody at all is told the default channel stands in for it.
    Never empty: where nothing can be sent, the one notice says so.
    """
    owed = []
    for person in event.people:
        if person.get("slack_id"):
            message = rfh_tier_messages.to_person(event, person, at=at, url=url)
            owed.append(_owed(event, str(person["slack_id"]), *message, at=at))
    ours = usable(channel) or usable(default_channel)
    of_team = usable(channel) if event.notes and event.audience.get("kind") == "rotation" else ""
    for place in dict.fromkeys([*_places(event, ours, told=bool(owed)), *([of_team] if of_team else [])]):
        owed.append(_owed(event, place, *rfh_tier_messages.to_place(event, at=at, url=url), at=at))
    return owed


def _places(event: RFHTierReached, ours: str, *, told: bool) -> Iterable[str]:
    yield from event.channels
    if event.mentions or (not told and not event.channels):
        yield ours


def _owed(event: RFHTierReached, place: str, text: str, blocks: list[Block], *, at: datetime) -> Owed:
    return Owed(
        recipient=place or "nobody",
        kind=MESSAGE,
        about=f"rfh:{event.rfh}",
        summary=rfh_tier_messages.summary(event, at=at),
        channel=place,
        text=text,
        blocks=blocks,
        error="" if place else NOWHERE,
    )
