"""What happens in Slack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from apps.integrations.slack.text import plain
from apps.trail.events import Event, Personal

# A story is read line by line.
LINE = 200


@dataclass(frozen=True, kw_only=True)
class SlackAnswered(Event):
    """Somebody asked the bot something, and this is what it says; `private` answers are seen by `user` alone."""

    asked: Annotated[str, "What was asked: a mention, a command or a button"]
    channel: Annotated[str, "The Slack channel's id; empty where there is none"]
    thread_ts: Annotated[str, "The message whose thread the answer belongs to; empty outside of threads"]
    user: Annotated[str, Personal, "The Slack id of who asked"]
    private: Annotated[bool, "Whether they alone see the answer"]
    text: Annotated[str, Personal, "The answer, in Slack's markup"]
    number: Annotated[str, "The number of the ticket it is about; empty when about none"] = ""
    blocks: Annotated[list[dict[str, Any]], Personal, "The answer laid out as Slack's blocks; empty for plain text"] = (
        field(default_factory=list)
    )

    def sentence(self) -> str:
        if self.private:
            return f"The bot answered “{self.asked}” to whoever asked alone"
        return f"The bot answered “{self.asked}”: {_in_a_line(plain(self.text))}"


def _in_a_line(text: str) -> str:
    """The first line, cut where it is long; the entry itself keeps every word."""
    first = text.strip().partition("\n")[0]
    return first if len(first) <= LINE else f"{first[: LINE - 1].rstrip()}…"
