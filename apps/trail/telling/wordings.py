"""The allow-list: which types of events a customer may be told of, and in which words.

A type is on it when its app has registered a sentence for it, in a file called telling.py that is found at start-up.
The sentence is made of what its author chose to say, so nothing else of the event can get into the text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from apps.trail.events import Event, type_named
from apps.trail.models import StoredEvent
from apps.trail.telling.composing import Told

E = TypeVar("E", bound=Event)
# The sentence; "" when this one event is not for customers after all.
Say = Callable[[Any], str]


@dataclass(frozen=True)
class Wording:
    """How events of a type are told; `about` says to a manager what that is, `at` names the field with their time."""

    type: str
    about: str
    say: Say
    at: str


_wordings: dict[str, Wording] = {}


def tells_the_customer(
    kind: type[E], *, about: str, at: str = ""
) -> Callable[[Callable[[E], str]], Callable[[E], str]]:
    """Customers may be told of this type, in the words of this function. Its time is the event's, or that in `at`."""

    def register(say: Callable[[E], str]) -> Callable[[E], str]:
        known = _wordings.get(kind.__name__)
        if known is not None and known.say.__module__ != say.__module__:
            raise TypeError(f"{kind.__name__} is told to customers in two ways.")
        _wordings[kind.__name__] = Wording(kind.__name__, about, say, at)
        return say

    return register


def wordings() -> dict[str, Wording]:
    """The allow-list, by type."""
    return dict(sorted(_wordings.items()))


def told(stored: StoredEvent, *, withheld: frozenset[str] = frozenset()) -> Told | None:
    """The event as a customer reads it; None when customers are not told of it."""
    cls = type_named(stored.type)
    wording = _wordings.get(cls.__name__) if cls else None
    if wording is None or wording.type in withheld or stored.event is None:
        return None
    text = " ".join(wording.say(stored.event).split())
    at = getattr(stored.event, wording.at) if wording.at else stored.occurred_at
    return Told(at if isinstance(at, datetime) else stored.occurred_at, text) if text else None
