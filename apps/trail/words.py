"""The words an event can be found by. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

LONGEST = 8_000
# What looks like an instant, a duration or an id is no word: nobody types it, and each would be a word of its own.
NO_WORD = re.compile(
    r"\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?"
    r"|-?P(?=[\dT])(?:\d+[DWMY])*(?:T[\dHMS.]+)?"
    r"|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",
)


def words_of(payload: Any, about: Iterable[str], *said: str) -> str:
    """Everything a person may look for: the streams' names, what was said, and the texts and numbers of the payload.

    At most LONGEST characters.
    """
    # "ticket:4711" is found as 4711 as well.
    names = (part for name in about for part in (name, name.partition(":")[2]))
    parts = (part for part in (*names, *said, *_leaves(payload)) if part)
    # Zero bytes are no text to PostgreSQL; JSON can hold them.
    return " ".join(dict.fromkeys(parts))[:LONGEST].replace("\x00", " ")


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if not NO_WORD.fullmatch(value):
            yield value
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int | float):
        yield str(value)
    elif isinstance(value, dict):
        for held in value.values():
            yield from _leaves(held)
    elif isinstance(value, list):
        for held in value:
            yield from _leaves(held)
