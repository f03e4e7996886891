"""Several messages for one channel said as one. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.integrations.slack.messages import SECTION, permalink, section, shorten
from apps.integrations.slack.text import escape, link

# More than this many waiting for one channel are folded; so many fit into one message at most.
PATIENCE = 5
MOST = 40
# Slack cuts a message at about 13,000 characters in all.
ROOM = 11_000
# How a summary is told from what it sums up.
SUMMARY = "/summary"

# Whatever notifies somebody: texts are escaped, so such marks are ours or a manager's.
_MENTIONS = re.compile(r"<(?:@[A-Z0-9]+|!subteam\^[A-Z0-9]+|!here|!channel|!everyone)(?:\|[^<>]*)?>")
_DATES = re.compile(r"<!date\^[^<>|]*\|([^<>]*)>")
_THREAD = re.compile(r"<(https://slack\.com/archives/[^|<>]+)[|>]")


@dataclass(frozen=True)
class Said:
    """The message that speaks for the first `count` of those given."""

    text: str
    blocks: list[dict[str, Any]]
    count: int


def line(*, summary: str, text: str, channel: str, thread_ts: str) -> str:
    """One message in one line: whom it mentions, what it says, and a link to its thread."""
    mentions = " ".join(dict.fromkeys(found[0] for found in _MENTIONS.finditer(text)))
    if thread_ts:
        address = permalink(channel, thread_ts)
    else:
        # A message beside the thread links to it in its text.
        found = _THREAD.search(text)
        address = found[1].replace("&amp;", "&") if found else ""
    # A link's label holds no markup: a date inside would end the link, so its words stand for it.
    words = _DATES.sub(r"\1", summary)
    said = link(address, words) if address else escape(words)
    return shorten(f"• {said} {mentions}".rstrip(), SECTION)


def fold(lines: Sequence[str]) -> Said:
    """As many of the lines, in their order, as fit into one message; at least the first."""
    paragraphs: list[str] = []
    used = count = 0
    for one in lines[:MOST]:
        if count and used + len(one) > ROOM:
            break
        if paragraphs and len(paragraphs[-1]) + 1 + len(one) <= SECTION:
            paragraphs[-1] = f"{paragraphs[-1]}\n{one}"
        else:
            paragraphs.append(one)
        used += len(one) + 1
        count += 1
    title = f"{count} messages waited for this channel; here they are at once, each with its thread."
    return Said(title, [section(f"*{title}*"), *(section(text) for text in paragraphs)], count)
