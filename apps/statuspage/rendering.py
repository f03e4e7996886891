"""What the public reads is made when something is written, so that reading it asks nothing of anybody."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from apps.statuspage.models import Edition, Rendering
from apps.statuspage.registry import DOCUMENTS, FAMILIES
from apps.statuspage.snapshot import Snapshot
from apps.statuspage.visible import snapshot

logger = logging.getLogger(__name__)


class RenderingFailed(Exception):
    """Some documents could not be built; the others were."""


@dataclass(frozen=True)
class _Wanted:
    path: str
    content_type: str
    policy: str
    made_of: str
    build: Callable[[bool], bytes]
    ages: bool = True


def transaction_now() -> int:
    """PostgreSQL's name of this transaction, for `render`'s `after`."""
    return _number("SELECT pg_current_xact_id()::text::bigint")


def render(*, now: datetime, after: int = 0) -> int:
    """The public reads how things are; how many documents became others.

    With `after`, the transaction that asks for it, nothing is done when a rendering saw that already: a write of
    several events asks several times. Raises RenderingFailed once all that could be built is stored: as the edition
    counts as old then, readers learn within five minutes that nobody knows how things are.
    """
    failed: list[str] = []
    with transaction.atomic():
        Edition.objects.get_or_create(pk=1)
        # One at a time, or an older state could be stored over a newer one.
        edition = Edition.objects.select_for_update().get(pk=1)
        if after and edition.saw > after:
            return 0
        saw = _number("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        changed = _store(snapshot(at=now), now=now, failed=failed)
        values: dict[str, object] = {} if failed else {"rendered_at": now, "saw": saw}
        if changed:
            values["number"] = edition.number + 1
        if values:
            Edition.objects.filter(pk=1).update(**values)
    if failed:
        raise RenderingFailed(f"Could not be built: {', '.join(failed)}.")
    return changed


def _store(shot: Snapshot, *, now: datetime, failed: list[str]) -> int:
    old = {row.path: row for row in Rendering.objects.defer("body", "unknown_body")}
    seen: set[str] = set()
    fresh: list[Rendering] = []
    stale: list[Rendering] = []
    for wanted in _wanted(shot):
        seen.add(wanted.path)
        row = old.get(wanted.path)
        if row and wanted.made_of and (row.made_of, row.policy) == (wanted.made_of, wanted.policy):
            continue
        try:
            body = wanted.build(True)
            unknown = wanted.build(False) if wanted.ages else body
        except Exception:
            logger.exception("%s could not be rendered", wanted.path)
            failed.append(wanted.path)
            continue
        made = Rendering(
            path=wanted.path,
            content_type=wanted.content_type,
            policy=wanted.policy,
            made_of=wanted.made_of,
            body=body,
            etag=_digest(body),
            unknown_body=unknown,
            unknown_etag=_digest(unknown),
            # Never twice the same second: readers tell two apart by it.
            changed_at=max(now, row.changed_at + timedelta(seconds=1)) if row else now,
        )
        if row is None:
            fresh.append(made)
        elif _told(row) != _told(made):
            made.pk = row.pk
            stale.append(made)
    gone = [row.pk for path, row in old.items() if path not in seen]
    Rendering.objects.bulk_create(fresh, batch_size=200)
    columns = [field.name for field in Rendering._meta.concrete_fields if not field.primary_key]
    Rendering.objects.bulk_update(stale, columns, batch_size=50)
    Rendering.objects.filter(pk__in=gone).delete()
    return len(fresh) + len(stale) + len(gone)


def _wanted(shot: Snapshot) -> Iterator[_Wanted]:
    for document in DOCUMENTS:
        yield _Wanted(document.path, document.content_type, document.policy, "", _of(document.build, shot))
    for family in FAMILIES:
        for member in family.members(shot):
            yield _Wanted(member.path, family.content_type, family.policy, member.made_of, member.build, member.ages)


def _of(build: Callable[[Snapshot, bool], bytes], shot: Snapshot) -> Callable[[bool], bytes]:
    return lambda current: build(shot, current)


def _told(row: Rendering) -> tuple[str, ...]:
    return row.etag, row.unknown_etag, row.content_type, row.policy, row.made_of


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]


def _number(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        [value] = cursor.fetchone()
    return int(value)
