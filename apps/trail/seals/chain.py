"""How a seal names the one before, and what of the chain is kept outside. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from apps.trail.order import Cursor
from apps.trail.seals.canonical import microseconds

# What the first seal names.
BEGINNING = bytes(32)
KEPT = re.compile(r"\bseal (\d{1,18}) ([0-9a-f]{64})\b")


@dataclass(frozen=True, order=True)
class Head:
    """A seal's number and hash. The hash names everything up to there, so this is all that must be kept safe."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        return f"seal {self.number} {self.hash.hex()}"


def seal_hash(
    *,
    form: int,
    number: int,
    first: Cursor,
    last: Cursor,
    count: int,
    root: bytes,
    previous: bytes,
    made_at: datetime,
) -> bytes:
    """The hash of everything a seal says."""
    said = f"{form} {number} {first} {last} {count} {root.hex()} {previous.hex()} {microseconds(made_at)}"
    return sha256(said.encode()).digest()


def kept(text: str) -> list[Head]:
    """The heads in a text, such as a file to which each was added, or a message in Slack; by number."""
    return sorted({Head(int(number), bytes.fromhex(digest)) for number, digest in KEPT.findall(text)})
