"""Putting events of the chosen types on the audit logs of the customers they belong to: `audit:customer:<slug>`.

New ones by a follower, past ones by a job (`fill_some`), each as often as one likes: an event is on a stream once.
What a batch does is one transaction with the cursor that says so, so a process killed anywhere leaves nothing half
done. No EventsLinked is recorded: that a type was chosen, and that its past was gone through, is on the trail, and
the links follow from it. As the log is filled after the commit, it is for reading back, not for following: what was
linked stands where it was recorded, perhaps behind a follower's cursor.

A log keeps what was put on it. When a ticket gets another customer, its whole story goes on the new one's log as
well, and stays on the old one's, as it does on the trail.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from apps.trail import reading, store
from apps.trail import services as trail
from apps.trail.audit import choosing
from apps.trail.audit.belonging import customers_of, moved_by
from apps.trail.audit.events import AuditLogFilled
from apps.trail.models import AuditType, StoredEvent
from apps.trail.order import START
from apps.trail.reading import Query

PREFIX = "audit:customer:"
BATCH = 1_000


def stream_for(slug: str) -> str:
    """The stream that is the audit log of the customer."""
    return f"{PREFIX}{slug}"


def link_new(events: Sequence[StoredEvent]) -> None:
    """Those of a chosen type are on the logs they belong to; whose customer became known bring their past along."""
    types = frozenset(choosing.stored_as(choosing.chosen()))
    if not types:
        return
    link([event for event in events if event.type in types])
    for stream in sorted({stream for event in events for stream in moved_by(event)}):
        _link_story(stream, types)


def link(events: Collection[StoredEvent]) -> int:
    """Each is on the log of every customer it belongs to; how many belong to one."""
    owners = customers_of(events)
    store.link_all([(stream_for(slug), event.cursor) for event in events for slug in owners[event.position]])
    return sum(1 for slugs in owners.values() if slugs)


def _link_story(stream: str, types: frozenset[str]) -> None:
    query, after = Query(stream=stream, types=tuple(types)), START
    while events := reading.forwards(query, after=after, limit=BATCH):
        link(events)
        after = events[-1].cursor


@transaction.atomic
def fill_some(*, now: datetime, batch: int = BATCH) -> int | None:
    """The next past events of a chosen type are on the logs; how many it saw, None when nothing is left to fill.

    Every process takes a type of its own. Only settled events count, and the horizon is taken after the choice was
    committed: what lies above it is read by the follower after that, so it is linked there.
    """
    waiting = AuditType.objects.filter(shown=True, filled_at=None)
    row = waiting.select_for_update(skip_locked=True).order_by("chosen_at", "type").first()
    if row is None:
        return None
    types = choosing.stored_as([row.type])
    if row.past is None:
        row.past = StoredEvent.objects.filter(type__in=types).count()
    events = reading.forwards(Query(types=types), after=row.cursor, limit=batch, below=reading.horizon())
    row.linked += link(events)
    row.seen += len(events)
    if events:
        row.epoch, row.transaction, row.position = events[-1].cursor
    if len(events) < batch:
        row.filled_at = now
        event = AuditLogFilled(chosen=row.type, events=row.seen, linked=row.linked)
        trail.record(event, about=[f"audittype:{row.pk}"], now=now)
    row.save(update_fields=["epoch", "transaction", "position", "past", "seen", "linked", "filled_at"])
    return len(events)
