"""What people write, as it is kept."""

from __future__ import annotations

from apps.rfhs.errors import BadRFH

LONGEST_SUMMARY, LONGEST_LINE, LONGEST_TEXT = 200, 300, 20_000


def kept(field: str, text: str) -> str:
    """The text without what the database cannot hold. Raises BadRFH where it is too long."""
    text = text.replace("\x00", "").strip()
    if len(text) > LONGEST_TEXT:
        raise BadRFH(field, f"At most {LONGEST_TEXT:,} characters; these are {len(text):,}.")
    return text


def needed(field: str, text: str, sentence: str) -> str:
    """The same of what must be said. Raises BadRFH with the sentence where nothing is."""
    text = kept(field, text)
    if not text:
        raise BadRFH(field, sentence)
    return text
