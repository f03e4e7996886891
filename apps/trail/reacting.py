"""Who hears an event in the transaction that records it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from apps.trail.context import Actor, acting
from apps.trail.errors import ReactionFailed
from apps.trail.events import Event
from apps.trail.store import Place

E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Recorded(Generic[E]):
    """An event with its place on the trail."""

    event: E
    id: UUID
    place: Place
    about: tuple[str, ...]
    actor: Actor
    correlation: UUID
    cause: UUID | None
    occurred_at: datetime

    @property
    def position(self) -> int:
        """Its number on the trail; the database is asked for it where it has not told it yet."""
        return self.place.position


Reaction = Callable[[Sequence[Recorded[Any]]], None]
_reactions: dict[str, list[Reaction]] = {}


def on(*kinds: type[Event]) -> Callable[[Reaction], Reaction]:
    """Hear events of these types: called with all that were recorded at once, in their order.

    It runs in the recording transaction and reads no clock: `occurred_at` of the event is its now.
    What it raises rolls everything back.
    """

    def register(reaction: Reaction) -> Reaction:
        for kind in kinds:
            _reactions.setdefault(kind.__name__, []).append(reaction)
        return reaction

    return register


def react(recorded: Sequence[Recorded[Any]]) -> None:
    """Let every reaction hear its events.

    Raises ReactionFailed, naming the reaction, from whatever it raised.
    """
    by_type: dict[str, list[Recorded[Any]]] = {}
    for entry in recorded:
        by_type.setdefault(type(entry.event).__name__, []).append(entry)
    for name, entries in by_type.items():
        for reaction in _reactions.get(name, ()):
            try:
                reaction(entries)
            except ReactionFailed:
                raise
            except Exception as error:
                where = f"{reaction.__module__}.{reaction.__qualname__}"
                raise ReactionFailed(f"{where} could not follow {name}: {error}") from error


def following(entry: Recorded[Any]) -> Any:
    """A block in which everything recorded names `entry` as its cause."""
    return acting(cause=entry.id, correlation=entry.correlation)
