"""Who hears of a rotation's days ahead. Pure."""

from __future__ import annotations

from apps.integrations.slack import coverage_messages
from apps.notices.routing import MESSAGE, Owed, usable
from apps.rotations.coverage.events import CoverageWarned, WeekAhead

NOWHERE = (
    "Nowhere to send it: nobody who leads has a Slack id, the rotation and its team have no channel, and "
    "SLACK_DEFAULT_CHANNEL is not set to a channel's id."
)


def for_warning(event: CoverageWarned, *, url: str = "", default_channel: str = "") -> list[Owed]:
    """Whoever leads, in person; where nobody does the channel. Never empty: where nothing can be sent it says so."""
    leads = [lead["slack_id"] for lead in event.leads if lead["slack_id"]]
    said = coverage_messages.warning(event, url=url, private=bool(leads))
    places = list(dict.fromkeys(leads)) or [event.channel or usable(default_channel)]
    return [_owed(event, place, *said) for place in places]


def for_week(event: WeekAhead, *, url: str = "") -> list[Owed]:
    """The rotation's channel."""
    return [_owed(event, event.channel, *coverage_messages.week(event, url=url))] if event.channel else []


def _owed(event: CoverageWarned | WeekAhead, place: str, text: str, blocks: list[dict[str, object]]) -> Owed:
    return Owed(
        recipient=place or "nobody",
        kind=MESSAGE,
        about=f"rotation:{event.rotation}",
        summary=coverage_messages.summary(event),
        channel=place,
        text=text,
        blocks=blocks,
        error="" if place else NOWHERE,
    )
