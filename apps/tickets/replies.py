"""What a source of replies is asked and what it answers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Question:
    """Was this ticket answered? `number` is the help desk's own; `opened_at` is aware."""

    number: str
    opened_at: datetime


@dataclass(frozen=True)
class Answer:
    """What the source knows of one ticket.

    `replied_at` is the first public reply of an agent, aware; None when there is none, or when the
    source knows that there was one but not when.
    """

    number: str
    replied: bool
    replied_at: datetime | None
    # Merged into another ticket or deleted, as far as the source still tells: nobody will ever answer it.
    gone: bool = False


class SourceUnreachable(Exception):
    """The source could not be asked, or its answer could not be trusted.

    The message is one sentence that can be shown to an agent; it never holds a credential.
    """


class ReplySource(Protocol):
    """Somebody who knows whether tickets were answered."""

    name: str
    # How many tickets it can answer for within its time.
    batch: int

    def replies(self, tickets: Sequence[Question]) -> dict[str, Answer]:
        """The answers by ticket number, asked as one batch; a ticket the source does not know is left out.

        Takes a bounded time. Raises SourceUnreachable: a batch is answered whole or not at all, so that a
        missing ticket always means "not known there" and never "not asked".
        """
        ...


class Unaskable:
    """The source of settings that name none that can be asked: whoever asks hears `reason`, a sentence."""

    name = "Help desk"
    batch = 500

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def replies(self, tickets: Sequence[Question]) -> dict[str, Answer]:
        """See ReplySource."""
        raise SourceUnreachable(self._reason)
