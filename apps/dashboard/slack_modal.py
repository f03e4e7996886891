"""A modal of Slack's as a form on the preview, and what the form says as Slack would send it. Pure but for escaping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

from apps.dashboard.blockkit import Piece, Reader, pieces

Typed = Mapping[str, Sequence[str]]
"""What a form sent, by block."""

KINDS = {"static_select": "select", "radio_buttons": "radios", "checkboxes": "ticks", "users_select": "select"}


@dataclass(frozen=True)
class Option:
    """One entry of a field, and whether it is chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Part:
    """A field of the form, or, without a `block`, something to read."""

    block: str = ""
    kind: str = ""
    label: str = ""
    hint: str = ""
    optional: bool = False
    longest: int = 3_000
    value: str = ""
    options: tuple[Option, ...] = ()
    error: str = ""
    piece: Piece = field(default_factory=lambda: Piece("section", html=SafeString()))


def parts(
    view: Mapping[str, Any],
    *,
    people: Iterable[tuple[str, str]],
    reader: Reader,
    typed: Typed,
    errors: Mapping[str, str],
) -> list[Part]:
    """The modal's blocks in their order; `typed`, where it says something, instead of what Slack would begin with."""
    found = []
    for block in view.get("blocks") or []:
        if block.get("type") != "input":
            found += [Part(piece=piece) for piece in pieces([block], reader)]
            continue
        element, name = block["element"], str(block["block_id"])
        chosen = list(typed.get(name, ())) if typed else _initial(element)
        found.append(
            Part(
                block=name,
                kind=KINDS.get(element["type"], "area" if element.get("multiline") else "line"),
                label=block["label"]["text"],
                hint=(block.get("hint") or {}).get("text", ""),
                optional=bool(block.get("optional")),
                longest=element.get("max_length", 3_000),
                value=chosen[0] if chosen else "",
                options=tuple(_options(element, people, set(chosen))),
                error=errors.get(name, ""),
            )
        )
    return found


def state(view: Mapping[str, Any], typed: Typed) -> dict[str, dict[str, dict[str, Any]]]:
    """What the form says, nested as Slack nests it: block, action, state."""
    values = {}
    for block in view.get("blocks") or []:
        if block.get("type") == "input":
            element = block["element"]
            said = [each for each in typed.get(str(block["block_id"]), ()) if each]
            values[str(block["block_id"])] = {str(element["action_id"]): _state(str(element["type"]), said)}
    return values


def _state(type: str, said: Sequence[str]) -> dict[str, Any]:
    first = said[0] if said else None
    match type:
        case "static_select" | "radio_buttons":
            return {"type": type, "selected_option": {"value": first} if first else None}
        case "checkboxes":
            return {"type": type, "selected_options": [{"value": each} for each in said]}
        case "users_select":
            return {"type": type, "selected_user": first}
        case _:
            return {"type": type, "value": first}


def _initial(element: Mapping[str, Any]) -> list[str]:
    option = (element.get("initial_option") or {}).get("value")
    found = option or element.get("initial_value") or element.get("initial_user")
    return [str(found)] if found else []


def _options(element: Mapping[str, Any], people: Iterable[tuple[str, str]], chosen: set[str]) -> Iterable[Option]:
    if element["type"] == "users_select":
        return [Option(value, label, value in chosen) for value, label in people]
    options = element.get("options") or []
    return [Option(each["value"], each["text"]["text"], each["value"] in chosen) for each in options]
