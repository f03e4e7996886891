"""How somebody marks a text as private, and where a text is so marked. Pure.

- ``[private] … [/private]``: all between; without an end, all that follows.
- ``>! …``: a line of a quote that stays between the customer and us.
- A line that is, or has before a colon, Confidential, Internal only, Do not share, TLP:RED or TLP:AMBER: to the next
  blank line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

BLOCK = re.compile(
    # [private](…) is a link.
    r"\[\s*private\s*\](?![(\[])(?P<said>.*?)(?:\[\s*/\s*private\s*\]|\Z)",
    re.IGNORECASE | re.DOTALL,
)
QUOTE = re.compile(r"^[ \t]*(?:>[ \t]*)*>!(?P<said>.*)$", re.MULTILINE)
LABEL = re.compile(
    r"^[\s>*_#\[(-]*(?:(?:strictly |private and )?confidential|internal(?: use)? only|not for (?:the )?public"
    r"|do not (?:share|forward|publish|distribute)|under nda|tlp:\s*(?:red|amber(?:\+strict)?))"
    r"[\])*_ \t]*(?:[:.!\u2013\u2014-](?P<said>.*))?$(?:\n(?!\s*$).*)*",
    re.IGNORECASE | re.MULTILINE,
)
PATTERNS = (BLOCK, QUOTE, LABEL)


def marked(text: str) -> Iterator[tuple[int, int]]:
    """Where it is marked private."""
    for pattern in PATTERNS:
        for found in pattern.finditer(text):
            yield found.span()


def private_passages(text: str) -> Iterator[str]:
    """What is marked private, without its marks."""
    for first, last in marked(text):
        said = re.sub(r"\[\s*/?\s*private\s*\]|^\s*>!?", " ", text[first:last], flags=re.IGNORECASE | re.MULTILINE)
        if said.strip():
            yield said.strip()


def without_private(text: str) -> str:
    """The text without what is marked private."""
    for pattern in PATTERNS:
        text = pattern.sub(" ", text)
    return text
