"""Events of a house with lamps, for tests that need some of no particular meaning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from apps.trail import services as trail
from apps.trail.events import Event
from apps.trail.reacting import Recorded


@dataclass(frozen=True, kw_only=True)
class LampSwitched(Event):
    """A lamp was switched. It was called by a number once, and then had no room."""

    version: ClassVar[int] = 3
    formerly: ClassVar[tuple[str, ...]] = ("LightSwitched",)
    upcasts: ClassVar[dict[int, Any]] = {
        1: lambda payload: {"lamp": f"lamp {payload['number']}"},
        2: lambda payload: {**payload, "room": "hall"},
    }

    lamp: str
    room: str

    def sentence(self) -> str:
        return f"{self.lamp} in the {self.room} was switched"


@dataclass(frozen=True, kw_only=True)
class DoorOpened(Event):
    """A door was opened."""

    door: str

    def sentence(self) -> str:
        return f"The {self.door} door was opened"


def switched(
    count: int = 1, *, now: datetime, about: Iterable[str] = ("house",), first: int = 0
) -> list[Recorded[LampSwitched]]:
    """So many lamps are switched, one event each, at once."""
    return trail.record_many(
        [
            trail.Happening(event=LampSwitched(lamp=f"lamp {n}", room="hall"), about=tuple(about))
            for n in range(first, first + count)
        ],
        now=now,
    )
