"""A stream's name as people type it. Pure."""

from __future__ import annotations

import re

LONGEST = 200
# How a request for help is called.
A_REQUEST = re.compile(r"rfh[-\s]?(\d{1,18})", re.IGNORECASE)


def typed_stream(said: str) -> str:
    """The stream somebody means: "4711" and "ticket 4711" are ticket:4711, RFH-12 is rfh:12; "" when no name was typed.

    A ticket's number may have letters, such as ACME-17; a stream of one word has no digits, such as rights.
    """
    text = said.strip()
    if not text or "\x00" in text or len(text) > LONGEST:
        return ""
    kind, colon, key = text.partition(":")
    if colon:
        return f"{kind.strip()}:{key.strip()}" if key.strip() else ""
    if request := A_REQUEST.fullmatch(text):
        return f"rfh:{request[1]}"
    words = text.split()
    if len(words) == 2 and words[0].isalpha():
        return f"{words[0].lower()}:{words[1]}"
    return f"ticket:{text.removeprefix('#')}" if len(words) == 1 and any(map(str.isdigit, text)) else text
