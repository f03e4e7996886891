"""From what happened to what each subscriber is owed; its words are made of what the public may know then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.incidents.events import IncidentPublished
from apps.incidents.maintenance_events import (
    MaintenanceBegan,
    MaintenanceCancelled,
    MaintenanceChanged,
    MaintenanceCompleted,
    MaintenanceNear,
    MaintenancePlanned,
    MaintenanceUpdated,
)
from apps.incidents.models import Incident, Maintenance, MaintenanceUpdate, Update
from apps.statuspage.models import Announcement, Delivery, Subscriber
from apps.statuspage.snapshot import PublicIncident, PublicMaintenance, PublicUpdate, Snapshot
from apps.statuspage.subscribing import words
from apps.statuspage.visible import called_off, snapshot
from apps.trail import events
from apps.trail.reacting import Recorded

MOST = 50
KEPT = timedelta(days=90)
BATCH = 1_000
WHYS: dict[type[events.Event], str] = {
    MaintenancePlanned: "planned",
    MaintenanceChanged: "changed",
    MaintenanceNear: "near",
    MaintenanceUpdated: "updated",
    MaintenanceBegan: "began",
    MaintenanceCompleted: "completed",
    MaintenanceCancelled: "cancelled",
}
# What of a plan subscribers hear of when it becomes another.
WORTH_SAYING = frozenset({"starts_at", "ends_at", "components", "public"})
Subject = Announcement.Subject
Event = PublicIncident | PublicMaintenance


def note(entries: Sequence[Recorded[Any]]) -> int:
    """What of these is to be announced; how many. Said after the commit, by a job."""
    made = [found for entry in entries if (found := _noted(entry)) is not None]
    Announcement.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def _noted(entry: Recorded[Any]) -> Announcement | None:
    event, fields = entry.event, {"event_id": entry.id, "created_at": entry.occurred_at}
    if isinstance(event, IncidentPublished):
        if not event.updates:
            return None
        about = Incident.objects.values_list("public_id", flat=True).get(pk=event.incident)
        fresh = Update.objects.filter(incident=event.incident, position__in=event.updates)
        said = list(fresh.order_by("-position").values_list("public_id", flat=True))
        return Announcement(subject=Subject.INCIDENT, about=about, updates=said, **fields)
    if not event.public or (isinstance(event, MaintenanceChanged) and not WORTH_SAYING & event.changes.keys()):
        return None
    if isinstance(event, MaintenanceUpdated) and not event.public_text and event.status != "verifying":
        return None
    about = Maintenance.objects.values_list("public_id", flat=True).get(pk=event.maintenance)
    said = []
    if isinstance(event, MaintenanceUpdated | MaintenanceBegan | MaintenanceCompleted):
        rows = MaintenanceUpdate.objects.filter(maintenance=event.maintenance).order_by("-position")
        said = list(rows.values_list("public_id", flat=True)[:1])
    return Announcement(subject=Subject.MAINTENANCE, about=about, updates=said, why=WHYS[type(event)], **fields)


def announce(*, now: datetime) -> int:
    """What is noted is owed to each who wants to hear of it; how many messages."""
    owed, found = 0, True
    while found:
        found, some = _announce(now=now)
        owed += some
    return owed


def forget(*, now: datetime) -> int:
    """What was told long ago is not kept, nor to whom; how many."""
    old = Announcement.objects.filter(announced_at__lt=now - KEPT)
    old = old.exclude(deliveries__state__in=[Delivery.State.WAITING, Delivery.State.SENDING])
    return int(Announcement.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()[0])


def say_anew(*, about: str = "") -> int:
    """What is still to be said, of this incident alone where one is named, is said in the words of now; how many.

    A text was put right or a component hidden: what some endpoint did not take yet would tell it for a day.
    """
    late = Announcement.objects.filter(deliveries__state__in=[Delivery.State.WAITING, Delivery.State.SENDING])
    late = late.filter(about=about) if about else late
    return Announcement.objects.filter(pk__in=late.values("pk")).update(announced_at=None)


@transaction.atomic
def _announce(*, now: datetime) -> tuple[bool, int]:
    rows = list(Announcement.objects.select_for_update(skip_locked=True).filter(announced_at=None)[:MOST])
    if not rows:
        return False, 0
    shot = snapshot(at=now)
    owed = 0
    for row in rows:
        before = bool(row.payloads)
        if not _compose(row, shot):
            row.title, row.text, row.payloads = "", "", []
        elif not before:
            owed += _owe(row, now=now)
        row.announced_at = now
        row.save(update_fields=["announced_at", "title", "text", "html", "payloads"])
    return True, owed


def _compose(row: Announcement, shot: Snapshot) -> bool:
    """Its words; whether the public may know of it at all by now."""
    event: Event | None
    if row.subject == Subject.INCIDENT:
        event = next((each for each in shot.incidents if each.id == row.about), None)
    elif row.why == "cancelled":
        event = called_off(row.about)
    else:
        event = next((each for each in shot.maintenances if each.id == row.about), None)
    if event is None:
        return False
    fresh = [each for each in event.updates if each.id in row.updates]
    if isinstance(event, PublicIncident):
        if not fresh:
            # Nothing a reader of the page would see.
            return False
        told = words.of_incident(shot, event, fresh)
    else:
        told = words.of_maintenance(shot, event, row.why, fresh or _plan(event, row.why))
    row.title, row.text, row.html = told.title, told.text, told.html
    row.payloads = words.payloads(shot, event, fresh)
    return True


def _plan(event: PublicMaintenance, why: str) -> list[PublicUpdate]:
    """What was said when it was planned: the oldest word, where there is one."""
    first = event.updates[-1]
    return [first] if why != "cancelled" and first.body else []


def _owe(row: Announcement, *, now: datetime) -> int:
    # Whoever said yes after it happened has read it on the page.
    hearing = Subscriber.objects.filter(confirmed_at__lte=row.created_at, disabled_at=None)
    hearing = hearing.prefetch_related("components")
    owed: list[Delivery] = []
    for subscriber in hearing.iterator(chunk_size=BATCH):
        chosen = {each.public_id for each in subscriber.components.all()}
        parts = row.payloads if subscriber.kind == Subscriber.Kind.WEBHOOK else row.payloads[:1]
        owed += [
            Delivery(subscriber=subscriber, announcement=row, part=part, created_at=now, ready_at=now)
            for part, payload in enumerate(parts)
            if not chosen or chosen & set(payload["components"])
        ]
    Delivery.objects.bulk_create(owed, batch_size=BATCH, ignore_conflicts=True)
    return len(owed)
