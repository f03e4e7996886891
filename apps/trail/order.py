"""The order in which the trail is read. Pure."""

from __future__ import annotations

from typing import NamedTuple

from apps.trail.errors import BadCursor


class Cursor(NamedTuple):
    """A place on the trail: an event's epoch, transaction and position.

    Positions are drawn before the commit, so an event may become visible behind one of a higher position. In this
    order, and only below the snapshot's horizon, nothing appears behind a reader.
    """

    epoch: int
    transaction: int
    position: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.transaction}.{self.position}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """The cursor that was written as `text`. Raises BadCursor."""
        parts = text.split(".")
        if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts):
            raise BadCursor(f"“{text[:60]}” is no place on the trail; take one from an earlier answer.")
        return cls(*(int(part) for part in parts))


START = Cursor(0, 0, 0)
