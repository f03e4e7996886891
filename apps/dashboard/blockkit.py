"""Slack's Block Kit as HTML, for the part of it we use. Pure but for Django's escaping.

Source: Slack's documentation, "Formatting text for app surfaces" and "Block Kit reference". Whatever is not known
is shown as text: the preview must never hide something that Slack would show.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from apps.dashboard import moments

# As the icons the portal has anyway: not every machine has a font with emoji.
ICONS = {
    "hourglass_flowing_sand": "hourglass_top",
    "hourglass": "hourglass_bottom",
    "rotating_light": "e911_emergency",
    "warning": "warning",
    "information_source": "info",
    "thread": "forum",
    "white_check_mark": "check_circle",
    "tada": "celebration",
    "zzz": "bedtime",
    "rocket": "rocket_launch",
    "star": "star",
    "wave": "waving_hand",
    "bell": "notifications",
    "calendar": "calendar_month",
    "handshake": "handshake",
    "heavy_plus_sign": "add",
    "heavy_minus_sign": "remove",
    "leftwards_arrow_with_hook": "undo",
    "mag": "search",
    "memo": "edit_note",
    "clipboard": "assignment",
    "pushpin": "push_pin",
    "speech_balloon": "chat_bubble",
    "question": "help",
    "repeat": "repeat",
    "arrows_counterclockwise": "sync",
    "x": "close",
    "alarm_clock": "alarm",
    "eyes": "visibility",
    "fire": "local_fire_department",
    "heart": "favorite",
    "+1": "thumb_up",
    "thumbsup": "thumb_up",
    "lock": "lock",
    "unlock": "lock_open",
    "pencil2": "edit",
    "raising_hand": "front_hand",
    "sos": "sos",
    "wrench": "build",
    "bulb": "lightbulb",
    "link": "link",
    "point_right": "arrow_forward",
    "arrow_right": "alt_route",
    "no_entry": "block",
    "no_entry_sign": "block",
}

# A private-use character marks where something already rendered goes back in; texts cannot hold it.
_HOLE = "\ue000"
_FILLED = re.compile(f"{_HOLE}([0-9]+){_HOLE}")
_PRE = re.compile(r"```(.+?)```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_TOKEN = re.compile(r"<([^<>]+)>")
_STYLES = (
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), "b"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"), "i"),
    (re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])"), "s"),
)
_EMOJI = re.compile(r":([a-z0-9_+\-]+):")
_QUOTE = re.compile(r"(?:^&gt; ?[^\n]*(?:\n|$))+", re.MULTILINE)
_DATE = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Reader:
    """Who reads: what Slack's ids are called, the reader's zone, and the moment of reading."""

    zone: tzinfo
    now: datetime
    users: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Button:
    """A button: a link when it has an address, otherwise something to press."""

    label: str
    action_id: str = ""
    value: str = ""
    url: str = ""
    style: str = ""


@dataclass(frozen=True)
class Piece:
    """A block, ready for a template: `html` is safe; fields and buttons where the block has them."""

    kind: str
    html: SafeString = field(default_factory=SafeString)
    fields: tuple[SafeString, ...] = ()
    buttons: tuple[Button, ...] = ()


def pieces(blocks: Any, reader: Reader) -> list[Piece]:
    """The blocks in their order; what is no block at all is passed over."""
    found = []
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, Mapping):
            found.append(_piece(block, reader))
    return found


def _piece(block: Mapping[str, Any], reader: Reader) -> Piece:
    match block.get("type"):
        case "section":
            accessory = block.get("accessory")
            return Piece(
                "section",
                html=text_object(block.get("text"), reader),
                fields=_texts(block.get("fields"), reader),
                buttons=_buttons([accessory] if accessory else []),
            )
        case "header":
            return Piece("header", html=text_object(block.get("text"), reader))
        case "divider":
            return Piece("divider")
        case "context":
            return Piece("context", fields=_texts(block.get("elements"), reader))
        case "actions":
            return Piece("actions", buttons=_buttons(block.get("elements")))
        case other:
            return Piece("section", html=format_html("<code>{}</code>", f"a block of type {other}"))


def text_object(value: Any, reader: Reader) -> SafeString:
    """A text object, mrkdwn or plain; empty for anything else."""
    if not isinstance(value, Mapping) or not isinstance(value.get("text"), str):
        return SafeString()
    text: str = value["text"]
    return mrkdwn(text, reader) if value.get("type") == "mrkdwn" else _emoji(SafeString(escape(text)))


def _texts(values: Any, reader: Reader) -> tuple[SafeString, ...]:
    found = [text_object(value, reader) for value in values] if isinstance(values, list) else []
    return tuple(text for text in found if text)


def _buttons(elements: Any) -> tuple[Button, ...]:
    found = []
    for element in elements if isinstance(elements, list) else []:
        if not isinstance(element, Mapping) or element.get("type") != "button":
            continue
        label = element.get("text")
        url = str(element.get("url", ""))
        found.append(
            Button(
                label=str(label.get("text", "")) if isinstance(label, Mapping) else "",
                action_id=str(element.get("action_id", "")),
                value=str(element.get("value", "")),
                url=url if url.startswith(("https://", "http://")) else "",
                style=str(element.get("style", "")),
            )
        )
    return tuple(found)


def mrkdwn(text: str, reader: Reader) -> SafeString:
    """Slack's markup as HTML. Everything a person wrote is escaped; links go to web addresses alone."""
    held: list[str] = []

    def hold(html: str) -> str:
        held.append(html)
        return f"{_HOLE}{len(held) - 1}{_HOLE}"

    left = text.replace(_HOLE, "")
    left = _PRE.sub(lambda found: hold(format_html("<pre>{}</pre>", plain(found[1].strip("\n")))), left)
    left = _CODE.sub(lambda found: hold(format_html("<code>{}</code>", plain(found[1]))), left)
    left = _TOKEN.sub(lambda found: hold(_token(found[1], reader)), left)
    html = str(escape(plain(left)))
    for pattern, tag in _STYLES:
        html = pattern.sub(rf"<{tag}>\1</{tag}>", html)
    html = _emoji(html)
    html = _QUOTE.sub(_quote, html)

    def fill(text: str) -> str:
        # A link's label may hold code in turn.
        return _FILLED.sub(lambda found: fill(held[int(found[1])]), text)

    return SafeString(fill(html))


def plain(text: str) -> str:
    """The three characters Slack escapes, as they were."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _quote(found: re.Match[str]) -> str:
    inner = "\n".join(line.removeprefix("&gt;").removeprefix(" ") for line in found[0].rstrip("\n").split("\n"))
    return f"<blockquote>{inner}</blockquote>"


def _emoji(html: str) -> SafeString:
    # The names hold nothing that means something to HTML, so the text is as safe as it was.
    return mark_safe(_EMOJI.sub(_icon, html))  # noqa: S308


def _icon(found: re.Match[str]) -> str:
    icon = ICONS.get(found[1])
    if icon is None:
        return found[0]
    return f'<span class="material-symbols-outlined portal-icon" aria-hidden="true">{icon}</span>'


def _token(token: str, reader: Reader) -> SafeString:
    target, _, label = token.partition("|")
    if target.startswith("@"):
        name = reader.users.get(target[1:]) or plain(label) or target[1:]
        return _mention(f"@{name.removeprefix('@')}")
    if target.startswith("#"):
        name = reader.channels.get(target[1:]) or plain(label) or target[1:]
        return _mention(f"#{name.removeprefix('#')}")
    if target.startswith("!subteam^"):
        key = target.removeprefix("!subteam^")
        name = reader.groups.get(key) or plain(label) or key
        return _mention(f"@{name.removeprefix('@')}")
    if target.startswith("!date^"):
        return SafeString(escape(_date(target, plain(label), reader)))
    if target.startswith("!"):
        return _mention(f"@{target[1:]}")
    address = plain(target)
    if address.startswith(("https://", "http://", "mailto:")):
        shown = plain(label) or address.removeprefix("mailto:")
        return format_html('<a href="{}" rel="noreferrer">{}</a>', address, shown)
    return SafeString(escape(f"<{plain(token)}>"))


def _mention(name: str) -> SafeString:
    return format_html('<span class="slack-mention">{}</span>', name)


def _date(token: str, fallback: str, reader: Reader) -> str:
    """`!date^1392734382^{date} at {time}` in the reader's zone, with its name; the fallback when it makes no sense."""
    parts = token.split("^")
    try:
        at = datetime.fromtimestamp(int(parts[1]), UTC).astimezone(reader.zone)
        style = parts[2]
    except (IndexError, ValueError, OverflowError, OSError):
        return fallback
    said = _DATE.sub(lambda found: _date_part(found[1], at, reader), style)
    if "time" not in style:
        return said
    return f"{said} {moments.letters(at)}"


def _date_part(name: str, at: datetime, reader: Reader) -> str:
    match name:
        case "time":
            return f"{at:%H:%M}"
        case "time_secs":
            return f"{at:%H:%M:%S}"
        case "date_num":
            return f"{at:%Y-%m-%d}"
        case "ago":
            return f"{max((reader.now - at) // timedelta(minutes=1), 0)} min ago"
    today = reader.now.astimezone(reader.zone).date()
    days = (at.date() - today).days
    if name.endswith("_pretty") and -1 <= days <= 1:
        return ("yesterday", "today", "tomorrow")[days + 1]
    if name.startswith("date_long"):
        return f"{at:%A} {at.day} {at:%B %Y}"
    return f"{at.day} {at:%b %Y}"


def attachment_pieces(attachments: Any, reader: Reader) -> list[Piece]:
    """A message's older attachments as blocks: texts, fields with titles, and blocks inside them."""
    found: list[Piece] = []
    for attachment in attachments if isinstance(attachments, list) else []:
        if not isinstance(attachment, Mapping):
            continue
        for name in ("pretext", "title", "text"):
            value = attachment.get(name)
            if isinstance(value, str) and value:
                found.append(Piece("section", html=mrkdwn(value, reader)))
        fields = _fields(attachment.get("fields"), reader)
        if fields:
            found.append(Piece("section", fields=fields))
        found.extend(pieces(attachment.get("blocks"), reader))
    return found


def _fields(values: Any, reader: Reader) -> tuple[SafeString, ...]:
    fields: Sequence[Any] = values if isinstance(values, list) else []
    return tuple(
        format_html("<b>{}</b>\n{}", str(value.get("title", "")), mrkdwn(str(value.get("value", "")), reader))
        for value in fields
        if isinstance(value, Mapping)
    )
