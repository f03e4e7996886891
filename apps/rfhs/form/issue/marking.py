"""A text in parts, of which some are not for the public. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


class Found(Protocol):
    """A place: from `start` to `end`, and why."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def why(self) -> str: ...


@dataclass(frozen=True)
class Part:
    """A piece of a text; `why` is empty for what everybody may read."""

    text: str
    why: str = ""


def parts(text: str, places: Iterable[Found]) -> list[Part]:
    """The text, cut where a place begins and ends; of places that overlap the first one speaks."""
    found: list[Part] = []
    done = 0
    for place in sorted(places, key=lambda each: (each.start, -each.end)):
        start, end = max(place.start, done), min(place.end, len(text))
        if start >= end:
            continue
        if start > done:
            found.append(Part(text[done:start]))
        found.append(Part(text[start:end], place.why))
        done = end
    if done < len(text):
        found.append(Part(text[done:]))
    return found
