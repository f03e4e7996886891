"""Who does something: an agent, or an integration by its name."""

from __future__ import annotations

from dataclasses import dataclass

from apps.people.models import Agent

LONGEST_NAME = 200


@dataclass(frozen=True)
class Acting:
    """Who does something: an agent, or an integration by its name."""

    agent: Agent | None
    name: str = ""

    @property
    def label(self) -> str:
        return (str(self.agent) if self.agent else self.name)[:LONGEST_NAME] or "Somebody"

    @property
    def email(self) -> str:
        return self.agent.email if self.agent else ""
