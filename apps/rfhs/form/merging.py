"""Two who write one draft: field by field, nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

# These keep their lines; of the others several blanks are one.
LINES = frozenset({"description"})
DETAIL = "detail-"


@dataclass(frozen=True)
class Merged:
    """What to write; what somebody else wrote where it was typed, too; and what they wrote where nothing was typed."""

    changes: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    theirs: dict[str, str] = field(default_factory=dict)


def plain(name: str, text: str) -> str:
    """The text as it is kept; browsers send lines with a carriage return."""
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    return text if name in LINES or name.startswith(DETAIL) else " ".join(text.split())


def seal(text: str) -> str:
    """What a page remembers of a value, to know later whether it is still so."""
    return sha256(text.encode()).hexdigest()[:16]


def merge(stored: Mapping[str, str], typed: Mapping[str, str], was: Mapping[str, str]) -> Merged:
    """Compare what is stored and what was typed with what was there when the page was read.

    `was` holds seals; a field without one was read just now. All values are plain.
    """
    merged = Merged()
    for name, text in typed.items():
        now = stored.get(name, "")
        before = was.get(name) or seal(now)
        if text == now:
            continue
        if seal(text) == before:
            merged.theirs[name] = now
        elif seal(now) == before:
            merged.changes[name] = text
        else:
            merged.conflicts[name] = now
    return merged
