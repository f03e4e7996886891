"""What happens with patterns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from apps.trail.events import Event


@dataclass(frozen=True, kw_only=True)
class PatternMatched(Event):
    """A pattern that is watched for was found on a stream; each event is part of one such match at most."""

    pattern: Annotated[int, "The pattern's id"]
    name: Annotated[str, "What it was called"]
    stream: Annotated[str, "Where it was found"]
    events: Annotated[list[int], "The positions of the events it was found by, in the order of their times"]
    first_at: Annotated[datetime, "When the first of them happened"]
    last_at: Annotated[datetime, "When the last of them happened"]
    advice: Annotated[str, "What to do about it, as the pattern said then"]
    channel: Annotated[str, "The Slack channel that is to hear of it; empty: none"] = ""

    def sentence(self) -> str:
        return f"The pattern “{self.name}” was found on {self.stream}"
