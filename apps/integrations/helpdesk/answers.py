"""Reading what a help desk says: identifiers, instants and shapes that may be anything. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from apps.tickets.replies import SourceUnreachable

_ID = re.compile(r"[1-9][0-9]{0,17}")

Item = TypeVar("Item")


def is_id(number: str) -> bool:
    """Can a vendor that counts its tickets know this number? (It fits 64 bits and a path.)"""
    return _ID.fullmatch(number) is not None


def chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """`items` in order, in pieces of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def instant(value: Any) -> datetime:
    """The aware instant in UTC that an RFC 3339 text names. Raises ValueError for anything else."""
    if not isinstance(value, str):
        raise ValueError("not a text")
    read = datetime.fromisoformat(value)
    if read.tzinfo is None:
        raise ValueError("no time zone")
    try:
        return read.astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range")


def misshapen(vendor: str, what: str) -> SourceUnreachable:
    """The refusal for an answer that is JSON but not the one that was asked for."""
    return SourceUnreachable(f"{vendor}'s answer is not understood: {what}.")
