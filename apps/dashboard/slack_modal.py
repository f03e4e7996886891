"""A modal of Slack's as a form on the preview, and what the form says as Slack would send it. Pure but for escaping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from django.utils.safestring import SafeString

from apps.dashboard.blockkit import Piece, Reader, pieces

Typed = Mapping[str, Sequence[str]]
"""What a form sent, by block."""

Found = Mapping[str, Sequence[Mapping[str, Any]]]
"""What fields that ask as somebody types found, by block: groups of options as Slack takes them."""

KINDS = {
    "static_select": "select",
    "radio_buttons": "radios",
    "checkboxes": "ticks",
    "users_select": "select",
    "external_select": "select",
    "multi_external_select": "many",
    "datetimepicker": "moment",
}
ASKING = frozenset({"external_select", "multi_external_select"})
LOCAL = "%Y-%m-%dT%H:%M"
# What marks an option in Slack; not every machine has a font with emoji, and the headings say the same.
MARKS = "🚨✅🚫 "


@dataclass(frozen=True)
class Option:
    """One entry of a field, and whether it is chosen."""

    value: str
    label: str
    chosen: bool
    heading: str = ""


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
    found_as_typed: Found | None = None,
) -> list[Part]:
    """The modal's blocks in their order; `typed`, where it says something, instead of what Slack would begin with."""
    found = []
    for block in view.get("blocks") or []:
        if block.get("type") != "input":
            found += [Part(piece=piece) for piece in pieces([block], reader)]
            continue
        element, name = block["element"], str(block["block_id"])
        chosen = list(typed.get(name, ())) if typed else _initial(element, reader.zone)
        groups = (found_as_typed or {}).get(name, ())
        found.append(
            Part(
                block=name,
                kind=KINDS.get(element["type"], "area" if element.get("multiline") else "line"),
                label=block["label"]["text"],
                hint=(block.get("hint") or {}).get("text", ""),
                optional=bool(block.get("optional")),
                longest=element.get("max_length", 3_000),
                value=chosen[0] if chosen else "",
                options=tuple(_options(element, people, set(chosen), groups)),
                error=errors.get(name, ""),
            )
        )
    return found


def asking(view: Mapping[str, Any]) -> dict[str, str]:
    """The blocks whose fields ask us what they may find, with their actions."""
    inputs = [block for block in view.get("blocks") or [] if block.get("type") == "input"]
    return {block["block_id"]: block["element"]["action_id"] for block in inputs if block["element"]["type"] in ASKING}


def state(view: Mapping[str, Any], typed: Typed, zone: tzinfo = UTC) -> dict[str, dict[str, dict[str, Any]]]:
    """What the form says, nested as Slack nests it: block, action, state. Its times are of this zone."""
    values = {}
    for block in view.get("blocks") or []:
        if block.get("type") == "input":
            element = block["element"]
            said = [each for each in typed.get(str(block["block_id"]), ()) if each]
            values[str(block["block_id"])] = {str(element["action_id"]): _state(str(element["type"]), said, zone)}
    return values


def _state(type: str, said: Sequence[str], zone: tzinfo) -> dict[str, Any]:
    first = said[0] if said else None
    match type:
        case "static_select" | "radio_buttons" | "external_select":
            return {"type": type, "selected_option": {"value": first} if first else None}
        case "checkboxes" | "multi_external_select":
            return {"type": type, "selected_options": [{"value": each} for each in said]}
        case "users_select":
            return {"type": type, "selected_user": first}
        case "datetimepicker":
            return {"type": type, "selected_date_time": _seconds(first or "", zone)}
        case _:
            return {"type": type, "value": first}


def _seconds(typed: str, zone: tzinfo) -> int | None:
    try:
        return int(datetime.strptime(typed[:16], LOCAL).replace(tzinfo=zone).timestamp())
    except ValueError:
        return None


def _initial(element: Mapping[str, Any], zone: tzinfo) -> list[str]:
    if options := element.get("initial_options"):
        return [str(each["value"]) for each in options]
    if at := element.get("initial_date_time"):
        return [datetime.fromtimestamp(at, zone).strftime(LOCAL)]
    option = (element.get("initial_option") or {}).get("value")
    found = option or element.get("initial_value") or element.get("initial_user")
    return [str(found)] if found else []


def _options(
    element: Mapping[str, Any], people: Iterable[tuple[str, str]], chosen: set[str], groups: Iterable[Mapping[str, Any]]
) -> Iterable[Option]:
    if element["type"] == "users_select":
        return [Option(value, label, value in chosen) for value, label in people]
    if element["type"] in ASKING:
        begun = {
            each["value"]: Option(each["value"], _label(each), each["value"] in chosen)
            for each in element.get("initial_options", ())
        }
        for group in groups:
            heading = group["label"]["text"]
            for each in group["options"]:
                begun[each["value"]] = Option(each["value"], _label(each), each["value"] in chosen, heading)
        return begun.values()
    options = element.get("options") or []
    return [Option(each["value"], each["text"]["text"], each["value"] in chosen) for each in options]


def _label(option: Mapping[str, Any]) -> str:
    return str(option["text"]["text"]).lstrip(MARKS)
