"""Recording what happened. Import it as `from apps.trail import services as trail`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

import uuid_utils.compat as uuids
from django.db import transaction

from apps.trail import payloads, store
from apps.trail.context import current
from apps.trail.engine.base import DatabaseWrapper
from apps.trail.errors import BadEvent
from apps.trail.events import CUSTOM_NAME, Custom, Event, EventsLinked, type_named
from apps.trail.models import StoredEvent
from apps.trail.reacting import Recorded, react

E = TypeVar("E", bound=Event)
LONGEST_STREAM = 200
# Of what people and integrations publish: bytes as JSON, and how many objects and lists may lie in each other.
LARGEST, DEEPEST = 65_536, 20
# Somebody else's clock may be a little ahead of ours.
CLOCKS_DIFFER = timedelta(minutes=5)


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


def record(
    event: E, *, about: Iterable[Streamed | str], now: datetime, expected: Mapping[str, int] | None = None
) -> Recorded[E]:
    """The event is on the trail, on the streams it is about, and every reaction has heard it.

    It becomes true with the surrounding transaction, or not at all. Who decides by what a stream says gives its
    version (`reading.version`) in `expected`: then nobody else records on it from here to the commit.
    Raises ReactionFailed when a reaction could not follow, StreamMoved when the stream is at another version.
    """
    return record_many([Happening(event=event, about=tuple(about))], now=now, expected=expected)[0]


def record_many(
    happenings: Sequence[Happening], *, now: datetime, expected: Mapping[str, int] | None = None
) -> list[Recorded[Any]]:
    """Record many at the cost of one statement, in their order; reactions hear them together."""
    if not happenings:
        return []
    engine = store.current_engine()
    if expected or not engine.in_atomic_block:
        # With an expectation a savepoint: whose is not met can read again in the same transaction.
        with transaction.atomic(savepoint=bool(expected)):
            return _record(happenings, engine, now=now, expected=expected)
    try:
        return _record(happenings, engine, now=now, expected=None)
    except BaseException:
        # As atomic() without a savepoint does, which costs a tenth of what recording takes here.
        engine.needs_rollback = True
        raise


def _record(
    happenings: Sequence[Happening], engine: DatabaseWrapper, *, now: datetime, expected: Mapping[str, int] | None
) -> list[Recorded[Any]]:
    context = current()
    chain = context.correlation or uuids.uuid7()
    rows = [
        store.Row(
            id=uuids.uuid7(),
            type=happening.event.event_type,
            version=happening.event.version,
            payload=happening.event.as_payload(),
            about=streams(happening.about),
            actor=context.actor,
            correlation=happening.correlation or chain,
            cause=happening.cause or context.cause,
            metadata=context.metadata,
            occurred_at=happening.occurred_at or now,
            metadata_said=context.metadata_said,
        )
        for happening in happenings
    ]
    if len(rows) == 1 and not expected:
        places = [store.append_soon(rows[0], engine)]
    else:
        positions = store.append(rows, expected)
        places = [store.Place(positions[row.id]) for row in rows]
    recorded = [
        Recorded(
            event=happening.event,
            id=row.id,
            place=place,
            about=row.about,
            actor=row.actor,
            correlation=row.correlation,
            cause=row.cause,
            occurred_at=row.occurred_at,
        )
        for happening, row, place in zip(happenings, rows, places, strict=True)
    ]
    react(recorded)
    return recorded


def publish(
    name: str,
    data: Mapping[str, Any] | None = None,
    about: Iterable[Streamed | str] = (),
    *,
    now: datetime,
    occurred_at: datetime | None = None,
    cause: UUID | None = None,
) -> Recorded[Custom]:
    """An event of a type of one's own is on the trail, such as VatRateCorrected. Raises BadEvent.

    RailsEventStore's way: who mends something by hand says so in a line, and the story goes on. With a `cause` it
    belongs to the chain of that event.
    """
    if not CUSTOM_NAME.fullmatch(name):
        raise BadEvent(
            f"“{name[:100]}” names no event: write what happened in the past tense, such as VatRateCorrected.", "name"
        )
    if type_named(name) is not None:
        raise BadEvent(f"{name} is recorded by the portal itself; call yours something else.", "name")
    payload = _published(data or {})
    names = _named_streams(about, "about")
    if not names:
        raise BadEvent("Say what it is about, such as about=['ticket:4711'].", "about")
    if occurred_at is not None and occurred_at > now + CLOCKS_DIFFER:
        raise BadEvent("An event has happened; this is in the future.", "occurred_at")
    led_to_it = StoredEvent.objects.filter(event_id=cause).first() if cause else None
    if cause and led_to_it is None:
        raise BadEvent(f"There is no event {cause} that could have led to it.", "cause")
    happening = Happening(
        event=Custom(name=name, data=payload),
        about=names,
        occurred_at=occurred_at,
        cause=cause,
        correlation=led_to_it.correlation_id if led_to_it else None,
    )
    return record_many([happening], now=now)[0]


def _published(data: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody publishes, JSON-ready and of a size that everybody can read. Raises BadEvent."""
    try:
        payload: dict[str, Any] = payloads.plain(dict(data))
        size = len(json.dumps(payload, allow_nan=False, ensure_ascii=False).encode())
    except RecursionError as error:
        raise BadEvent("The data is nested too deeply.", "data") from error
    except (TypeError, ValueError) as error:
        raise BadEvent(str(error), "data") from error
    if payloads.depth(payload) > DEEPEST:
        raise BadEvent(f"The data is nested too deeply: at most {DEEPEST} objects and lists in each other.", "data")
    if size > LARGEST:
        raise BadEvent(f"The data has {size:,} bytes as JSON; an event holds at most {LARGEST:,}.", "data")
    return payload


@transaction.atomic
def link(events: Iterable[int], *, to: Streamed | str, now: datetime, because: str = "") -> int:
    """The events at these positions are on the stream `to` as well; how many were not yet. Nothing is copied."""
    [stream] = _named_streams([to], "to")
    positions = sorted(set(events))
    known = list(StoredEvent.objects.filter(position__in=positions).values_list("position", flat=True))
    if missing := sorted(set(positions) - set(known)):
        raise BadEvent(f"There is no event {missing[0]}.")
    fresh = store.link(positions, stream)
    if fresh:
        record(EventsLinked(stream=stream, events=positions, because=because), about=[stream], now=now)
    return fresh


def _named_streams(about: Iterable[Streamed | str], argument: str) -> tuple[str, ...]:
    try:
        return streams(about)
    except ValueError as error:
        raise BadEvent(str(error), argument) from error


def streams(about: Iterable[Streamed | str]) -> tuple[str, ...]:
    """The names of the streams, each once, in their order."""
    names = dict.fromkeys(item if isinstance(item, str) else item.stream for item in about)
    for name in names:
        if not name or "\x00" in name:
            raise ValueError(f"{name!r} cannot be a stream's name.")
        if len(name) > LONGEST_STREAM:
            raise ValueError(f"A stream's name has at most {LONGEST_STREAM} characters: {name[:40]}… has {len(name)}.")
    return tuple(names)
