"""An export as it is made: read, packed and sent at once, a page of events in memory, and on the trail from both ends.

That it began is recorded before its first byte, and how it ended after its last event: one whose process was killed is
known by having no end. Whoever gets a manifest got everything, since its digests are recorded before it is sent.
"""

from __future__ import annotations

import gzip
import logging
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.trail import reading
from apps.trail import services as trail
from apps.trail.context import Context, acting
from apps.trail.errors import TrailError
from apps.trail.events import Event
from apps.trail.exporting.archive import Archive
from apps.trail.exporting.events import TrailExportBroken, TrailExported, TrailExportStarted
from apps.trail.exporting.formats import HEADERS, NAMES, WRITERS
from apps.trail.exporting.manifest import NAME, Manifest, Place, Tally
from apps.trail.exporting.rows import row
from apps.trail.exporting.selecting import pages
from apps.trail.finding import Wanted
from apps.trail.models import StoredEvent

logger = logging.getLogger(__name__)

# A web process has eight threads; an export holds one for minutes.
MOST = 2
_room = threading.BoundedSemaphore(MOST)
STREAM = "exports"
CHUNK = 65_536


class NoRoom(TrailError):
    """As many exports are under way as may be."""


@dataclass(frozen=True)
class Order:
    """What is to be exported: `asked` is `wanted` as people said it."""

    wanted: Wanted
    asked: dict[str, Any]
    formats: tuple[str, ...]
    about: tuple[str, ...]
    by: Context
    portal: str


class Export:
    """The bytes of the ZIP, once. Whoever iterates calls `close` in any case; Django's response does.

    It outlives the request that asked for it, so it acts in the context that is given.
    """

    def __init__(self, order: Order, *, clock: Callable[[], datetime], page: int = 500) -> None:
        """The export has begun, and that is on the trail. Raises NoRoom."""
        if not _room.acquire(blocking=False):
            raise NoRoom("Other exports are under way. Try again when one of them is done.")
        self._order, self._clock, self._page = order, clock, page
        self._count = 0
        self._first: Place | None = None
        self._last: Place | None = None
        self._error = ""
        self._ended = self._closed = False
        try:
            self._below = reading.horizon()
            self._began_at = clock()
            started = TrailExportStarted(asked=order.asked, formats=list(order.formats))
            with self._acting():
                self._started = trail.record(started, about=order.about, now=self._began_at)
        except BaseException:
            _room.release()
            raise
        self._bytes = self._make()

    def __iter__(self) -> Iterator[bytes]:
        return self._bytes

    def close(self) -> None:
        """Over: done, or broken off, which is on the trail then."""
        if self._closed:
            return
        self._closed = True
        try:
            self._bytes.close()
            if not self._ended:
                reason = self._error or "it was not taken to its end"
                self._record(TrailExportBroken(asked=self._order.asked, count=self._count, reason=reason))
        except Exception:
            # The answer is over, so nobody is left to be told.
            logger.exception("An export broke off, and that could not be recorded")
        finally:
            _room.release()

    def _make(self) -> Generator[bytes, None, None]:
        try:
            yield from self._packed()
        except Exception as error:
            self._error = type(error).__name__
            raise

    def _packed(self) -> Iterator[bytes]:
        archive = Archive(self._began_at)
        tallies = {NAMES[each]: Tally() for each in self._order.formats}
        # The trail is read once, so that both files hold the same: one is sent, the other waits on disk meanwhile.
        with tempfile.TemporaryFile() as disk, gzip.GzipFile(fileobj=disk, mode="wb", compresslevel=1) as aside:
            sent, *waiting = self._order.formats
            parts = self._written(tallies, sent, waiting, aside)
            yield from archive.member(NAMES[sent], parts)
            aside.close()
            for each in waiting:
                disk.seek(0)
                yield from archive.member(NAMES[each], _chunks(gzip.GzipFile(fileobj=disk, mode="rb")))
        position = self._record(self._whole(tallies))
        self._ended = True
        yield from archive.member(NAME, [self._manifest(tallies, position).written()])
        yield archive.end()

    def _written(
        self, tallies: Mapping[str, Tally], sent: str, waiting: Sequence[str], aside: gzip.GzipFile
    ) -> Iterator[bytes]:
        """The file that is sent, page by page; of what waits, the same page is put aside each time."""
        for each in waiting:
            aside.write(_counted(tallies[NAMES[each]], HEADERS[each]))
        yield _counted(tallies[NAMES[sent]], HEADERS[sent])
        for events in pages(self._order.wanted, below=self._below, size=self._page):
            rows = [row(event) for event in events]
            for each in waiting:
                aside.write(_counted(tallies[NAMES[each]], WRITERS[each](rows)))
            self._count_in(events)
            yield _counted(tallies[NAMES[sent]], WRITERS[sent](rows))

    def _count_in(self, events: Sequence[StoredEvent]) -> None:
        if events:
            self._count += len(events)
            self._first = self._first or _place(events[0])
            self._last = _place(events[-1])

    def _whole(self, tallies: Mapping[str, Tally]) -> TrailExported:
        return TrailExported(
            asked=self._order.asked,
            formats=list(self._order.formats),
            count=self._count,
            first=self._first.position if self._first else None,
            last=self._last.position if self._last else None,
            digests={name: tally.digest.hexdigest() for name, tally in tallies.items()},
        )

    def _manifest(self, tallies: Mapping[str, Tally], position: int) -> Manifest:
        actor = self._order.by.actor
        return Manifest(
            asked=self._order.asked,
            count=self._count,
            first=self._first,
            last=self._last,
            exported_at=self._began_at,
            exported_by={"name": actor.label, "actor": f"{actor.kind}:{actor.id}"},
            portal=self._order.portal,
            recorded_as=position,
            files=dict(tallies),
        )

    def _record(self, event: Event) -> int:
        with self._acting(cause=self._started.id, correlation=self._started.correlation):
            return trail.record(event, about=self._order.about, now=self._clock()).position

    def _acting(self, **chain: UUID) -> AbstractContextManager[Context]:
        by = self._order.by
        given = {"correlation": by.correlation, "cause": by.cause, **chain}
        return acting(actor=by.actor, metadata=by.metadata, **given)


def _counted(tally: Tally, part: bytes) -> bytes:
    tally.add(part)
    return part


def _chunks(file: gzip.GzipFile) -> Iterator[bytes]:
    while part := file.read(CHUNK):
        yield part


def _place(event: StoredEvent) -> Place:
    return Place(event.position, str(event.event_id))
