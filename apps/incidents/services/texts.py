"""What people write, as it is kept."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from apps.incidents.errors import BadIncident
from apps.trail.instants import slip_in

LONGEST_TITLE, LONGEST_LINE, LONGEST_TEXT = 200, 300, 20_000
# A clock that is a little ahead is no reason to refuse.
AHEAD = timedelta(minutes=5)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def line(field: str, text: str, sentence: str = "", longest: int = LONGEST_TITLE) -> str:
    """The text in one line. Raises BadIncident where it is too long, or empty and `sentence` asks for it."""
    kept = " ".join(_UNSTORABLE.sub("", text).split())
    if not kept and sentence:
        raise BadIncident(field, sentence)
    if len(kept) > longest:
        raise BadIncident(field, f"At most {longest:,} characters; these are {len(kept):,}.")
    return kept


def paragraph(field: str, text: str, sentence: str = "") -> str:
    """The text with its lines. Raises BadIncident where it is too long, or empty and `sentence` asks for it."""
    kept = _UNSTORABLE.sub("", text).replace("\r\n", "\n").strip()
    if not kept and sentence:
        raise BadIncident(field, sentence)
    if len(kept) > LONGEST_TEXT:
        raise BadIncident(field, f"At most {LONGEST_TEXT:,} characters; these are {len(kept):,}.")
    return kept


def past(field: str, at: datetime, *, now: datetime, not_before: datetime | None = None) -> datetime:
    """The instant, which has come. Raises BadIncident."""
    if slip := slip_in(at):
        raise BadIncident(field, slip)
    if at > now + AHEAD:
        raise BadIncident(field, "This is in the future.")
    if not_before is not None and at < not_before:
        raise BadIncident(field, "This is before the incident began.")
    return min(at, now)
