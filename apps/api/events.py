"""What happens to API keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.trail.events import Event


@dataclass(frozen=True, kw_only=True)
class ApiKeyCreated(Event):
    """An integration got a key; the key itself is nowhere but with whoever it was shown to."""

    api_key: int
    name: str
    prefix: str
    scopes: list[str]
    expires_at: datetime | None

    def sentence(self) -> str:
        return f"The API key “{self.name}” ({self.prefix}…) was created for {', '.join(self.scopes)}"


@dataclass(frozen=True, kw_only=True)
class ApiKeyRevoked(Event):
    """A key opens nothing any more."""

    api_key: int
    name: str
    prefix: str

    def sentence(self) -> str:
        return f"The API key “{self.name}” ({self.prefix}…) was revoked"
