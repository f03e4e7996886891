"""What is copied for customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from apps.trail.events import Event


@dataclass(frozen=True, kw_only=True)
class CopiedForCustomer(Event):
    """Somebody had events of a stream put into words for the customer, to copy them."""

    stream: Annotated[str, "Whose story it was"]
    events: Annotated[list[int], "The positions of the events the text tells of"]
    zone: Annotated[str, "The time zone of its times, such as Europe/Paris"]

    def sentence(self) -> str:
        count = f"{len(self.events)} entries were" if len(self.events) != 1 else "An entry was"
        return f"{count} copied for the customer from {self.stream}"
