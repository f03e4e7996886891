"""A stream's name as people type it. Pure."""

from __future__ import annotations

LONGEST = 200


def typed_stream(said: str) -> str:
    """The stream somebody means: "4711" and "ticket 4711" are ticket:4711; "" when nothing, or no name, was typed.

    A ticket's number may have letters, such as ACME-17; a stream of one word has no digits, such as rights.
    """
    text = said.strip()
    if not text or "\x00" in text or len(text) > LONGEST:
        return ""
    kind, colon, key = text.partition(":")
    if colon:
        return f"{kind.strip()}:{key.strip()}" if key.strip() else ""
    words = text.split()
    if len(words) == 2 and words[0].isalpha():
        return f"{words[0].lower()}:{words[1]}"
    return f"ticket:{text.removeprefix('#')}" if len(words) == 1 and any(map(str.isdigit, text)) else text
