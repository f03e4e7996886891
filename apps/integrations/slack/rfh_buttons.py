"""The buttons under what Slack hears of a request for help. Each holds the request's number. Pure."""

from __future__ import annotations

from typing import Any

from apps.integrations.slack.messages import Block

ACKNOWLEDGE, START, ANSWER, TAKE = "rfh_acknowledge", "rfh_start", "rfh_answer", "rfh_take"
SOLVED = "rfh_solved"
JOIN_YES, JOIN_NO = "rfh_join_yes", "rfh_join_no"
BUTTONS = frozenset({ACKNOWLEDGE, START, ANSWER, TAKE, SOLVED, JOIN_YES, JOIN_NO})
WORDS: dict[str, str] = {
    ACKNOWLEDGE: "Acknowledge",
    START: "Start",
    ANSWER: "Answer…",
    TAKE: "I take it",
    SOLVED: "Solved by a teammate…",
    JOIN_YES: "Yes, add me",
    JOIN_NO: "No, thanks",
}


def rows(rfh: int, state: str, *, theirs: bool = False) -> list[Block]:
    """What can be done about a request from this state; `theirs`: who reads it has it."""
    if state in ("filed", "handed_over"):
        return [_row(_button(ACKNOWLEDGE, rfh, style="primary"), _button(START, rfh), _button(ANSWER, rfh))]
    if state not in ("acknowledged", "in_progress"):
        return []
    start = [_button(START, rfh)] if state == "acknowledged" else []
    take = [] if theirs else [_button(TAKE, rfh)]
    return [_row(*start, _button(ANSWER, rfh, style="primary"), *take)]


def teammates_row(rfh: int) -> Block:
    """Under the question to teammates: one of them knew."""
    return _row(_button(SOLVED, rfh, style="primary"))


def join_row(rfh: int) -> Block:
    """Under the question whether the engineer wants to work with the customer directly."""
    return _row(_button(JOIN_YES, rfh, style="primary"), _button(JOIN_NO, rfh))


def _row(*buttons: Block) -> Block:
    return {"type": "actions", "elements": list(buttons)}


def _button(action: str, rfh: int, **more: Any) -> Block:
    label = {"type": "plain_text", "text": WORDS[action]}
    return {"type": "button", "text": label, "action_id": action, "value": str(rfh), **more}
