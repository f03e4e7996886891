"""What happens to people beyond a change of their fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from apps.trail.events import Event, Personal


@dataclass(frozen=True, kw_only=True)
class PasswordSet(Event):
    """An agent signs in with another password from now on, or (not `usable`) with none; never which one."""

    agent: Annotated[int, "The agent's id here"]
    name: Annotated[str, Personal, "The agent's name"]
    usable: Annotated[bool, "Whether they can sign in with a password at all"]

    def sentence(self) -> str:
        if self.usable:
            return f"Agent “{self.name}” was given a new password"
        return f"Agent “{self.name}” can no longer sign in with a password"
