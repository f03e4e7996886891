"""Which customers an event belongs to: those of what it is about. Apps say so for the kinds of streams they know.

The trail knows no customers. `@whose("ticket")` in an app's belonging.py, which is found at start-up, names whoever
the streams `ticket:…` belong to.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from apps.trail.models import StoredEvent

# Keys of one kind of stream, all that are asked for at once, to the slugs of the customers they belong to.
Resolver = Callable[[Collection[str]], Mapping[str, Iterable[str]]]
Moves = Callable[[StoredEvent], bool]


@dataclass(frozen=True)
class Kind:
    """A kind of stream whose events belong to customers; `moves` says of an event that it may have changed to whom."""

    resolver: Resolver
    moves: Moves


_kinds: dict[str, Kind] = {}


def whose(kind: str, *, moves: Moves = lambda event: False) -> Callable[[Resolver], Resolver]:
    """Streams of this kind belong to the customers that the function names."""

    def register(resolver: Resolver) -> Resolver:
        known = _kinds.get(kind)
        if known is not None and known.resolver.__module__ != resolver.__module__:
            raise TypeError(f"Two say whose the streams {kind}:… are.")
        _kinds[kind] = Kind(resolver, moves)
        return resolver

    return register


def customers_of(events: Collection[StoredEvent]) -> dict[int, tuple[str, ...]]:
    """The slugs of the customers each event belongs to now, by its position; one question a kind of stream."""
    keys: dict[str, set[str]] = {}
    for event in events:
        for stream in event.about:
            kind, _, key = stream.partition(":")
            if key and kind in _kinds:
                keys.setdefault(kind, set()).add(key)
    found = {kind: _kinds[kind].resolver(asked) for kind, asked in keys.items()}
    return {event.position: _slugs(event, found) for event in events}


def _slugs(event: StoredEvent, found: Mapping[str, Mapping[str, Iterable[str]]]) -> tuple[str, ...]:
    slugs: set[str] = set()
    for stream in event.about:
        kind, _, key = stream.partition(":")
        slugs.update(found.get(kind, {}).get(key, ()))
    return tuple(sorted(slugs))


def moved_by(event: StoredEvent) -> list[str]:
    """The streams this event is about that may belong to somebody else since."""
    return [stream for stream in event.about if (kind := _kinds.get(stream.partition(":")[0])) and kind.moves(event)]
