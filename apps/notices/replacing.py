"""A message that Slack has says something else from now on."""

from __future__ import annotations

from typing import Any

from apps.notices.models import Notice
from apps.notices.routing import UPDATE, Owed


def in_place_of(notice: Notice, text: str, blocks: list[dict[str, Any]]) -> Owed:
    """What the message, which is in Slack, is to say from now on."""
    return Owed(
        recipient=f"{notice.recipient}/{notice.slack_ts}",
        kind=UPDATE,
        about=notice.about,
        summary=notice.summary,
        channel=notice.channel,
        text=text,
        blocks=blocks,
        replaces=notice.pk,
    )
