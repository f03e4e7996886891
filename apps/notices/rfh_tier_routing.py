"""Which messages a reached tier of a request for help makes, and where each goes. Pure."""

from __future__ import annotations

from datetime import datetime

from apps.escalations.rfh_events import RFHTierReached
from apps.integrations.slack import rfh_tier_messages
from apps.notices import tier_routing
from apps.notices.routing import Owed, usable

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
    ours = usable(channel) or usable(default_channel)
    of_team = usable(channel) if event.notes and event.audience.get("kind") == "rotation" else ""
    return tier_routing.everybody(
        event,
        about=f"rfh:{event.rfh}",
        summary=rfh_tier_messages.summary(event, at=at),
        to_person=lambda person: rfh_tier_messages.to_person(event, person, at=at, url=url),
        to_place=rfh_tier_messages.to_place(event, at=at, url=url),
        ours=ours,
        also=of_team,
        nowhere=NOWHERE,
    )
