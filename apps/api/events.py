"""What happens to API keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from apps.trail.events import Event

ApiKeyId = Annotated[int, "The key's id here"]
Name = Annotated[str, "What the key is called"]
Prefix = Annotated[str, "Its first characters, to tell keys apart"]


@dataclass(frozen=True, kw_only=True)
class ApiKeyCreated(Event):
    """An integration got a key; the key itself is nowhere but with whoever it was shown to."""

    api_key: ApiKeyId
    name: Name
    prefix: Prefix
    scopes: Annotated[list[str], "What it may do"]
    expires_at: Annotated[datetime | None, "When it stops working; nothing: never"]

    def sentence(self) -> str:
        return f"The API key “{self.name}” ({self.prefix}…) was created for {', '.join(self.scopes)}"


@dataclass(frozen=True, kw_only=True)
class ApiKeyRevoked(Event):
    """A key opens nothing any more."""

    api_key: ApiKeyId
    name: Name
    prefix: Prefix

    def sentence(self) -> str:
        return f"The API key “{self.name}” ({self.prefix}…) was revoked"


@dataclass(frozen=True, kw_only=True)
class ApiKeyUsed(Event):
    """A key was used for the first time on this day, by UTC."""

    api_key: ApiKeyId
    name: Name
    prefix: Prefix

    def sentence(self) -> str:
        return f"The API key “{self.name}” ({self.prefix}…) was used for the first time on this day"
