"""What happens in Slack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from apps.integrations.slack.text import plain
from apps.trail.events import Event

# A story is read line by line.
LINE = 200


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
        if self.private:
            return f"The bot answered “{self.asked}” to whoever asked alone"
        return f"The bot answered “{self.asked}”: {_in_a_line(plain(self.text))}"


def _in_a_line(text: str) -> str:
    """The first line, cut where it is long; the entry itself keeps every word."""
    first = text.strip().partition("\n")[0]
    return first if len(first) <= LINE else f"{first[: LINE - 1].rstrip()}…"
