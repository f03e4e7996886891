"""An event's fields as JSON and back. Pure."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import isodate


def to_json(event: object) -> dict[str, Any]:
    """The dataclass's fields: instants RFC 3339, durations ISO 8601, the rest as it is."""
    return {name: plain(getattr(event, name)) for name in _names(type(event))}  # type: ignore[arg-type]


def plain(value: Any) -> Any:
    """`value` in JSON's own types.

    Raises TypeError for what has no agreed form: better refused than stored unreadably.
    """
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return isodate.duration_isoformat(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        return to_json(value)
    raise TypeError(f"An event cannot hold a {type(value).__name__}.")


def depth(value: Any) -> int:
    """How many objects and lists lie in each other, at most."""
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        inner, level = waiting.pop()
        if isinstance(inner, dict | list):
            deepest = max(deepest, level)
            waiting.extend((item, level + 1) for item in (inner.values() if isinstance(inner, dict) else inner))
    return deepest


def from_json(cls: type[Any], payload: Mapping[str, Any]) -> Any:
    """An instance of the dataclass `cls`; a field the payload does not know takes its default.

    Raises TypeError when a field without a default is missing.
    """
    hints = _hints(cls)  # type: ignore[arg-type]
    given = {f.name: _read(hints[f.name], payload[f.name]) for f in dataclasses.fields(cls) if f.name in payload}
    return cls(**given)


@cache
def _names(cls: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls))


@cache
def _hints(cls: type[Any]) -> dict[str, Any]:
    return get_type_hints(cls)


def _read(hint: Any, value: Any) -> Any:
    origin = get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return _read(next(arg for arg in get_args(hint) if arg is not type(None)), value)
    if hint is datetime:
        return datetime.fromisoformat(value)
    if hint is timedelta:
        return isodate.parse_duration(value)
    if hint is UUID:
        return UUID(value)
    if origin is tuple:
        return tuple(_read(get_args(hint)[0], item) for item in value)
    if origin is list:
        return [_read(get_args(hint)[0], item) for item in value]
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return from_json(hint, value)
    return value
