"""What this process remembers of the renderings, so that a reader costs the database nothing."""

from __future__ import annotations

import gzip
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock, Thread
from time import monotonic

from django.db import Error, OperationalError, connection

from apps.escalations.models import Beat
from apps.statuspage.models import Edition, Rendering

logger = logging.getLogger(__name__)

# Nobody knows how things are once the worker was silent for longer, or did not render.
KNOWN_FOR = timedelta(minutes=5)
# How old what is served may be, beyond its rendering.
LOOK_EVERY = 1.0
# Asking a database that is away can take long, and one reader waits for it.
LOOK_AGAIN = 5.0
# How long a reader waits for what is newer than what is there.
PATIENCE = 0.5
# Of incidents, months and components: the others are read from the database when somebody comes.
KEPT = 400


@dataclass
class Entry:
    """A rendering: what is always needed of it, and its bytes once somebody read them."""

    content_type: str
    policy: str
    changed_at: datetime
    etags: tuple[str, str]
    bodies: tuple[bytes, bytes] | None = None
    lock: Lock = field(default_factory=Lock)
    zipped: dict[bool, bytes] = field(default_factory=dict)

    def body(self, *, known: bool) -> bytes:
        """The bytes, of a loaded one."""
        assert self.bodies is not None
        return self.bodies[0 if known else 1]

    def gzip(self, *, known: bool) -> bytes:
        """The bytes, packed once a process."""
        if known not in self.zipped:
            # Without the time of packing, so that each process packs the same.
            self.zipped[known] = gzip.compress(self.body(known=known), compresslevel=6, mtime=0)
        return self.zipped[known]

    def etag(self, *, known: bool) -> str:
        """Its name; weak, as packed and plain bytes share it."""
        return f'W/"{self.etags[0 if known else 1]}"'


@dataclass(frozen=True)
class Known:
    """All renderings of an edition, and until when they count as how things are."""

    edition: int
    until: datetime
    entries: dict[str, Entry]


class Memory:
    """Looks after the newest edition at most once a second, one reader for all of the process."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.known: Known | None = None
        self.look_at = 0.0
        self.asked_at = 0.0
        self.away = False

    def forget(self) -> None:
        """The next reader asks the database."""
        self.known, self.look_at = None, 0.0

    def newest(self, *, look: bool = True) -> Known | None:
        """The newest edition; while the database is away the last one known. None when there never was one.

        Raises django.db.Error when the database is away and nothing is remembered.
        """
        if not look or monotonic() < self.look_at:
            return self.known
        if self.known is None:
            with self.lock:
                if self.known is None or monotonic() >= self.look_at:
                    self._look()
        elif self.lock.acquire(blocking=False):
            # Beside this reader, who waits a moment and no longer: a database that hangs must not hang the page.
            looking = Thread(target=self._look_beside, daemon=True)
            looking.start()
            looking.join(PATIENCE)
        return self.known

    def load(self, path: str) -> Entry | None:
        """The rendering of `path` with its bytes; None when there is none. Raises django.db.Error."""
        # Twice: the edition may change between knowing of it and reading it.
        for _ in range(2):
            known = self.newest()
            entry = known.entries.get(path) if known else None
            if entry is None or entry.bodies is not None:
                return entry
            if self._is_away():
                raise OperationalError("The database does not answer.")
            with entry.lock:
                if entry.bodies is not None or self._read({path: entry}):
                    return entry
            self.look_at = 0.0
        return None

    def _is_away(self) -> bool:
        """Whether it refused, or somebody has been waiting for it for too long."""
        return self.away or (self.lock.locked() and monotonic() - self.asked_at > PATIENCE)

    def _look_beside(self) -> None:
        try:
            if monotonic() >= self.look_at:
                self._look()
        finally:
            connection.close()
            self.lock.release()

    def _look(self) -> None:
        self.asked_at = monotonic()
        try:
            self.known = self._newer(self.known)
        except Error:
            self.look_at = monotonic() + LOOK_AGAIN
            if self.known is None:
                self.look_at = 0.0
                raise
            if not self.away:
                logger.exception("The database does not answer: the status page is served as it was last known")
            self.away = True
            return
        self.away = False
        self.look_at = monotonic() + LOOK_EVERY

    def _newer(self, known: Known | None) -> Known | None:
        edition = Edition.objects.filter(pk=1).first()
        if edition is None or edition.rendered_at is None:
            return None
        beat = Beat.objects.filter(name="worker").values_list("at", flat=True).first()
        until = min(edition.rendered_at, beat or edition.rendered_at - KNOWN_FOR) + KNOWN_FOR
        if known is not None and known.edition == edition.number:
            return Known(known.edition, until, known.entries)
        entries = self._entries(known.entries if known else {})
        return Known(edition.number, until, entries)

    def _entries(self, old: dict[str, Entry]) -> dict[str, Entry]:
        # Read at once, as the database may be away when somebody comes: what everybody reads, and the newest of others.
        names = ("path", "content_type", "policy", "changed_at", "etag", "unknown_etag", "made_of")
        rows = Rendering.objects.values_list(*names)
        entries: dict[str, Entry] = {}
        soon: dict[str, Entry] = {}
        kept = 0
        newest = sorted(rows, key=lambda row: (row[6] != "", -row[3].timestamp()))
        for path, content_type, policy, changed_at, etag, unknown_etag, made_of in newest:
            entry = Entry(content_type, policy, changed_at, (etag, unknown_etag))
            was = old.get(path)
            kept += bool(made_of)
            if kept <= KEPT:
                if was and (was.etags, was.changed_at, was.policy) == (entry.etags, changed_at, policy):
                    entry = was
                soon[path] = entry
            entries[path] = entry
        self._read({path: entry for path, entry in soon.items() if entry.bodies is None})
        return entries

    def _read(self, entries: dict[str, Entry]) -> bool:
        """Whether each was still there; its bytes are remembered then."""
        found = 0
        rows = Rendering.objects.filter(path__in=list(entries))
        for row in rows:
            entry = entries[row.path]
            if (row.etag, row.unknown_etag) == entry.etags:
                entry.bodies = bytes(row.body), bytes(row.unknown_body)
                found += 1
        return found == len(entries)


memory = Memory()


def warm() -> None:
    """A process that begins remembers what there is before anybody asks: the database may be away by then."""
    try:
        memory.newest()
    except Error:
        logger.warning("The status page is read once the database answers")
    finally:
        # Of the thread that starts the process, which answers nobody.
        if not connection.in_atomic_block:
            connection.close()
