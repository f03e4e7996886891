"""The buttons under what Slack hears of an incident. Each holds the incident's key. Pure."""

from __future__ import annotations

from typing import Any

from apps.integrations.slack.messages import Block

UPDATE, ACKNOWLEDGE, CLOSE = "incident_update", "incident_acknowledge", "incident_close"
CHANNEL, PUBLISH = "incident_channel", "incident_publish"
BUTTONS = frozenset({UPDATE, ACKNOWLEDGE, CLOSE, CHANNEL, PUBLISH})
WORDS: dict[str, str] = {
    UPDATE: "Update…",
    ACKNOWLEDGE: "Acknowledge",
    CLOSE: "Close…",
    CHANNEL: "Open a channel",
    PUBLISH: "Publish",
}


def rows(incident: int, *, over: bool, acknowledged: bool, channel: bool) -> list[Block]:
    """What can be done about an incident from here; `channel`: it has one of its own."""
    if over:
        return [_row(_button(UPDATE, incident))]
    first = [] if acknowledged else [_button(ACKNOWLEDGE, incident, style="primary")]
    room = [] if channel else [_button(CHANNEL, incident)]
    return [_row(*first, _button(UPDATE, incident), _button(CLOSE, incident), *room)]


def approval(incident: int, read: str) -> list[Block]:
    """Under what waits for approval: what was `read` is published, and nothing that came since."""
    sure = {
        "title": _text("Publish it?"),
        "text": _text("Everybody reads it on the status page at once."),
        "confirm": _text("Publish"),
        "deny": _text("Not yet"),
    }
    return [_row(_button(PUBLISH, f"{incident}:{read}", style="primary", confirm=sure))]


def _row(*buttons: Block) -> Block:
    return {"type": "actions", "elements": list(buttons)}


def _button(action: str, value: int | str, **more: Any) -> Block:
    return {"type": "button", "text": _text(WORDS[action]), "action_id": action, "value": str(value), **more}


def _text(words: str) -> Block:
    return {"type": "plain_text", "text": words}
