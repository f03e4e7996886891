"""Reading the trail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from apps.trail import reading
from apps.trail.models import StoredEvent
from apps.trail.reading import Query


@dataclass(frozen=True)
class StoryLine:
    """One entry of a story, ready to be shown."""

    id: UUID
    position: int
    type: str
    at: datetime
    actor: str
    actor_kind: str
    sentence: str
    caused_by: UUID | None
    cause_position: int | None
    cause_sentence: str

    @property
    def url(self) -> str:
        """The entry's own, permanent address, without the host."""
        return f"/trail/{self.position}/"


def on_stream(stream: str) -> QuerySet[StoredEvent]:
    """The events on a stream, oldest first."""
    return StoredEvent.objects.filter(links__stream=stream).order_by("position")


def story(
    stream: str,
    *,
    newest_first: bool = False,
    limit: int = 200,
    readable: Callable[[StoredEvent], bool] = lambda event: True,
) -> list[StoryLine]:
    """What happened on a stream, in sentences: the newest `limit` entries, each with what caused it.

    A cause may be of no stream its reader may read, such as the console: only what is `readable` is named.
    """
    events = reading.backwards(Query(stream=stream), limit=limit)
    if not newest_first:
        events.reverse()
    named = StoredEvent.objects.in_bulk(
        [event.causation_id for event in events if event.causation_id], field_name="event_id"
    )
    causes = {key: cause for key, cause in named.items() if readable(cause)}
    lines = []
    for event in events:
        cause = causes.get(event.causation_id)
        lines.append(
            StoryLine(
                id=event.event_id,
                position=event.position,
                type=event.type,
                at=event.occurred_at,
                actor=event.actor,
                actor_kind=event.actor_kind,
                sentence=event.sentence,
                caused_by=event.causation_id,
                cause_position=cause.position if cause else None,
                cause_sentence=cause.sentence if cause else "",
            )
        )
    return lines
