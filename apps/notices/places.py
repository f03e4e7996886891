"""Where in Slack a message goes. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A channel or a person, and the thread in it where something is spoken of; a thread only where one is known."""

    channel: str
    thread_ts: str = ""

    @property
    def recipient(self) -> str:
        return f"{self.channel}/{self.thread_ts}" if self.thread_ts else self.channel
