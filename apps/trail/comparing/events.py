"""What people find when they read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from apps.trail.events import Event, Personal

SHOWN = 300


@dataclass(frozen=True, kw_only=True)
class FindingNoted(Event):
    """Somebody noted on a case what they found out, with the events that show it."""

    stream: Annotated[str, "The case it was noted on"]
    text: Annotated[str, Personal, "What was found, in the words of who noted it"]
    events: Annotated[list[int], "The positions of the events it is about"]

    def sentence(self) -> str:
        about = ", ".join(str(position) for position in self.events[:10])
        more = ", …" if len(self.events) > 10 else ""
        which = f" (event{'s' if len(self.events) > 1 else ''} {about}{more})" if self.events else ""
        text = " ".join(self.text.split())
        return f"Finding: {text if len(text) <= SHOWN else f'{text[: SHOWN - 1]}…'}{which}"
