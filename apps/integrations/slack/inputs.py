"""What modals are made of, as Slack wants it, and what a submitted one says. Pure.

Slack's limits: title, submit and close 24 characters, an option's text and value 75, 100 options a select, 10 a
group of radio buttons or checkboxes, a text 3,000, private_metadata 3,000, 100 blocks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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


def ticks(choices: Sequence[Choice]) -> dict[str, Any]:
    """A field for any of a few."""
    return {"type": "checkboxes", "action_id": ACTION, "options": [_option(choice) for choice in choices]}


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


def _option(choice: Choice) -> dict[str, Any]:
    label = choice.label
    shown = label if len(label) <= LONGEST_OPTION else f"{label[: LONGEST_OPTION - 1]}…"
    return {"text": plain(shown), "value": choice.value}


def _value(state: Mapping[str, Any]) -> str:
    ticked = state.get("selected_options")
    chosen = word(mapping(state.get("selected_option")).get("value")) or ",".join(
        word(mapping(option).get("value")) for option in (ticked if isinstance(ticked, list) else ())
    )
    return (chosen or word(state.get("selected_user")) or word(state.get("value"))).strip()
