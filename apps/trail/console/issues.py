"""The address of an issue somebody works on. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# With its stream's prefix it is a stream's name.
LONGEST = 190
STREAM = "issue:"


class NotAnIssue(ValueError):
    """It is no address of an issue; the message says what is."""


def issue_at(text: str) -> str:
    """The issue's address. Raises NotAnIssue."""
    address = text.strip()
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or re.search(r"[\s\x00-\x1f\x7f]", address):
        raise NotAnIssue(
            f"“{address[:100]}” is no issue's address: copy it from the browser, such as https://issues.example.com/4711."
        )
    if parts.username or parts.password:
        raise NotAnIssue("The address holds a sign-in, and the trail keeps it for ever: leave that out.")
    if len(address) > LONGEST:
        raise NotAnIssue(
            f"The address has {len(address)} characters, and at most {LONGEST} are kept: leave out what follows “?”."
        )
    return address
