"""A Slack message read as a ticket. Pure, and total: any JSON value is a ticket or a reason why not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from apps.integrations.slack.pattern import InvalidPattern, TooSlow, search
from apps.tickets.wording import is_number, plain_number, severity_called, type_called

LONGEST_VALUE = 200
LONGEST_URL = 2_000
LONGEST_TEXT_READ = 20_000
"""Characters of one text; Slack shows at most 40,000, and a ticket names itself at the beginning."""

_LABELS = {
    "ticket id": "number",
    "ticket number": "number",
    "ticket": "number",
    "ticket priority": "priority",
    "priority": "priority",
    "severity": "priority",
    "ticket type": "type",
    "type": "type",
    "ticket subject": "subject",
    "subject": "subject",
    "customer": "customer",
    "organization": "customer",
    "organisation": "customer",
    "customer plan": "plan",
    "plan": "plan",
    "ticket url": "url",
    "ticket link": "url",
    "url": "url",
    "link": "url",
}
_LINK = re.compile(r"<((?:https?://|mailto:)[^|>\s]+)(?:\|([^>]*))?>")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]+")
_EMPHASIS = "*_~` \t"

Pair = tuple[str, str]


@dataclass(frozen=True)
class TicketMessage:
    """A ticket as a channel announces it.

    `severity` is urgent, high, normal or low, `type` one of Zendesk's types or feedback; what the message
    does not say, or says in a word we do not know, is None. Texts are as a person reads them, without Slack's
    markup.
    """

    number: str
    severity: str | None = None
    type: str | None = None
    subject: str | None = None
    customer: str | None = None
    plan: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Unparsed:
    """No ticket; `reason` is a sentence to show beside the message."""

    reason: str


def is_from_bot(message: Any) -> bool:
    """Was the message posted by an app? Those are the only ones that announce tickets."""
    if not isinstance(message, Mapping):
        return False
    return bool(message.get("bot_id") or message.get("bot_profile")) or message.get("subtype") == "bot_message"


def parse(message: Any, pattern: str | None = None) -> TicketMessage | Unparsed:
    """The ticket in a message of Slack's, from its attachments, else its blocks, else its text.

    With `pattern`, a channel's own, that alone decides. Never raises, whatever `message` is.
    """
    if not isinstance(message, Mapping):
        return Unparsed("This is not a Slack message.")
    if pattern is not None and pattern.strip():
        return _by_pattern(message, pattern)
    found: dict[str, str] = {}
    refused = None
    for key, value in _labelled(message):
        if key in found:
            continue
        if key == "number" and not _number(value):
            refused = refused or value
            continue
        found[key] = value
    if "number" in found:
        return _ticket(found, message)
    if refused is not None:
        return Unparsed(f'"{_plain(refused, 60)}" is not a ticket number.')
    return Unparsed("No ticket number in this message.")


def text_for_pattern(message: Any) -> str:
    """The message as a pattern sees it: attachments, blocks, text; fields as "Title: value", a line each."""
    if not isinstance(message, Mapping):
        return ""
    return "\n".join(f"{title}: {text}" if title else text for title, text in _passages(message))


def _by_pattern(message: Mapping[str, Any], pattern: str) -> TicketMessage | Unparsed:
    try:
        found = search(pattern, text_for_pattern(message))
    except (InvalidPattern, TooSlow) as refusal:
        return Unparsed(str(refusal))
    if found is None:
        return Unparsed("The channel's pattern does not match this message.")
    if not _number(found.get("number", "")):
        return Unparsed("The channel's pattern matches, but its number is not a ticket number.")
    return _ticket(found, message)


def _ticket(found: Mapping[str, str], message: Mapping[str, Any]) -> TicketMessage:
    return TicketMessage(
        number=_number(found["number"]),
        severity=severity_called(_word(found.get("priority", ""))),
        type=type_called(_word(found.get("type", ""))),
        subject=_plain(found.get("subject", "")) or None,
        customer=_plain(found.get("customer", "")) or None,
        plan=_plain(found.get("plan", "")).strip(_EMPHASIS) or None,
        url=_address(found.get("number", "")) or _address(found.get("url", "")) or _title_link(message),
    )


def _passages(message: Mapping[str, Any]) -> Iterator[Pair]:
    """(title, text) of everything readable, attachments first; the title is empty outside of fields."""
    for attachment in _mappings(message.get("attachments")):
        for field in _mappings(attachment.get("fields")):
            yield _text(field.get("title")), _text(field.get("value"))
        for part in ("pretext", "title", "text"):
            yield "", _text(attachment.get(part))
        yield from _in_blocks(attachment.get("blocks"))
    yield from _in_blocks(message.get("blocks"))
    yield "", _text(message.get("text"))


def _in_blocks(blocks: Any) -> Iterator[Pair]:
    for block in _mappings(blocks):
        yield "", _text_object(block.get("text"))
        for field in _mappings(block.get("fields")):
            yield "", _text_object(field)


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list | tuple):
        yield from (item for item in value if isinstance(item, Mapping))


def _text_object(value: Any) -> str:
    return _text(value.get("text")) if isinstance(value, Mapping) else ""


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    # A field's value may be a JSON number; no float is a ticket's number, and true is an int in Python.
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    return ""


def _labelled(message: Mapping[str, Any]) -> Iterator[Pair]:
    """(what it is, as written) of every known label, in order; first come, first believed."""
    for title, text in _passages(message):
        if not title:
            yield from _labelled_lines(text)
        elif (key := _label(title)) is not None and text.strip():
            yield key, text


def _labelled_lines(text: str) -> Iterator[Pair]:
    waiting = None
    for line in text[:LONGEST_TEXT_READ].splitlines():
        if not line.strip(_EMPHASIS):
            continue
        head, colon, rest = line.partition(":")
        key = _label(head)
        if key is not None and (colon or waiting is None):
            # "*Ticket ID:* 4711" leaves the closing star in front of the value.
            value = rest.strip(" \t").removeprefix("*").removeprefix("_").strip()
            if value.strip(_EMPHASIS):
                yield key, value
                key = None
            waiting = key
        elif waiting is not None:
            # Section fields put the label on a line of its own and the value below.
            yield waiting, line
            waiting = None


def _label(text: str) -> str | None:
    if len(text) > 60:
        return None
    return _LABELS.get(" ".join(text.strip(">•- " + _EMPHASIS).rstrip(":# ").lower().split()).strip(_EMPHASIS))


def _number(text: str) -> str:
    """The ticket's number in `text`, or "" when there is none."""
    text = text.strip(_EMPHASIS)
    if link := _LINK.fullmatch(text):
        label = (link[2] or "").strip(_EMPHASIS)
        text = label or link[1].rstrip("/").rpartition("/")[2]
    text = plain_number(unescape(text).strip(_EMPHASIS)).strip(_EMPHASIS)
    return text if is_number(text) else ""


def _address(text: str) -> str | None:
    """The first web address in `text`, bare or in Slack's markup."""
    link = _LINK.search(text)
    address = unescape(link[1] if link else text.strip(_EMPHASIS))
    if not address.startswith(("https://", "http://")) or len(address) > LONGEST_URL:
        return None
    return None if _UNPRINTABLE.search(address) or " " in address else address


def _title_link(message: Mapping[str, Any]) -> str | None:
    for attachment in _mappings(message.get("attachments")):
        if address := _address(_text(attachment.get("title_link"))):
            return address
    return None


def _word(text: str) -> str:
    return _plain(text).strip(_EMPHASIS)


def _plain(text: str, longest: int = LONGEST_VALUE) -> str:
    """`text` without Slack's markup, and without what PostgreSQL cannot store, on one line."""
    shown = unescape(_LINK.sub(lambda link: link[2] or link[1].removeprefix("mailto:"), text))
    return " ".join(_UNPRINTABLE.sub(" ", shown).split())[:longest]
