"""The buttons under what Slack hears of an incident. Each holds the incident's key. Pure."""

from __future__ import annotations

from typing import Any

from apps.integrations.slack.messages import Block

UPDATE, ACKNOWLEDGE, CLOSE = "incident_update", "incident_acknowledge", "incident_close"
CHANNEL = "incident_channel"
BUTTONS = frozenset({UPDATE, ACKNOWLEDGE, CLOSE, CHANNEL})
WORDS: dict[str, str] = {
    UPDATE: "Update…",
    ACKNOWLEDGE: "Acknowledge",
    CLOSE: "Close…",
    CHANNEL: "Open a channel",
}


def rows(incident: int, *, over: bool, acknowledged: bool, channel: bool) -> list[Block]:
    """What can be done about an incident from here; `channel`: it has one of its own."""
    if over:
        return [_row(_button(UPDATE, incident))]
    first = [] if acknowledged else [_button(ACKNOWLEDGE, incident, style="primary")]
    room = [] if channel else [_button(CHANNEL, incident)]
    return [_row(*first, _button(UPDATE, incident), _button(CLOSE, incident), *room)]


def _row(*buttons: Block) -> Block:
    return {"type": "actions", "elements": list(buttons)}


def _button(action: str, incident: int, **more: Any) -> Block:
    label = {"type": "plain_text", "text": WORDS[action]}
    return {"type": "button", "text": label, "action_id": action, "value": str(incident), **more}
