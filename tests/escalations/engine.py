"""What the tests of the engine share: a reply source that knows what it is told, and a look at what happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from apps.escalations.models import Check
from apps.escalations.sweeping import BATCH, Sweep
from apps.tickets.replies import Answer, Question, SourceUnreachable
from apps.trail.models import StoredEvent

MINUTE = timedelta(minutes=1)


class KnownReplies:
    """A reply source that knows what it is told, or cannot be reached."""

    name = "desk"
    batch = 500

    def __init__(self, replies: dict[str, datetime | None] | None = None, *, broken: bool = False) -> None:
        self.known = replies or {}
        self.broken = broken
        self.gone: set[str] = set()
        self.asked: list[list[str]] = []

    def replies(self, questions: Sequence[Question]) -> dict[str, Answer]:
        self.within_transaction = connection.in_atomic_block
        self.asked.append([question.number for question in questions])
        if self.broken:
            raise SourceUnreachable("The help desk did not answer.")
        gone = {number: Answer(number, False, None, gone=True) for number in self.gone}
        known = {number: Answer(number, True, at) for number, at in self.known.items()}
        numbers = {question.number for question in questions}
        return {number: answer for number, answer in {**known, **gone}.items() if number in numbers}


def sweep(at: datetime, source: KnownReplies | None = None, *, most: int = BATCH) -> Sweep:
    """Everything due at `at` is settled."""
    running = Sweep(clock=lambda: at, source=source, most=most)
    for _ in range(100):
        if not running.batch():
            return running
    raise AssertionError("The sweep never came to an end.")


def states() -> list[str]:
    return list(Check.objects.order_by("clock", "tier").values_list("state", flat=True))


def happened(kind: str) -> list[dict[str, Any]]:
    return list(StoredEvent.objects.filter(type=kind).order_by("position").values_list("payload", flat=True))
