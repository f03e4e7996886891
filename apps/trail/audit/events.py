"""What happens to the audit log itself, beyond a type being chosen (ObjectCreated and ObjectChanged)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from apps.trail.events import Event, in_words


@dataclass(frozen=True, kw_only=True)
class AuditLogFilled(Event):
    """The past events of a chosen type are on the audit logs of the customers they belong to."""

    chosen: Annotated[str, "The type"]
    events: Annotated[int, "How many there were"]
    linked: Annotated[int, "How many of them belong to a customer"]

    def sentence(self) -> str:
        return f"The audit log was filled with the past of “{in_words(self.chosen)}”: {self.events:,} events"
