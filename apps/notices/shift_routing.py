"""Who hears of shifts that moved. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from apps.integrations.slack import shift_messages
from apps.integrations.slack.shift_messages import Reader
from apps.notices.routing import MESSAGE, Owed
from apps.rotations.events import ShiftsMoved


@dataclass(frozen=True)
class Told:
    """Somebody who works here and can be told in Slack."""

    slack_id: str
    reader: Reader


def for_moved_shifts(
    event: ShiftsMoved, *, people: Mapping[str, Told], by: str, at: datetime, url: str = ""
) -> list[Owed]:
    """Everybody whose shifts come, go or move, in person, but for those who did it or hear of it in other words."""
    owed = []
    for email in event.people:
        told = people.get(email)
        if told is None or email in event.hear_otherwise:
            continue
        text, blocks = shift_messages.message(event, told.reader, by=by, at=at, url=url)
        owed.append(
            Owed(
                recipient=told.slack_id,
                kind=MESSAGE,
                about=f"rotation:{event.rotation}",
                summary=shift_messages.summary(event, told.reader, by=by),
                channel=told.slack_id,
                text=text,
                blocks=blocks,
            )
        )
    return owed
