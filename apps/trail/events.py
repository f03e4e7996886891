"""The base of every event, the registry of their types, and the trail's own events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

_types: dict[str, type[Event]] = {}


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened, in the past tense. Subclasses are frozen, keyword-only dataclasses.

    The class's name is its type on the trail, so it is never reused with another meaning;
    `version` rises when the fields change.
    """

    version: ClassVar[int] = 1

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        known = _types.get(cls.__name__)
        if known is not None and known.__module__ != cls.__module__:
            raise TypeError(f"Two events are called {cls.__name__}: in {known.__module__} and {cls.__module__}.")
        _types[cls.__name__] = cls

    def sentence(self) -> str:
        """What happened, for a person, without the actor: "was opened from Slack"."""
        raise NotImplementedError


def type_named(name: str) -> type[Event] | None:
    """The class of a recorded type; None when the code no longer knows it."""
    return _types.get(name)


def types() -> dict[str, type[Event]]:
    """Every known type by name."""
    return dict(_types)


@dataclass(frozen=True, kw_only=True)
class ObjectCreated(Event):
    """A managed object came to be; `after` holds its fields."""

    model: str
    key: str
    label: str
    after: dict[str, Any]
    # What the model is called; empty in entries from before it was kept.
    noun: str = ""

    def sentence(self) -> str:
        return f"{_noun(self)} “{self.label}” was created"


@dataclass(frozen=True, kw_only=True)
class ObjectChanged(Event):
    """A managed object changed; `changes` maps a field to [before, after]."""

    model: str
    key: str
    label: str
    changes: dict[str, list[Any]]
    noun: str = ""

    def sentence(self) -> str:
        names = ", ".join(name.replace("_", " ") for name in self.changes)
        return f"{_noun(self)} “{self.label}” was changed: {names}"


@dataclass(frozen=True, kw_only=True)
class ObjectDeleted(Event):
    """A managed object was deleted; `before` holds its fields."""

    model: str
    key: str
    label: str
    before: dict[str, Any] = field(default_factory=dict)
    noun: str = ""

    def sentence(self) -> str:
        return f"{_noun(self)} “{self.label}” was deleted"


def _noun(event: ObjectCreated | ObjectChanged | ObjectDeleted) -> str:
    return event.noun or event.model.rsplit(".", 1)[-1].capitalize()
