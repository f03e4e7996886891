"""The catalogue of event types: what each means, and what its fields hold."""

from __future__ import annotations

import dataclasses
import inspect
import types as pytypes
import typing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from apps.trail.events import Event, Personal, type_named, types

PLAIN: dict[Any, str] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "yes or no",
    datetime: "instant (RFC 3339)",
    date: "date",
    timedelta: "duration (ISO 8601)",
    UUID: "UUID",
    dict: "object",
    list: "list",
    Any: "anything",
}


@dataclass(frozen=True)
class FieldEntry:
    """One field of a payload; `personal` when it holds data about a person."""

    name: str
    holds: str
    meaning: str
    required: bool
    personal: bool


@dataclass(frozen=True)
class TypeEntry:
    """One type of event; `app` is where it is recorded."""

    type: str
    version: int
    app: str
    meaning: str
    fields: tuple[FieldEntry, ...]


def catalogue() -> list[TypeEntry]:
    """Every type the code records, by app and name."""
    entries = [_entry(cls) for cls in types().values() if cls.__module__.startswith("apps.")]
    return sorted(entries, key=lambda entry: (entry.app, entry.type))


def meaning_of(name: str) -> str:
    """What events of this type say, whatever the type is called today; empty for a type of somebody's own."""
    cls = type_named(name)
    return _meaning(cls) if cls else ""


def personal_fields(cls: type[Event]) -> frozenset[str]:
    """The names of the fields that hold data about a person."""
    return frozenset(field.name for field in _entry(cls).fields if field.personal)


def _entry(cls: type[Event]) -> TypeEntry:
    hints = get_type_hints(cls, include_extras=True)
    return TypeEntry(
        type=cls.__name__,
        version=cls.version,
        app=cls.__module__.removeprefix("apps.").removesuffix(".events").replace("integrations.", ""),
        meaning=_meaning(cls),
        fields=tuple(_field(field, hints[field.name]) for field in dataclasses.fields(cls)),
    )


def _meaning(cls: type[Event]) -> str:
    return " ".join((inspect.getdoc(cls) or "").partition("\n\n")[0].split())


def _field(field: dataclasses.Field[Any], hint: Any) -> FieldEntry:
    notes: tuple[Any, ...] = ()
    if get_origin(hint) is typing.Annotated:
        hint, *extras = get_args(hint)
        notes = tuple(extras)
    missing = dataclasses.MISSING
    return FieldEntry(
        name=field.name,
        holds=_holds(hint),
        meaning=next((note for note in notes if isinstance(note, str)), ""),
        required=field.default is missing and field.default_factory is missing,
        personal=Personal in notes,
    )


def _holds(hint: Any) -> str:
    origin, args = get_origin(hint), get_args(hint)
    if origin is typing.Annotated:
        return _holds(args[0])
    if origin in (typing.Union, pytypes.UnionType):
        return " or ".join("nothing" if arg is type(None) else _holds(arg) for arg in args)
    if origin in (list, tuple):
        return f"list of {_holds(args[0])}"
    if origin is dict:
        return f"object of {_holds(args[1])}" if args[1] is not Any else "object"
    return PLAIN.get(hint, getattr(hint, "__name__", str(hint)))
