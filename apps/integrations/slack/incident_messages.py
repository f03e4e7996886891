"""What is said in Slack of an incident: to everybody in a channel, in its thread, and to those it concerns. Pure.

All of it is for our own people; what the public reads is marked as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from apps.integrations.slack.messages import SECTION, SUMMARY, Block, section, shorten
from apps.integrations.slack.text import channel_link, date, escape, link

LONGEST_QUOTE = 1_500
WHEN = "{date_short_pretty} at {time}"
# How a message that shows an incident, and follows it, is told from a word on it.
POST = "incident"
# And how one that asks for approval is: it is shown anew once it was decided.
ASK = "incident_ask"
NOBODY = "not assigned"
ICONS = {"resolved": ":white_check_mark:", "invalid": ":no_entry_sign:"}


@dataclass(frozen=True)
class Shown:
    """An incident as it is now. Addresses are complete, or empty where there is none.

    point, contact, lead: markup that names them, empty where nobody is. components: each with its state in words.
    about: the tickets and requests it is about, each with its address. public_text: what the public read last.
    """

    number: str
    key: int
    title: str
    severity: str
    level: str
    status: str
    status_name: str
    reported_at: datetime
    over: bool = False
    closed_at: datetime | None = None
    acknowledged_by: str = ""
    description: str = ""
    point: str = ""
    contact: str = ""
    lead: str = ""
    components: Sequence[tuple[str, str]] = ()
    about: Sequence[tuple[str, str]] = ()
    public: bool = False
    waits: bool = False
    public_text: str = ""
    note: str = ""
    url: str = ""
    rca: str = ""
    channel: str = ""


@dataclass(frozen=True)
class Word:
    """Something that happened: `{icon} {who} {did}`, with the texts that belong to it, each below what it is.

    what: the same in a few plain words, for lists.
    """

    icon: str
    did: str
    what: str
    quotes: Sequence[tuple[str, str]] = ()

    def said(self, who: str) -> str:
        return f"{self.icon} {who} {self.did}"


def post(shown: Shown, *, buttons: Iterable[Block] = ()) -> tuple[str, list[Block]]:
    """The incident as it is now: what is broken, how badly, who has it, and what the public knows."""
    icon = ICONS.get(shown.status, ":rotating_light:")
    head = f"{icon} *{escape(shown.severity)} · {escape(shown.level)}* · {_link(shown)}"
    lines = [f"*{escape(shown.title)}*", _state(shown)]
    lines.append(" · ".join(f"{role}: {who or NOBODY}" for role, who in _people(shown)))
    if shown.components:
        lines.append(
            "*Affected:* " + " · ".join(f"{escape(name)}: {escape(state)}" for name, state in shown.components)
        )
    if shown.about:
        lines.append("*About:* " + " · ".join(link(url, label) for label, url in shown.about))
    if shown.channel:
        lines.append(f"*Spoken of in* {channel_link(shown.channel)}")
    if shown.rca:
        lines.append(f"*RCA:* {link(shown.rca, 'why it happened')}")
    lines.append(f"*Public page:* {_public(shown)}")
    first = {**section(shorten(head, SECTION)), "block_id": POST}
    blocks = [first, section(shorten("\n".join(lines), SECTION)), *_quoted(shown.description)]
    if shown.public_text:
        blocks += _titled("The public reads", shown.public_text)
    if shown.note:
        blocks += _titled("Said among ourselves", shown.note)
    blocks.extend(buttons)
    return shorten("\n".join([head, *lines]), SECTION), blocks


def word(
    shown: Shown, said: str, word: Word, *, buttons: Iterable[Block] = (), mark: str = ""
) -> tuple[str, list[Block]]:
    """Something that happened, in a sentence of ours (markup), with what somebody wrote below it."""
    blocks = [section(shorten(said, SECTION)) | ({"block_id": mark} if mark else {})]
    for title, text in word.quotes:
        blocks += _titled(title, text) if title else _quoted(text)
    blocks.extend(buttons)
    named = f"{_link(shown)}: {escape(shown.title)}"
    quoted = [f"{title}: {escape(text)}" if title else escape(text) for title, text in word.quotes]
    return shorten("\n".join([said, *quoted, named]), SECTION), [*blocks, _context(named)]


def together(before: tuple[str, list[Block]], after: tuple[str, list[Block]]) -> tuple[str, list[Block]]:
    """Two words of one action in one message; the incident is named once, at the end."""
    text = shorten(f"{before[0].rpartition(chr(10))[0]}\n{after[0]}", SECTION)
    return text, [*before[1][:-1], *after[1]]


def is_post(blocks: Sequence[Block]) -> bool:
    """Whether these show an incident as it is, rather than say what happened."""
    return bool(blocks) and blocks[0].get("block_id") == POST


def summary(shown: Shown, what: str) -> str:
    """The same in one plain line, for lists."""
    line = " ".join(f"{shown.number}, {what}: {shown.title}".split())
    return line if len(line) <= SUMMARY else f"{line[: SUMMARY - 1]}…"


def when(instant: datetime) -> str:
    """The instant in each reader's own zone."""
    return date(instant.astimezone(UTC), WHEN)


def _link(shown: Shown) -> str:
    return link(shown.url, shown.number)


def _people(shown: Shown) -> list[tuple[str, str]]:
    return [("*Point*", shown.point), ("*Contact*", shown.contact), ("*Lead*", shown.lead)]


def _state(shown: Shown) -> str:
    """The state in words: an icon alone tells not everybody."""
    state, began = f"*{escape(shown.status_name)}*", when(shown.reported_at)
    if shown.over:
        return f"{state}, from {began} to {when(shown.closed_at)}" if shown.closed_at else f"{state}, began {began}"
    seen = f"acknowledged by {escape(shown.acknowledged_by)}" if shown.acknowledged_by else "*not acknowledged yet*"
    return f"{state} since {began}, {seen}"


def _public(shown: Shown) -> str:
    waits = "something waits for approval" if shown.waits else ""
    told = "the public reads of it" if shown.public else "not published"
    return ", ".join(part for part in (told, waits) if part)


def _titled(title: str, text: str) -> list[Block]:
    return [section(f"*{escape(title)}*\n{quote}") for quote in [_quote(text)] if quote]


def _quoted(text: str) -> list[Block]:
    return [section(quote) for quote in [_quote(text)] if quote]


def _quote(text: str) -> str:
    said = text.strip()
    short = said if len(said) <= LONGEST_QUOTE else f"{said[: LONGEST_QUOTE - 1]}…"
    # What quotes already would show its own mark.
    lines = (escape(line.removeprefix("> ")) for line in short.splitlines())
    return shorten("\n".join(f"> {line}" for line in lines), SECTION - 100)


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": shorten(text, SECTION), "verbatim": True}]}
