"""Keeping the copy of what calendars say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from apps.people.models import Agent
from apps.rotations.calendars import CalendarItem, CalendarReading, Named
from apps.rotations.calendars import rules as pure
from apps.rotations.events import CalendarChanged, CalendarPointedElsewhere, CalendarReadAgain, CalendarUnread
from apps.rotations.models import Calendar, CalendarEntry, Rotation
from apps.rotations.services.history import keep_history
from apps.trail import services as trail

# How much of a change is told word for word.
TOLD = 20
# What is over for so long is of no use to anybody; who was on duty is kept elsewhere.
KEPT = timedelta(days=400)
BATCH = 1_000
Key = tuple[str, str]


@dataclass(frozen=True)
class Asked:
    """What a reading was asked with: a calendar that was changed meanwhile does not take its answer."""

    source: str
    address: str
    time_zone: str
    start: datetime
    end: datetime


def claim(calendar: Calendar, *, until: datetime, now: datetime) -> bool:
    """Whether it is for the caller to read the calendar now; nobody else does so before `until`."""
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    return bool(Calendar.objects.filter(free, pk=calendar.pk, enabled=True).update(claimed_until=until))


@transaction.atomic
def keep_reading(calendar: Calendar, reading: CalendarReading, asked: Asked, *, now: datetime) -> bool:
    """The copy is as the reading says; False when the calendar was changed meanwhile, and nothing was kept.

    A whole reading replaces what is in its window, and leaves what was before. Who was on duty until now in rotations
    that go by the calendar stays so.
    """
    if not reading.whole and not reading.items and not reading.gone:
        row = _held(calendar)
    else:
        for rotation in Rotation.objects.filter(layers__calendar=calendar, archived_at=None).distinct().order_by("pk"):
            keep_history(rotation, now=now)
        row = _held(calendar)
    if (row.source, row.feed_address, row.time_zone) != (asked.source, asked.address, asked.time_zone):
        Calendar.objects.filter(pk=row.pk).update(claimed_until=None)
        return False
    told = _Told()
    _write(row, reading, asked, told)
    _read_anew(row, told, since=asked.start)
    _forget(row, told, before=now - KEPT)
    if told.anything:
        trail.record(
            CalendarChanged(
                calendar=row.pk,
                name=row.name,
                added=len(told.added),
                changed=len(told.changed),
                removed=len(told.removed),
                entries=told.sentences(),
            ),
            about=[row_stream(row)],
            now=now,
        )
    if row.failing_since is not None:
        trail.record(
            CalendarReadAgain(calendar=row.pk, name=row.name, since=row.failing_since),
            about=[row_stream(row)],
            now=now,
        )
    Calendar.objects.filter(pk=row.pk).update(
        token=reading.token,
        whole_at=now if reading.whole else row.whole_at,
        synced_at=now,
        failing_since=None,
        error="",
        # What is new says nothing of what was left out before.
        notes=list(reading.notes) if reading.whole else list(dict.fromkeys([*row.notes, *reading.notes]))[:10],
        claimed_until=None,
    )
    return True


@transaction.atomic
def could_not_read(calendar: Calendar, reason: str, *, now: datetime) -> None:
    """The last good copy stays; the calendar says why it is not newer."""
    row = _held(calendar)
    if row.failing_since is None:
        since = row.synced_at
        told = CalendarUnread(calendar=row.pk, name=row.name, reason=reason, copy_of=since)
        trail.record(told, about=[row_stream(row)], now=now)
    Calendar.objects.filter(pk=row.pk).update(
        failing_since=Coalesce(F("failing_since"), now), error=reason[:500], claimed_until=None
    )


@transaction.atomic
def pointed_elsewhere(calendar: Calendar, *, now: datetime) -> None:
    """Another address, source or zone: the next reading starts over; until then the copy stays as it is."""
    trail.record(
        CalendarPointedElsewhere(calendar=calendar.pk, name=calendar.name, source=calendar.get_source_display()),
        about=[row_stream(calendar)],
        now=now,
    )
    Calendar.objects.filter(pk=calendar.pk).update(
        token="", whole_at=None, failing_since=None, error="", notes=[], claimed_until=None
    )


@transaction.atomic
def read_anew(calendar: Calendar, *, now: datetime) -> None:
    """The copy's entries say what the calendar's rules, as they are now, and the people who work here make of them."""
    for rotation in Rotation.objects.filter(layers__calendar=calendar, archived_at=None).distinct().order_by("pk"):
        keep_history(rotation, now=now)
    _read_anew(_held(calendar), _Told(), since=now - KEPT)


def row_stream(calendar: Calendar) -> str:
    """The calendar's story."""
    return f"calendar:{calendar.pk}"


class _Told:
    """What changed, as it is found."""

    def __init__(self) -> None:
        self.added: dict[int, CalendarEntry] = {}
        self.changed: dict[int, CalendarEntry] = {}
        self.removed: list[CalendarEntry] = []

    @property
    def anything(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def sentences(self) -> list[str]:
        said = [
            f"{what}: {_spell(entry)}"
            for what, entries in (
                ("new", self.added.values()),
                ("changed", self.changed.values()),
                ("gone", self.removed),
            )
            for entry in list(entries)[:TOLD]
        ]
        return said[:TOLD]


def _held(calendar: Calendar) -> Calendar:
    return Calendar.objects.select_for_update(no_key=True).get(pk=calendar.pk)


def _write(row: Calendar, reading: CalendarReading, asked: Asked, told: _Told) -> None:
    stored: dict[Key, CalendarEntry] = {(entry.uid, entry.instance): entry for entry in row.entries.all()}
    items = {_key(item): item for item in reading.items if item.end > item.start}
    gone = set(reading.gone)
    going = [
        entry
        for key, entry in stored.items()
        if key not in items
        and (
            entry.uid in gone
            or (entry.instance and entry.instance in gone)
            or (reading.whole and entry.ends_at > asked.start)
        )
    ]
    CalendarEntry.objects.filter(pk__in=[entry.pk for entry in going]).delete()
    told.removed += going
    fresh, changed = [], []
    for key, item in items.items():
        entry = stored.get(key)
        fields = _fields(item)
        if entry is None:
            fresh.append(CalendarEntry(calendar=row, uid=key[0], instance=key[1], **fields))
        elif any(getattr(entry, name) != value for name, value in fields.items()):
            for name, value in fields.items():
                setattr(entry, name, value)
            changed.append(entry)
    told.added.update((entry.pk, entry) for entry in CalendarEntry.objects.bulk_create(fresh, batch_size=BATCH))
    told.changed.update((entry.pk, entry) for entry in changed)
    CalendarEntry.objects.bulk_update(
        changed, ["starts_at", "ends_at", "all_day", "summary", "named"], batch_size=BATCH
    )


def _key(item: CalendarItem) -> Key:
    return item.uid[:300], item.instance[:300]


def _fields(item: CalendarItem) -> dict[str, Any]:
    return {
        "starts_at": item.start.astimezone(UTC),
        "ends_at": item.end.astimezone(UTC),
        "all_day": item.all_day,
        "summary": _clean(item.summary)[:500],
        "named": [{"name": _clean(each.name)[:200], "email": _clean(each.email)[:200]} for each in item.people[:100]],
    }


def _clean(text: str) -> str:
    # PostgreSQL keeps no NUL.
    return " ".join(text.replace("\0", "").split())


def _read_anew(row: Calendar, told: _Told, *, since: datetime) -> None:
    """People come, go and are renamed, and rules change: every entry is read with those of now."""
    directory = pure.Directory.of(_known(Agent.objects.all()))
    changed: list[CalendarEntry] = []
    through = CalendarEntry.people.through
    coming: list[Any] = []
    going: list[int] = []
    links: dict[int, dict[int, int]] = {}
    of_calendar = through.objects.filter(calendarentry__calendar=row, calendarentry__ends_at__gt=since)
    for pk, entry_id, agent_id in of_calendar.values_list("pk", "calendarentry_id", "agent_id"):
        links.setdefault(entry_id, {})[agent_id] = pk
    for entry in row.entries.filter(ends_at__gt=since):
        named = [Named(each["name"], each["email"]) for each in entry.named]
        found = pure.read(entry.summary, named, row.rules, directory)
        says = (found.kind, found.product, list(found.unmatched))
        there = links.get(entry.pk, {})
        if (entry.kind, entry.product, entry.unmatched) != says:
            entry.kind, entry.product, entry.unmatched = says
            changed.append(entry)
        coming += [through(calendarentry_id=entry.pk, agent_id=key) for key in found.people if key not in there]
        going += [link for key, link in there.items() if key not in found.people]
        if entry.pk not in told.added and (entry in changed[-1:] or set(found.people) != set(there)):
            told.changed[entry.pk] = entry
    CalendarEntry.objects.bulk_update(changed, ["kind", "product", "unmatched"], batch_size=BATCH)
    through.objects.filter(pk__in=going).delete()
    through.objects.bulk_create(coming, batch_size=BATCH)


def _known(agents: Iterable[Agent]) -> Sequence[pure.Known]:
    # Those who left are known too: what they are named in is not unmatched, and they count nowhere.
    return [
        pure.Known(agent.pk, agent.email, (agent.get_full_name(), agent.nickname), (agent.first_name,))
        for agent in agents
    ]


def _forget(row: Calendar, told: _Told, *, before: datetime) -> None:
    old = list(row.entries.filter(ends_at__lt=before))
    row.entries.filter(pk__in=[entry.pk for entry in old]).delete()
    told.removed += old


def _spell(entry: CalendarEntry) -> str:
    start, end = entry.starts_at.astimezone(UTC), entry.ends_at.astimezone(UTC)
    return f"{entry}, {start:%-d %b %Y %H:%M} to {end:%-d %b %Y %H:%M} UTC"
