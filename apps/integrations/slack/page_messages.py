"""What a page looks like in Slack: text and blocks, and the same again whenever its state changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apps.integrations.slack.messages import SECTION, Block, section, shorten
from apps.integrations.slack.text import date, escape, link

ACKNOWLEDGE, NEXT, JOIN, RESOLVE = "page_acknowledge", "page_next", "page_join", "page_resolve"
BUTTONS = frozenset({ACKNOWLEDGE, NEXT, JOIN, RESOLVE})
WHEN = "{date_short_pretty} at {time}"
MOST_LINES = 12


@dataclass(frozen=True)
class Line:
    """Something that happened to the page."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Shown:
    """A page as it is now. `url` is its page in the portal, empty where there is none."""

    number: int
    team: str
    title: str
    message: str
    urgency: str
    state: str
    by: str
    owner: str
    opened_at: datetime
    url: str = ""
    lines: Sequence[Line] = ()


def message(shown: Shown, *, lead: str = "", take: str = "") -> tuple[str, list[Block]]:
    """The page's message: its text for notifications, and its blocks.

    lead: markup that comes first, such as whom it is for and why. take: the reader's own link, by which the page is
    acknowledged outside of Slack.
    """
    state = _state(shown)
    head = f"{_icon(shown)} *{_name(shown)} for {escape(shown.team)}*: {escape(shown.title)}"
    blocks = [section(shorten(head, SECTION))]
    if lead:
        blocks.append(section(shorten(lead, SECTION)))
    if shown.message.strip() != shown.title:
        blocks.append(section(shorten(_quoted(shown.message), SECTION)))
    blocks.append(section(shorten(f"{state}\n{_sent(shown)}", SECTION)))
    told = "\n".join(f"• {date(line.at, WHEN)}: {escape(line.text)}" for line in shown.lines[-MOST_LINES:])
    if told:
        blocks.append({"type": "context", "elements": [_mrkdwn(shorten(told, 1_900))]})
    if buttons := list(_buttons(shown)):
        blocks.append({"type": "actions", "elements": buttons})
    links = [link(shown.url, "Open in the portal")] if shown.url else []
    if take and shown.state == "open":
        links.append(link(take, "Acknowledge without Slack"))
    if links:
        blocks.append({"type": "context", "elements": [_mrkdwn(" · ".join(links))]})
    said = [head, lead, state] if lead else [head, state]
    return shorten("\n".join(said), SECTION), blocks


def summary(shown: Shown, what: str) -> str:
    """The same in one plain line, for lists."""
    line = " ".join(f"{_name(shown)} for {shown.team}, {what}: {shown.title}".split())
    return line if len(line) <= 300 else f"{line[:299]}…"


def _name(shown: Shown) -> str:
    return f"Page {shown.number}"


def _icon(shown: Shown) -> str:
    if shown.state == "resolved":
        return ":white_check_mark:"
    if shown.state == "acknowledged":
        return ":eyes:"
    return ":rotating_light:" if shown.urgency == "high" else ":bell:"


def _state(shown: Shown) -> str:
    """The state in words: a colour or an icon alone tells not everybody."""
    match shown.state:
        case "open":
            return "*Open*: nobody has acknowledged it yet."
        case "acknowledged":
            return f"*Acknowledged* by {escape(shown.owner or 'somebody')}."
        case _:
            return f"*Resolved*{f', by {escape(shown.owner)}' if shown.owner else ''}."


def _sent(shown: Shown) -> str:
    urgency = "" if shown.urgency == "high" else " Low urgency."
    who = f" by {escape(shown.by)}" if shown.by else ""
    return f"Sent{who}, {date(shown.opened_at.astimezone(UTC), WHEN)}.{urgency}"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in escape(text.strip()).splitlines())


def _buttons(shown: Shown) -> Iterable[Block]:
    value = str(shown.number)
    if shown.state == "open":
        yield _button("Acknowledge", ACKNOWLEDGE, value, style="primary")
        yield _button("Not mine, next please", NEXT, value)
    if shown.state != "resolved":
        yield _button("Ask the backup to join", JOIN, value)
        yield _button("Resolved", RESOLVE, value, confirm=_confirm())


def _button(text: str, action_id: str, value: str, **more: Any) -> Block:
    label = {"type": "plain_text", "text": text, "emoji": True}
    return {"type": "button", "text": label, "action_id": action_id, "value": value, **more}


def _confirm() -> dict[str, Any]:
    def plain(text: str) -> dict[str, Any]:
        return {"type": "plain_text", "text": text}

    return {
        "title": plain("Resolved?"),
        "text": plain("What the page called for is done, and nobody needs to act any more."),
        "confirm": plain("Yes, resolved"),
        "deny": plain("Not yet"),
    }


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
