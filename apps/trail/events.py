"""The base of every event, the registry of their types, and the trail's own events."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from apps.trail import payloads

_types: dict[str, type[Event]] = {}
# What an event of a type the code does not know may be called.
CUSTOM_NAME = re.compile(r"[A-Z][A-Za-z0-9]{2,99}")

Upcast = Callable[[dict[str, Any]], dict[str, Any]]


class Personal:
    """Marks a field that holds data about a person: `name: Annotated[str, Personal, "Who signed in"]`."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened, in the past tense. Subclasses are frozen, keyword-only dataclasses.

    The class's name is its type on the trail, so it is never reused with another meaning. A field's meaning and
    whether it is Personal stand in its `Annotated`. `version` rises when the fields change; `upcasts` then says for
    each older version how its payload becomes one of the next, and what is stored stays as it was. A class that was
    called otherwise names that in `formerly`.
    """

    version: ClassVar[int] = 1
    upcasts: ClassVar[Mapping[int, Upcast]] = {}
    formerly: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, custom: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in () if custom else (cls.__name__, *cls.formerly):
            known = _types.get(name)
            if known is not None and (known.__module__, known.__name__) != (cls.__module__, cls.__name__):
                raise TypeError(f"Two events are called {name}: in {known.__module__} and {cls.__module__}.")
            _types[name] = cls
        if missing := set(range(1, cls.version)) - cls.upcasts.keys():
            raise TypeError(f"{cls.__name__} cannot read its versions {sorted(missing)}: say how in `upcasts`.")

    @property
    def event_type(self) -> str:
        """Its type on the trail."""
        return type(self).__name__

    def as_payload(self) -> dict[str, Any]:
        """Its fields, JSON-ready."""
        return payloads.to_json(self)

    def sentence(self) -> str:
        """What happened, for a person, without the actor: "was opened from Slack"."""
        raise NotImplementedError


def type_named(name: str) -> type[Event] | None:
    """The class of a recorded type; None when the code no longer knows it."""
    return _types.get(name)


def types() -> dict[str, type[Event]]:
    """Every known type by its present name."""
    return {name: cls for name, cls in _types.items() if name == cls.__name__}


def upcast(cls: type[Event], version: int, payload: dict[str, Any]) -> dict[str, Any]:
    """The payload of an older version as one of the present version.

    Raises ValueError for one that is newer than the code.
    """
    if version > cls.version:
        raise ValueError(f"{cls.__name__} is known up to version {cls.version}, not {version}.")
    for older in range(version, cls.version):
        payload = cls.upcasts[older](payload)
    return payload


def of_today(name: str, version: int, payload: dict[str, Any]) -> tuple[str, int, dict[str, Any]]:
    """A stored type, version and payload as the code has them now; as they are stored where it cannot tell."""
    cls = type_named(name)
    if cls is None:
        return name, version, payload
    try:
        return cls.__name__, cls.version, upcast(cls, version, payload)
    except (TypeError, ValueError, KeyError):
        return name, version, payload


def known_as(name: str) -> tuple[str, ...]:
    """The type's name with all it was called before."""
    cls = type_named(name)
    return (cls.__name__, *cls.formerly) if cls else (name,)


@dataclass(frozen=True, kw_only=True)
class Custom(Event, custom=True):
    """An event of a type the code does not know, published from the console or by an integration.

    `name` becomes its type, and `data` its payload.
    """

    name: str
    data: dict[str, Any]

    @property
    def event_type(self) -> str:
        return self.name

    def as_payload(self) -> dict[str, Any]:
        return self.data

    def sentence(self) -> str:
        return in_words(self.name)


def in_words(name: str) -> str:
    """VatRateCorrected as "Vat rate corrected"."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).split()
    return " ".join([words[0], *(word if word.isupper() else word.lower() for word in words[1:])]) if words else name


Model = Annotated[str, "The model's label, such as people.customer"]
Key = Annotated[str, "The row's key"]
Label = Annotated[str, Personal, "What the object is called"]
Noun = Annotated[str, "What such an object is; empty in entries from before it was kept"]


@dataclass(frozen=True, kw_only=True)
class ObjectCreated(Event):
    """A managed object came to be; `after` holds its fields."""

    model: Model
    key: Key
    label: Label
    after: Annotated[dict[str, Any], Personal, "Its fields"]
    noun: Noun = ""

    def sentence(self) -> str:
        return f"{_noun(self)} “{self.label}” was created"


@dataclass(frozen=True, kw_only=True)
class ObjectChanged(Event):
    """A managed object changed; `changes` maps a field to [before, after]."""

    model: Model
    key: Key
    label: Label
    changes: Annotated[dict[str, list[Any]], Personal, "By field, [before, after]"]
    noun: Noun = ""

    def sentence(self) -> str:
        names = ", ".join(name.replace("_", " ") for name in self.changes)
        return f"{_noun(self)} “{self.label}” was changed: {names}"


@dataclass(frozen=True, kw_only=True)
class ObjectDeleted(Event):
    """A managed object was deleted; `before` holds its fields."""

    model: Model
    key: Key
    label: Label
    before: Annotated[dict[str, Any], Personal, "Its fields"] = field(default_factory=dict)
    noun: Noun = ""

    def sentence(self) -> str:
        return f"{_noun(self)} “{self.label}” was deleted"


def _noun(event: ObjectCreated | ObjectChanged | ObjectDeleted) -> str:
    return event.noun or event.model.rsplit(".", 1)[-1].capitalize()


@dataclass(frozen=True, kw_only=True)
class EventsLinked(Event):
    """Events from elsewhere were put on a stream, such as a case's."""

    stream: Annotated[str, "The stream they are on as well, from now on"]
    events: Annotated[list[int], "Their positions"]
    because: Annotated[str, Personal, "Why, in the words of who did it"] = ""

    def sentence(self) -> str:
        count = f"{len(self.events)} events were" if len(self.events) != 1 else "An event was"
        return f"{count} linked to {self.stream}" + (f": {self.because}" if self.because else "")


@dataclass(frozen=True, kw_only=True)
class FollowerSentBack(Event):
    """A follower reads the trail once more from an earlier event on."""

    follower: Annotated[str, "Its name"]
    position: Annotated[int, "The first event it sees again"]

    def sentence(self) -> str:
        return f"{self.follower} reads the trail once more, from event {self.position} on"


@dataclass(frozen=True, kw_only=True)
class ChangedOutside(Event):
    """A row was changed outside the application: by SQL, or by a script that told nobody. The database says so."""

    model: Model
    key: Key
    noun: Annotated[str, "What such a row is"]
    label: Annotated[str, Personal, "What the row, or what it belongs to, is called"]
    op: Annotated[str, "What was done: insert, update, delete, or truncate, which empties the table"]
    before: Annotated[dict[str, Any], Personal, "The columns as they were; of a change those that differ"]
    after: Annotated[dict[str, Any], Personal, "The columns as they are now; of a change those that differ"]
    rows: Annotated[int, "How many rows"] = 1
    database_user: Annotated[str, Personal, "The database's user that did it"]
    application: Annotated[str, "What the connection called itself, such as psql"] = ""
    address: Annotated[str, Personal, "Where the connection came from; empty when from the server itself"] = ""

    def sentence(self) -> str:
        by = f"outside the application by {self.database_user}" + (
            f" with {self.application}" if self.application else ""
        )
        # A number needs no quotes to be told from the words around it.
        called = self.label or self.key
        called = called if called.replace("-", "").isalnum() and any(map(str.isdigit, called)) else f"“{called}”"
        match self.op:
            case "insert":
                return f"{self.noun} {called} was added {by}"
            case "delete":
                return f"{self.noun} {called} was deleted {by}"
            case "truncate":
                return f"All of {self.model} ({self.rows} rows) was deleted {by}"
            case _:
                names = ", ".join(name.replace("_", " ") for name in {**self.before, **self.after})
                return f"{self.noun} {called} was changed {by}: {names}"
