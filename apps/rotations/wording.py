"""Why somebody is on, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from apps.rotations.resolving.resolver import Because


def why(because: Because, layers: Sequence[str], overrides: Sequence[str]) -> str:
    """ "turn 3 of layer 1", "override 2", "always on by layer 1"; turns are counted from 1, as people do.

    `layers` and `overrides` are what they are called, in the definition's order.
    """
    if because.override is not None:
        return overrides[because.override]
    layer = layers[because.layer or 0]
    if because.turn is not None:
        return f"turn {because.turn + 1} of {layer}"
    return f"{because.entry} in {layer}" if because.entry else f"always on by {layer}"


def numbered(noun: str, count: int) -> list[str]:
    """What those without a name are called: "layer 1"."""
    return [f"{noun} {number}" for number in range(1, count + 1)]
