"""Which types of events are on the audit log.

Turning a type off takes nothing back: links are only ever added, so whoever shows the log asks for the types that are
chosen now. What happens meanwhile is not linked; turned on again, the type is filled from the beginning once more,
which doubles nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction

from apps.trail import later, reading
from apps.trail.events import known_as, type_named, types
from apps.trail.managed import saving
from apps.trail.models import AuditType

FILL = "apps.trail.audit.jobs.fill"
# What customers and auditors ask for most; offered while nothing is chosen.
USUAL = (
    "TicketOpened",
    "TicketChanged",
    "TicketStatusChanged",
    "ReplyRecorded",
    "PromiseBreached",
    "EscalationReached",
    "ChecksSnoozed",
    "ObjectCreated",
    "ObjectChanged",
    "ObjectDeleted",
    "ChangedOutside",
    "RightsChanged",
    "PasswordSet",
    "SignInFailed",
    "ApiKeyCreated",
    "ApiKeyRevoked",
    "ConsoleOpened",
    "DatabaseRestored",
    "TrailExported",
)


def choices() -> list[str]:
    """Every type there is to choose, by name: the code's, and those published under names of their own so far."""
    published = {name for name in reading.recorded_types() if type_named(name) is None}
    return sorted(published | {name for name, cls in types().items() if cls.__module__.startswith("apps.")})


def chosen() -> list[str]:
    """The types on the audit log now, by name."""
    return list(AuditType.objects.filter(shown=True).order_by("type").values_list("type", flat=True))


def stored_as(names: Collection[str]) -> tuple[str, ...]:
    """What events of these types are called on the trail: each by its name and by those it had before."""
    return tuple(dict.fromkeys(known for name in names for known in known_as(name)))


@transaction.atomic
def choose(names: Collection[str], *, now: datetime) -> int:
    """These types are on the audit log, their past too as soon as a worker gets to it; how many were not yet."""
    with connection.cursor() as cursor:
        # A type nobody chose before has no row to lock; who chooses the same at once waits, and finds it chosen.
        cursor.execute("LOCK TABLE trail_audittype IN SHARE ROW EXCLUSIVE MODE")
    known = {row.type: row for row in AuditType.objects.filter(type__in=names)}
    fresh = [row for name in sorted(names) if not (row := known.get(name, AuditType(type=name, shown=False))).shown]
    for row in fresh:
        with saving(row, now=now):
            row.start_anew(now)
            row.save()
    if fresh:
        later.enqueue(FILL)
    return len(fresh)


@transaction.atomic
def hide(names: Collection[str], *, now: datetime) -> int:
    """These types are off the audit log; how many were on it."""
    rows = AuditType.objects.select_for_update().filter(type__in=names, shown=True).order_by("type")
    for row in rows:
        with saving(row, now=now):
            row.shown = False
            row.save(update_fields=["shown"])
    return len(rows)
