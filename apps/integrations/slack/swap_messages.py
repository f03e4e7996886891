"""What is said in Slack of a shift that others are asked to take. Pure."""

from __future__ import annotations

from typing import Any

from apps.integrations.slack.messages import SECTION, Block, section, shorten
from apps.integrations.slack.shift_messages import SUMMARY, Reader, interval
from apps.integrations.slack.text import escape, link
from apps.rotations.swapping.events import SwapDeclined, SwapExpired, SwapRequested, SwapTaken, SwapWithdrawn

TAKE, DECLINE = "swap_take", "swap_decline"
BUTTONS = frozenset({TAKE, DECLINE})
Outcome = SwapTaken | SwapDeclined | SwapWithdrawn | SwapExpired


def invitation(
    event: SwapRequested, reader: Reader, *, by: str, url: str = "", ended: str = ""
) -> tuple[str, list[Block]]:
    """What somebody is told who may take it: its text, and its blocks, with buttons until it has `ended` in words."""
    asks = escape(by)
    whose = "" if by == event.person_name else f" for {escape(event.person_name)}"
    when = interval(event.start, event.end, reader.zone)
    head = f":wave: *{asks} asks you to take a shift{whose}*"
    lines = [f"*{escape(event.role)}* in {escape(event.name)}, {when}."]
    if event.back_start is not None and event.back_end is not None:
        back = interval(event.back_start, event.back_end, reader.zone)
        lines.append(f"In return {escape(event.person_name)} takes your *{escape(event.back_role)}*, {back}.")
    if len(event.invited) > 1:
        lines.append(f"{len(event.invited)} of you are asked; whoever takes it first has it.")
    if event.message:
        lines.append(f"> {escape(event.message)}")
    blocks = [section(shorten(head, SECTION)), section(shorten("\n".join(lines), SECTION))]
    said = [head, *lines]
    if ended:
        blocks.append(section(f"*{escape(ended)}*"))
        said.append(escape(ended))
    else:
        blocks.append({"type": "actions", "elements": list(_buttons(event))})
    if url:
        blocks.append(_context(link(url, "See what it changes, in the portal")))
    return shorten("\n".join(said), SECTION), blocks


def asked_for_you(event: SwapRequested, reader: Reader, *, by: str, url: str = "") -> tuple[str, list[Block]]:
    """What the person is told whose shift somebody else asks others to take."""
    whom = escape(event.to_name) if event.to_name else "the others of the roster"
    shift = f"your *{escape(event.role)}* in {escape(event.name)}, {interval(event.start, event.end, reader.zone)}"
    return _plain(f":wave: {escape(by)} asked {whom} to take {shift}.", url)


def outcome(event: Outcome, reader: Reader, *, url: str = "") -> tuple[str, list[Block]]:
    """How it ended, for whose shift it is and for those who lead the rotation."""
    own = reader.email == event.person
    whose = "your" if own else f"{escape(event.person_name)}'s"
    shift = f"{whose} *{escape(event.role)}* in {escape(event.name)}, {interval(event.start, event.end, reader.zone)}"
    stays = "You are on as before." if own else f"{escape(event.person_name)} is on as before."
    match event:
        case SwapTaken():
            text = f":handshake: {escape(event.taken_by_name)} takes {shift}."
            if event.back_start is not None and event.back_end is not None:
                who = "you take" if own else f"{escape(event.person_name)} takes"
                back = interval(event.back_start, event.back_end, reader.zone)
                text += f" In return {who} theirs: *{escape(event.back_role)}*, {back}."
        case SwapDeclined():
            text = f":no_entry_sign: {escape(event.declined_by_name)} does not take {shift}. "
            text += f"Nobody who was asked is left to take it. {stays}"
        case SwapWithdrawn():
            text = f":leftwards_arrow_with_hook: It is not asked any more to take {shift}. {stays}"
        case SwapExpired():
            text = f":hourglass: Nobody took {shift}. {stays}"
    return _plain(text, url)


def ended_in_words(event: Outcome) -> str:
    """Why the buttons are gone."""
    match event:
        case SwapTaken():
            return f"{event.taken_by_name} has taken it."
        case SwapDeclined():
            return f"{event.declined_by_name} declined it." if event.over else "You declined it."
        case SwapWithdrawn():
            return "It is not asked any more."
        case SwapExpired():
            return "It began before anybody took it."


def asked(event: SwapRequested, reader: Reader, who: str) -> str:
    """What is asked in one plain line, in the reader's zone."""
    start, end = event.start.astimezone(reader.zone), event.end.astimezone(reader.zone)
    return f"{who} to take {event.role} in {event.name}, {start:%-d %b %H:%M} to {end:%-d %b %H:%M %Z}"


def summary(text: str) -> str:
    """A sentence in one line, for lists."""
    line = " ".join(text.split())
    return line if len(line) <= SUMMARY else f"{line[: SUMMARY - 1]}…"


def _plain(text: str, url: str) -> tuple[str, list[Block]]:
    blocks = [section(shorten(text, SECTION))]
    if url:
        blocks.append(_context(link(url, "Open it in the portal")))
    return shorten(text, SECTION), blocks


def _buttons(event: SwapRequested) -> list[Block]:
    value = str(event.request)
    sure = {
        "title": _text("Take it?"),
        "text": _text(f"You are on as {event.role[:50]} in {event.name} then."),
        "confirm": _text("Yes, I take it"),
        "deny": _text("Not yet"),
    }
    return [
        _button("Take it", TAKE, value, style="primary", confirm=sure),
        _button("Decline", DECLINE, value),
    ]


def _button(text: str, action_id: str, value: str, **more: Any) -> Block:
    label = {"type": "plain_text", "text": text, "emoji": True}
    return {"type": "button", "text": label, "action_id": action_id, "value": value, **more}


def _text(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}
