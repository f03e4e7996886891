"""The modals, as Slack wants them. Pure.

Slack's limits: title, submit and close 24 characters, an option's text and value 75, 100 options a select,
private_metadata 3,000.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.integrations.slack.incoming import mapping, word
from apps.integrations.slack.text import escape, link

SETUP, SUPPORT_ENGINEER = "sla_setup", "add_support_engineer"
MOST_TIERS = 4
LONGEST_OPTION, MOST_OPTIONS = 75, 100
ACTION = "value"

View = dict[str, Any]
Block = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """One entry of a select."""

    value: str
    label: str


@dataclass(frozen=True)
class TierFields:
    """One tier as the modal shows it; `audience` is a Choice's value."""

    after: str = ""
    audience: str = ""
    message: str = ""


def setup(
    *, channel: str, within: str, tiers: Sequence[TierFields], choices: Sequence[Choice], remarks: Sequence[str]
) -> View:
    """The modal of /sla-setup: the promise, and up to four tiers. `remarks` are markup."""
    blocks: list[Block] = [_context(remark) for remark in remarks]
    blocks.append(
        _input("within", "First response within", _text(within), hint="Such as 50 min, 1 h 30 min or 2 days.")
    )
    for position in range(1, MOST_TIERS + 1):
        tier = tiers[position - 1] if position <= len(tiers) else TierFields()
        blocks += [
            {"type": "divider"},
            _input(
                f"after_{position}",
                f"Tier {position}: no reply after",
                _text(tier.after),
                optional=position > 1,
                hint="Empty: no such tier." if position > 1 else "Such as 10 min.",
            ),
            _input(f"audience_{position}", "Tell", _select(choices, tier.audience), optional=position > 1),
            _input(
                f"message_{position}",
                "Message",
                _text(tier.message, multiline=True),
                optional=True,
                hint="Empty: the usual words. @name, @here and @channel mention; {people}, {ticket}, {waiting} are "
                "filled in.",
            ),
        ]
    return _modal(SETUP, "SLA of this channel", blocks, metadata={"channel": channel})


def too_many_tiers(*, policy: str, tiers: int, url: str) -> View:
    """Instead of the modal, when the policy would not fit into it."""
    text = (
        f"The policy *{escape(policy)}* has {tiers} tiers, and this form shows at most {MOST_TIERS}. "
        f"So that none is lost, change it in {link(url, 'the portal')}."
    )
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    return _modal(SETUP, "SLA of this channel", blocks, submit="")


def support_engineer(*, channel: str) -> View:
    """The modal of /add-support-engineer."""
    picker = {"type": "users_select", "action_id": ACTION}
    blocks = [
        _input("slack_id", "Who", picker),
        _input("first_name", "First name", _text("", longest=150)),
        _input("last_name", "Last name", _text("", longest=150), optional=True),
        _input("nickname", "Nickname", _text("", longest=100), optional=True, hint="What colleagues call them."),
        _input("email", "Email", _text("", longest=254), hint="Theirs alone; they sign in with it."),
    ]
    return _modal(SUPPORT_ENGINEER, "Add support engineer", blocks, submit="Add", metadata={"channel": channel})


def values(view: Mapping[str, Any]) -> dict[str, str]:
    """What was typed or chosen, by block; empty where nothing was."""
    state = mapping(mapping(view.get("state")).get("values"))
    return {str(block): _value(mapping(mapping(actions).get(ACTION))) for block, actions in state.items()}


def metadata(view: Mapping[str, Any]) -> dict[str, Any]:
    """What the modal was opened with; empty when it does not say."""
    try:
        return dict(mapping(json.loads(word(view.get("private_metadata")) or "{}")))
    except ValueError:
        return {}


def _value(state: Mapping[str, Any]) -> str:
    chosen = word(mapping(state.get("selected_option")).get("value"))
    return (chosen or word(state.get("selected_user")) or word(state.get("value"))).strip()


def _modal(
    callback_id: str,
    title: str,
    blocks: list[Block],
    *,
    submit: str = "Save",
    metadata: Mapping[str, Any] | None = None,
) -> View:
    view: View = {
        "type": "modal",
        "callback_id": callback_id,
        "title": _plain(title),
        "close": _plain("Cancel" if submit else "Close"),
        "private_metadata": json.dumps(metadata or {}),
        "blocks": blocks,
    }
    return view | {"submit": _plain(submit)} if submit else view


def _input(block_id: str, label: str, element: dict[str, Any], *, optional: bool = False, hint: str = "") -> Block:
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": _plain(label),
        "element": element,
        "optional": optional,
    }
    return block | {"hint": _plain(hint)} if hint else block


def _text(initial: str, *, multiline: bool = False, longest: int = 2_000) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": ACTION, "multiline": multiline, "max_length": longest}
    return element | {"initial_value": initial[:longest]} if initial else element


def _select(choices: Sequence[Choice], chosen: str) -> dict[str, Any]:
    options = [{"text": _plain(_short(choice.label)), "value": choice.value} for choice in choices[:MOST_OPTIONS]]
    element: dict[str, Any] = {"type": "static_select", "action_id": ACTION, "options": options}
    # Slack refuses an initial option that is none of the options.
    for option in options:
        if chosen and option["value"] == chosen:
            element["initial_option"] = option
    return element


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_OPTION else f"{label[: LONGEST_OPTION - 1]}…"


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
