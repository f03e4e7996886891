"""What the bot says back; the outbox delivers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.integrations.slack.events import SlackAnswered
from apps.tickets.models import Ticket
from apps.trail import services as trail


@dataclass(frozen=True)
class Asked:
    """Who asked the bot what, and where; `what` is in words."""

    what: str
    user: str
    channel: str
    thread_ts: str = ""


def answer(
    asked: Asked,
    text: str,
    *,
    now: datetime,
    ticket: Ticket | None = None,
    private: bool = False,
    blocks: Sequence[dict[str, Any]] = (),
) -> None:
    """The bot answers; in the thread it was asked in, or to the asker alone."""
    event = SlackAnswered(
        asked=asked.what,
        channel=asked.channel,
        thread_ts=asked.thread_ts,
        user=asked.user,
        private=private,
        text=text,
        number=ticket.number if ticket else "",
        blocks=list(blocks),
    )
    about = [ticket.stream] if ticket else [f"slack:{asked.channel or asked.user}"]
    trail.record(event, about=about, now=now)
