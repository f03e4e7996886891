"""What happens in Slack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from apps.integrations.slack.text import plain
from apps.trail.events import Event


@dataclass(frozen=True, kw_only=True)
class SlackAnswered(Event):
    """Somebody asked the bot something, and this is what it says; `private` answers are seen by `user` alone."""

    asked: str
    channel: str
    thread_ts: str
    user: str
    private: bool
    text: str
    number: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)

    def sentence(self) -> str:
        return f"The bot answered “{self.asked}”: {plain(self.text)}"
