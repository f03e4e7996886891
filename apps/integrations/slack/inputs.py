"""What modals are made of, as Slack wants it, and what a submitted one says. Pure.

Slack's limits: title, submit and close 24 characters, an option's text and value 75, 100 options a select, 10 a
group of radio buttons or checkboxes, a text 3,000, private_metadata 3,000, 100 blocks.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apps.integrations.slack.incoming import mapping, word

LONGEST_OPTION, MOST_OPTIONS, LONGEST_TEXT, LONGEST_HINT = 75, 100, 3_000, 2_000
ACTION = "value"

View = dict[str, Any]
Block = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """One entry of a select, of radio buttons or of checkboxes."""

    value: str
    label: str


@dataclass(frozen=True)
class NextView:
    """What a submitted modal turns into, instead of closing."""

    view: View


def modal(
    callback_id: str,
    title: str,
    blocks: list[Block],
    *,
    submit: str = "Save",
    metadata: Mapping[str, Any] | None = None,
) -> View:
    """A modal; without `submit` there is nothing to send."""
    view: View = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title),
        "close": plain("Cancel" if submit else "Close"),
        "private_metadata": json.dumps(metadata or {}),
        "blocks": blocks,
    }
    return view | {"submit": plain(submit)} if submit else view


def field(block_id: str, label: str, element: dict[str, Any], *, optional: bool = False, hint: str = "") -> Block:
    """A labelled field; what is wrong with it is said below it, by `block_id`."""
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": element,
        "optional": optional,
    }
    return block | {"hint": plain(hint[:LONGEST_HINT])} if hint else block


def text_input(initial: str = "", *, multiline: bool = False, longest: int = 2_000) -> dict[str, Any]:
    """A field for text."""
    element = {"type": "plain_text_input", "action_id": ACTION, "multiline": multiline, "max_length": longest}
    return element | {"initial_value": initial[:longest]} if initial else element


def user_picker(initial: str = "") -> dict[str, Any]:
    """A field for somebody in Slack."""
    element = {"type": "users_select", "action_id": ACTION}
    return element | {"initial_user": initial} if initial else element


def select(choices: Sequence[Choice], chosen: str = "") -> dict[str, Any]:
    """A field for one of many."""
    return _one_of("static_select", choices[:MOST_OPTIONS], chosen)


def radios(choices: Sequence[Choice], chosen: str = "") -> dict[str, Any]:
    """A field for one of a few, all in sight."""
    return _one_of("radio_buttons", choices, chosen)


def ticks(choices: Sequence[Choice], chosen: Collection[str] = ()) -> dict[str, Any]:
    """A field for any of a few."""
    element = {"type": "checkboxes", "action_id": ACTION, "options": [_option(choice) for choice in choices]}
    ticked = [_option(choice) for choice in choices if choice.value in chosen]
    # Slack refuses an empty list of initial options.
    return element | {"initial_options": ticked} if ticked else element


def found(placeholder: str = "") -> dict[str, Any]:
    """A field for one of any number, which Slack asks us for as somebody types: see suggesting.py."""
    return _sought("external_select", placeholder)


def all_found(chosen: Sequence[Choice] = (), placeholder: str = "") -> dict[str, Any]:
    """A field for several of any number, which Slack asks us for as somebody types."""
    element = _sought("multi_external_select", placeholder)
    kept = [_option(choice) for choice in chosen[:MOST_OPTIONS]]
    return element | {"initial_options": kept} if kept else element


def moment(initial: datetime | None = None) -> dict[str, Any]:
    """A field for a day and a time, in the zone of whoever fills it in; Slack knows minutes, and no seconds."""
    element: dict[str, Any] = {"type": "datetimepicker", "action_id": ACTION}
    return element | {"initial_date_time": int(initial.timestamp()) // 60 * 60} if initial else element


def remark(markup: str) -> Block:
    """A quiet line."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": markup, "verbatim": True}]}


def plain(text: str) -> dict[str, Any]:
    """A text without markup."""
    return {"type": "plain_text", "text": text}


def values(view: Mapping[str, Any]) -> dict[str, str]:
    """What was typed or chosen, by block; what was ticked with commas between; empty where nothing was."""
    state = mapping(mapping(view.get("state")).get("values"))
    return {str(block): _value(mapping(mapping(actions).get(ACTION))) for block, actions in state.items()}


def instant(typed: str) -> datetime | None:
    """The moment of a day and a time, which Slack tells as Unix seconds; None where none was given."""
    return (
        datetime.fromtimestamp(int(typed), UTC) if typed.isascii() and typed.isdecimal() and len(typed) < 12 else None
    )


def groups(found: Iterable[tuple[str, Sequence[Choice]]]) -> list[dict[str, Any]]:
    """What a field that asks as somebody types shows, under headings: no more than Slack takes."""
    shown, left = [], MOST_OPTIONS
    for heading, choices in found:
        options = [_option(choice) for choice in choices[:left]]
        if options:
            shown.append({"label": plain(_cut(heading)), "options": options})
        left -= len(options)
    return shown


def initial(element: Mapping[str, Any]) -> str:
    """What a field begins with, as `values` would tell it."""
    options = element.get("initial_options")
    state = {
        "value": element.get("initial_value"),
        "selected_user": element.get("initial_user"),
        "selected_option": element.get("initial_option"),
        "selected_options": options if isinstance(options, list) else None,
        "selected_date_time": element.get("initial_date_time"),
    }
    return _value(state)


def metadata(view: Mapping[str, Any]) -> dict[str, Any]:
    """What the modal was opened with; empty when it does not say."""
    try:
        return dict(mapping(json.loads(word(view.get("private_metadata")) or "{}")))
    except ValueError:
        return {}


def _one_of(type: str, choices: Iterable[Choice], chosen: str) -> dict[str, Any]:
    options = [_option(choice) for choice in choices]
    element: dict[str, Any] = {"type": type, "action_id": ACTION, "options": options}
    # Slack refuses an initial option that is none of the options.
    for option in options:
        if chosen and option["value"] == chosen:
            element["initial_option"] = option
    return element


def _sought(type: str, placeholder: str) -> dict[str, Any]:
    # Nothing typed yet is a question too: it is answered with what is most likely meant.
    element = {"type": type, "action_id": ACTION, "min_query_length": 0}
    return element | {"placeholder": plain(placeholder)} if placeholder else element


def _option(choice: Choice) -> dict[str, Any]:
    return {"text": plain(_cut(choice.label)), "value": choice.value}


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST_OPTION else f"{label[: LONGEST_OPTION - 1]}…"


def _value(state: Mapping[str, Any]) -> str:
    ticked = state.get("selected_options")
    chosen = word(mapping(state.get("selected_option")).get("value")) or ",".join(
        word(mapping(option).get("value")) for option in (ticked if isinstance(ticked, list) else ())
    )
    at = state.get("selected_date_time")
    picked = str(at) if isinstance(at, int) else ""
    return (chosen or picked or word(state.get("selected_user")) or word(state.get("value"))).strip()
