"""What of a sealed batch is not as it was: each event that is altered, missing, added or elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from apps.trail.order import Cursor

ALTERED, MISSING, ADDED, REORDERED = "altered", "missing", "added", "reordered"
# Each stray event is tried at each empty place; beyond so many of both they are called missing and added.
MOST_STRAYS = 200


@dataclass(frozen=True, order=True)
class Difference:
    """An event that differs from what was sealed: where it stands or stood; `was_at` when it stood elsewhere."""

    place: Cursor
    what: str
    was_at: Cursor | None = None


def differences(
    sealed: Mapping[Cursor, bytes], found: Mapping[Cursor, bytes], moved_to: Callable[[Cursor, Cursor], bytes]
) -> list[Difference]:
    """What differs, in the trail's order; both map places to leaves.

    `moved_to(at, place)` is the leaf that the event found at `at` would have at `place`.
    """
    empty = [place for place, leaf in sealed.items() if found.get(place) != leaf]
    stray = [place for place, leaf in found.items() if sealed.get(place) != leaf]
    origin = _origins(stray, {sealed[place]: place for place in empty}, moved_to)
    told = [Difference(at, REORDERED, was_at) for at, was_at in origin.items()]
    strays = {at for at in stray if at not in origin}
    told += [Difference(at, ALTERED if at in sealed else ADDED) for at in strays]
    # What moved elsewhere is not missing, and what stands altered in its place was told.
    gone = set(empty) - set(origin.values()) - strays
    told += [Difference(place, MISSING) for place in gone]
    return sorted(told, key=lambda difference: difference.place)


def _origins(
    stray: Sequence[Cursor], empty: Mapping[bytes, Cursor], moved_to: Callable[[Cursor, Cursor], bytes]
) -> dict[Cursor, Cursor]:
    if max(len(stray), len(empty)) > MOST_STRAYS:
        return {}
    origin: dict[Cursor, Cursor] = {}
    for at in stray:
        for place in empty.values():
            if place != at and empty.get(moved_to(at, place)) == place:
                origin[at] = place
                break
    return origin
