"""How other systems write a ticket's number, severity and type, and what that is here. Pure."""

from __future__ import annotations

import re

LONGEST_NUMBER = 64
# It is in addresses and on streams, so it holds nothing that would have to be quoted there.
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
NUMBER_RULE = (
    f"letters, digits and - _ . without spaces, a letter or digit first, and at most {LONGEST_NUMBER} characters"
)

# Zendesk's words, Freshdesk's, and what people call them.
_SEVERITIES = {
    "urgent": "urgent",
    "critical": "urgent",
    "p1": "urgent",
    "high": "high",
    "p2": "high",
    "normal": "normal",
    "medium": "normal",
    "p3": "normal",
    "low": "low",
    "p4": "low",
}
_TYPES = frozenset({"question", "problem", "incident", "task", "feedback"})


def plain_number(written: str) -> str:
    """The number without the # that people write before it: "#4711" and "4711" are one ticket."""
    return written.strip().removeprefix("#").strip()


def is_number(number: str) -> bool:
    """Can a ticket be called so? See NUMBER_RULE."""
    return len(number) <= LONGEST_NUMBER and _NUMBER.fullmatch(number) is not None


def severity_called(word: str) -> str | None:
    """The severity of this word, in any case; None for a word nobody here knows."""
    return _SEVERITIES.get(word.strip().lower())


def type_called(word: str) -> str | None:
    """The type of this word, in any case; None for a word nobody here knows."""
    word = word.strip().lower()
    return word if word in _TYPES else None
