"""What is recorded of the seals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from apps.trail.events import Event

Number = Annotated[int, "The number of the newest seal"]
Hash = Annotated[str, "The newest seal's hash, which names everything before it"]


@dataclass(frozen=True, kw_only=True)
class TrailVerified(Event):
    """Everything under the seals was read again, and is as it was sealed."""

    seals: Annotated[int, "How many seals were looked through"]
    events: Annotated[int, "How many events are under them"]
    first: Annotated[int, "The number of the seal it began with"]
    newest: Number
    hash: Hash

    def sentence(self) -> str:
        since = "" if self.first == 1 else f" from seal {self.first} on"
        return f"The trail was verified{since} up to seal {self.newest}: {self.events:,} events are as they were sealed"


@dataclass(frozen=True, kw_only=True)
class TrailTampered(Event):
    """Something under the seals is not as it was sealed."""

    seal: Annotated[int, "The number of the first seal with something wrong under it"]
    found: Annotated[list[str], "What is wrong, in sentences; the first few"]
    position: Annotated[int | None, "The first event that differs, where it is known"] = None

    def sentence(self) -> str:
        return f"The trail was tampered with: {self.found[0]}" if self.found else "The trail was tampered with"


@dataclass(frozen=True, kw_only=True)
class SealHeadShown(Event):
    """The newest seal was shown outside, so that nobody can take back what it covers."""

    newest: Number
    hash: Hash
    channel: Annotated[str, "The Slack channel it is shown in, by id"]

    def sentence(self) -> str:
        return f"Seal {self.newest} was shown in Slack"
