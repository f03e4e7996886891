"""A message that somebody chose a shortcut of: where it stands, what it says, and the ticket it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.integrations.slack import selectors
from apps.integrations.slack.answering import Asked
from apps.integrations.slack.asking import place
from apps.integrations.slack.candidates import instant
from apps.integrations.slack.incoming import mapping, user_of, word
from apps.integrations.slack.messages import permalink
from apps.integrations.slack.parsing import is_from_bot, text_for_pattern
from apps.integrations.slack.wording import readable
from apps.tickets.models import Ticket

WHICH = "I cannot tell which message this is; try again on the message itself."
# A number in a sentence: of a ticket only if there is one of that number.
_NUMBER = re.compile(r"(?<![\w.])#?([0-9]{3,12})(?![\w.])")
MOST_NUMBERS = 20


@dataclass(frozen=True)
class Place:
    """A message in Slack: by it, two who do the same are known to."""

    channel: str
    ts: str
    thread_ts: str = ""

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.ts}"

    @property
    def url(self) -> str:
        return permalink(self.channel, self.ts, self.thread_ts)

    @property
    def is_known(self) -> bool:
        """Whether Slack said which message it is."""
        return bool(self.channel) and instant(self.ts) is not None

    def asked(self, what: str, user: str) -> Asked:
        """Who asked `what` of it; the answer goes into its thread where one of our channels is, else to them."""
        channel = place(self.channel)
        return Asked(what, user, channel, (self.thread_ts or self.ts) if channel else "")


@dataclass(frozen=True)
class Chosen:
    """The message: `text` as a person reads it, `author` if it is an agent's."""

    where: Place
    user: str
    text: str
    author: str
    ticket: Ticket | None
    is_from_bot: bool

    @property
    def first_line(self) -> str:
        """What it is about, in a line: what announces a ticket begins with its number, so of that its subject."""
        first = self.text.partition("\n")[0]
        if self.ticket and self.is_from_bot:
            first = self.ticket.subject or first
        return " ".join(first.split())

    @property
    def quoted(self) -> str:
        """The text, each line marked as somebody else's."""
        return "\n".join(f"> {line}" for line in self.text.splitlines())


def chosen(payload: Mapping[str, Any]) -> Chosen:
    """The message in a shortcut's payload."""
    message = mapping(payload.get("message"))
    ts = word(message.get("ts")) or word(payload.get("message_ts"))
    where = Place(word(mapping(payload.get("channel")).get("id")), ts, word(message.get("thread_ts")))
    text = readable(word(message.get("text")).strip() or text_for_pattern(message)).strip()
    author = selectors.agent_of(word(message.get("user")))
    return Chosen(
        where=where,
        user=user_of(payload),
        text=text,
        author=str(author) if author else "",
        ticket=_ticket(text, where),
        is_from_bot=is_from_bot(message),
    )


def _ticket(text: str, where: Place) -> Ticket | None:
    """The first ticket the text names, else the one whose thread it is in."""
    numbers = [found[1] for found in _NUMBER.finditer(text[:20_000])][:MOST_NUMBERS]
    known = {ticket.number: ticket for ticket in Ticket.objects.select_related("customer").filter(number__in=numbers)}
    named = next((known[number] for number in numbers if number in known), None)
    return named or selectors.ticket_in_thread(where.channel, where.thread_ts or where.ts)
