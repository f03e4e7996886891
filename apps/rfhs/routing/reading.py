"""A routing table as a file: which areas it has, as plain data. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

# As Sourcegraph's support routes, with the words of its two search teams taken from what it says of them.
SHIPPED = Path(__file__).parent / "table.json"


class BadTable(ValueError):
    """The file is no routing table; the message says where."""


@dataclass(frozen=True)
class ListedException:
    """To the end of its last day, questions with this keyword go to another team."""

    keyword: str
    team: str
    until: date
    via: str = ""


@dataclass(frozen=True)
class ListedPart:
    """A sub-team."""

    name: str
    handle: str = ""
    mention: str = ""
    label: str = ""
    about: str = ""
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listed:
    """An area as the file lists it; `channel` is a name, without the #."""

    name: str
    team: str
    engineering: bool = True
    keywords: tuple[str, ...] = ()
    any_language: bool = False
    channel: str = ""
    handles: tuple[str, ...] = ()
    label: str = ""
    note: str = ""
    tie_break: str = ""
    parts: tuple[ListedPart, ...] = ()
    exceptions: tuple[ListedException, ...] = ()

    @property
    def slug(self) -> str:
        return slug_of(self.name)


def slug_of(name: str) -> str:
    """Its name in addresses."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50].strip("-")


def read(text: str) -> list[Listed]:
    """The areas in the file's order. Raises BadTable."""
    try:
        table = json.loads(text)
    except ValueError as error:
        raise BadTable(f"It is no JSON: {error}.")
    routes = table.get("routes") if isinstance(table, dict) else None
    if not isinstance(routes, list) or not routes:
        raise BadTable("It has no list of “routes”.")
    areas = [_area(route, f"Route {place}") for place, route in enumerate(routes, start=1)]
    seen: set[str] = set()
    for area in areas:
        if area.slug in seen:
            raise BadTable(f"The area “{area.name}” is listed twice.")
        seen.add(area.slug)
    return areas


def _area(route: Any, where: str) -> Listed:
    if not isinstance(route, Mapping):
        raise BadTable(f"{where} is no object.")
    name, team = _line(route, "area", where, 100, needed=True), _line(route, "team", where, 100, needed=True)
    where = f"The area “{name}”"
    return Listed(
        name=name,
        team=team,
        engineering=route.get("engineering", True) is not False,
        keywords=_words(route, "keywords", where),
        any_language=bool(route.get("any_programming_language"))
        or "any programming language" in str(route.get("also") or ""),
        channel=_line(route, "slack_channel", where, 80).removeprefix("#"),
        handles=_words(route, "handles_first_that_exists", where),
        label=_line(route, "label", where, 100),
        note=_line(route, "mention", where, 300) or _line(route, "see", where, 300) or _line(route, "rule", where, 300),
        tie_break=_line(route, "ask", where, 300) or _line(route, "tie_break", where, 300),
        parts=tuple(_part(part, where) for part in _objects(route, "subteams", where)),
        exceptions=tuple(_exception(each, where) for each in _objects(route, "exceptions", where)),
    )


def _part(part: Mapping[str, Any], where: str) -> ListedPart:
    return ListedPart(
        name=_line(part, "name", where, 100, needed=True),
        handle=_line(part, "slack_mention", where, 80),
        mention=_line(part, "team_mention", where, 80),
        label=_line(part, "label", where, 100),
        about=_line(part, "about", where, 300),
        keywords=_words(part, "keywords", where),
    )


def _exception(each: Mapping[str, Any], where: str) -> ListedException:
    until = _line(each, "until", where, 10, needed=True)
    try:
        last = date.fromisoformat(until)
    except ValueError:
        raise BadTable(f"{where} has an exception until “{until}”: that is no date such as 2026-10-31.")
    return ListedException(
        keyword=_line(each, "keyword", where, 80, needed=True),
        team=_line(each, "team", where, 100, needed=True),
        until=last,
        via=_line(each, "via", where, 100),
    )


def _line(of: Mapping[str, Any], name: str, where: str, longest: int, *, needed: bool = False) -> str:
    value = of.get(name)
    if value is not None and not isinstance(value, str):
        raise BadTable(f"{where}: “{name}” is no text.")
    line = " ".join((value or "").split())
    if needed and not line:
        raise BadTable(f"{where} has no “{name}”.")
    if len(line) > longest:
        raise BadTable(f"{where}: “{name}” has more than {longest} characters.")
    return line


def _words(of: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    value = of.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, str) and len(each) <= 80 for each in value):
        raise BadTable(f"{where}: “{name}” is no list of texts of at most 80 characters.")
    return tuple(dict.fromkeys(word for word in (" ".join(each.split()) for each in value) if word))


def _objects(of: Mapping[str, Any], name: str, where: str) -> list[Mapping[str, Any]]:
    value = of.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise BadTable(f"{where}: “{name}” is no list of objects.")
    return value
