"""Why somebody is on, and what the wall has no time for, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from apps.rotations.resolving.definition import Definition
from apps.rotations.resolving.resolver import Because
from apps.rotations.resolving.wallclock import first, on_the_wall


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


def skipped_starts(definition: Definition, layers: Sequence[str]) -> Iterator[tuple[datetime, str]]:
    """Of each layer whose turns would begin in an hour that the clock skips, when they begin instead, and a sentence.

    `layers` is what they are called, in the definition's order.
    """
    zone = definition.zone
    for name, layer in zip(layers, definition.layers, strict=True):
        if layer.turns is None:
            continue
        asked = layer.turns.start_local
        begins = first(asked, zone)
        there = on_the_wall(begins, zone)
        if there != asked:
            then = f"{there:%H:%M}" if there.date() == asked.date() else f"{there:%H:%M} on {there:%-d %b %Y}"
            yield (
                begins,
                f"{asked:%H:%M} on {asked:%-d %b %Y} does not come in {zone.key}, where clocks go forward then: "
                f"{name} begins at {then}.",
            )
