"""In which order policies are asked: one after the other, counted from 1, without ties or gaps. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Stands for a policy that has no key yet.
NEW = 0


@dataclass(frozen=True)
class Place:
    """A policy as the order sees it. catches_all: it looks at neither a chosen plan nor severity nor channel."""

    id: int
    position: int
    applies_to: str
    enabled: bool
    catches_all: bool


def placed(places: Sequence[Place], who: int, position: int | None, *, applies_to: str) -> list[int]:
    """The keys in order once `who` is at `position`; the others close ranks and keep their order.

    None keeps a known policy where it is and puts a new one before the fallback, behind which it would never
    be asked. A number beyond either end means that end.
    """
    if position is None:
        position = _usual(places, who, applies_to)
    others = [place.id for place in places if place.id != who]
    at = min(max(position - 1, 0), len(others))
    return [*others[:at], who, *others[at:]]


def arranged(places: Sequence[Place], wanted: Mapping[int, int]) -> list[int]:
    """The keys in order once the policies of `wanted` have these positions.

    Those whose number changed go where it says; the rest keeps its order. A list that was dragged is numbered
    from 0 without a gap, which nobody types: its rows change places among themselves.
    """
    known = [place.id for place in places]
    said = {key: position for key, position in wanted.items() if key in set(known)}
    if said and sorted(said.values()) == list(range(len(said))):
        dragged = iter(sorted(said, key=lambda key: said[key]))
        return [next(dragged) if key in said else key for key in known]
    moved = [place.id for place in places if place.id in said and said[place.id] != place.position]
    order = [key for key in known if key not in moved]
    free = 0
    for key in sorted(moved, key=lambda key: said[key]):
        # Two typed the same number: the second stands behind the first.
        at = max(said[key] - 1, free)
        order.insert(at, key)
        free = at + 1
    return order


def numbered(order: Iterable[int]) -> dict[int, int]:
    """Each key's position."""
    return {key: position for position, key in enumerate(order, start=1)}


def _usual(places: Sequence[Place], who: int, applies_to: str) -> int:
    fallback = len(places) + 1
    for number, place in enumerate(places, start=1):
        if place.id == who:
            return number
        # One that is off in the middle was parked there; at the end it is the fallback all the same.
        if place.catches_all and place.applies_to == applies_to and (place.enabled or number == len(places)):
            fallback = min(fallback, number)
    return fallback
