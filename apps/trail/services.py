"""Recording what happened. Import it as `from apps.trail import services as trail`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

import uuid_utils.compat as uuids
from django.db import transaction

from apps.trail import payloads, store
from apps.trail.context import current
from apps.trail.events import Event
from apps.trail.reacting import Recorded, react

E = TypeVar("E", bound=Event)


class Streamed(Protocol):
    """Whatever has a stream of its own, such as a ticket: `ticket:4711`."""

    @property
    def stream(self) -> str: ...


@dataclass(frozen=True)
class Happening:
    """An event to record, and what it is about; `cause` and `correlation` override the context's."""

    event: Event
    about: Sequence[Streamed | str]
    occurred_at: datetime | None = None
    cause: UUID | None = None
    correlation: UUID | None = None


def record(event: E, *, about: Iterable[Streamed | str], now: datetime) -> Recorded[E]:
    """The event is on the trail, on the streams it is about, and every reaction has heard it.

    It becomes true with the surrounding transaction, or not at all.
    Raises ReactionFailed when a reaction could not follow.
    """
    return record_many([Happening(event=event, about=tuple(about))], now=now)[0]


@transaction.atomic(savepoint=False)
def record_many(happenings: Sequence[Happening], *, now: datetime) -> list[Recorded[Any]]:
    """Record many at the cost of one statement, in their order; reactions hear them together."""
    if not happenings:
        return []
    context = current()
    chain = context.correlation or uuids.uuid7()
    rows = [
        store.Row(
            id=uuids.uuid7(),
            type=type(happening.event).__name__,
            version=happening.event.version,
            payload=payloads.to_json(happening.event),
            about=streams(happening.about),
            actor=context.actor,
            correlation=happening.correlation or chain,
            cause=happening.cause or context.cause,
            metadata=dict(context.metadata),
            occurred_at=happening.occurred_at or now,
        )
        for happening in happenings
    ]
    positions = store.append(rows)
    recorded = [
        Recorded(
            event=happening.event,
            id=row.id,
            position=positions[row.id],
            about=row.about,
            actor=row.actor,
            correlation=row.correlation,
            cause=row.cause,
            occurred_at=row.occurred_at,
        )
        for happening, row in zip(happenings, rows, strict=True)
    ]
    react(recorded)
    return recorded


def streams(about: Iterable[Streamed | str]) -> tuple[str, ...]:
    """The names of the streams, each once, in their order."""
    names = dict.fromkeys(item if isinstance(item, str) else item.stream for item in about)
    for name in names:
        if not name or "\x00" in name:
            raise ValueError(f"{name!r} cannot be a stream's name.")
    return tuple(names)
