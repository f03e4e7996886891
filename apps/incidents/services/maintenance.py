"""Planned work: said beforehand, begun and ended by itself or by hand. It silences nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.incidents.errors import BadIncident, ChangedMeanwhile, IllegalStep, NotYours
from apps.incidents.maintenance_events import (
    MaintenanceBegan,
    MaintenanceCancelled,
    MaintenanceChanged,
    MaintenanceCompleted,
    MaintenanceNear,
    MaintenancePlanned,
    MaintenanceUpdated,
)
from apps.incidents.models import Component, Maintenance, MaintenanceUpdate
from apps.incidents.rights import may_maintain
from apps.incidents.selectors import components_of
from apps.incidents.services.texts import LONGEST_LINE, line, paragraph
from apps.people.acting import Acting
from apps.trail import services as trail
from apps.trail.events import Event

Status = Maintenance.Status
RUNNING = (Status.IN_PROGRESS, Status.VERIFYING)
# What somebody may say of how it stands; cancelling is a step of its own.
STEPS = [(str(each), each.label) for each in Status if each != Status.CANCELLED]
CHANGEABLE = ("title", "public_text", "internal_note", "starts_at", "ends_at", "components", "public", "remind_before")
# Whoever types a year wrongly is told.
FURTHEST = timedelta(days=2 * 366)
LONGEST_REMINDER = timedelta(days=60)
BEGAN = "The maintenance is in progress."
COMPLETED = "The maintenance is completed."


@transaction.atomic
def plan(
    *,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    by: Acting,
    now: datetime,
    components: Iterable[str] = (),
    public_text: str = "",
    internal_note: str = "",
    public: bool = True,
    remind_before: timedelta | None = None,
    key: str = "",
) -> Maintenance:
    """Work is planned on components, named by slug; it begins at once when its time has come.

    Subscribers hear of it now and once more `remind_before` (a day unless said) it begins; zero: only now.
    The same `key` twice plans it once. Raises BadIncident, NotYours.
    """
    _must_be_allowed(by)
    if key and (known := Maintenance.objects.filter(key=key[:200]).first()):
        return known
    fields: dict[str, Any] = {
        "title": title,
        "public_text": public_text,
        "internal_note": internal_note,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "public": public,
    }
    if remind_before is not None:
        fields["remind_before"] = remind_before
    wanted = _checked(fields)
    on = list(components_of(components).values())
    row = Maintenance(**wanted, created_at=now, updated_at=now, created_by=by.label, key=key[:200] or None)
    _check_times(row, now=now)
    row.reminded_at = _already_told(row, now=now)
    row.save()
    row.components.set(on)
    event = MaintenancePlanned(**_told(row, by), public_text=row.public_text, internal_note=row.internal_note)
    _record(row, event, now=now)
    if row.starts_at <= now:
        _begin(row, at=row.starts_at, by=by, now=now, by_itself=True)
    return row


@transaction.atomic
def change(
    maintenance: Maintenance, changes: Mapping[str, Any], *, by: Acting, now: datetime, version: int | None = None
) -> list[str]:
    """What `changes` (of CHANGEABLE; components as slugs) says is planned now; the fields that were not so before.

    Once it began its beginning is a fact. Raises BadIncident, IllegalStep, ChangedMeanwhile, NotYours.
    """
    _must_be_allowed(by)
    row = _locked(maintenance, version)
    _must_be(row, "Change", [each for each in Status if each != Status.CANCELLED])
    if unknown := sorted(set(changes) - set(CHANGEABLE)):
        raise BadIncident(unknown[0], f"Maintenance has no {', '.join(unknown)} that can be changed so.")
    wanted = _checked({name: value for name, value in changes.items() if name != "components"})
    wanted = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    if "starts_at" in wanted and row.status != Status.SCHEDULED:
        raise BadIncident("starts_at", "It has begun, so its beginning cannot be moved.")
    if "ends_at" in wanted and row.is_over:
        raise BadIncident("ends_at", "It is over, so its end cannot be moved.")
    shown = {name: [_shown(getattr(row, name)), _shown(value)] for name, value in wanted.items()}
    before: list[Component] = list(row.components.all())
    on = list(components_of(changes["components"]).values()) if "components" in changes else before
    if {each.pk for each in on} != {each.pk for each in before}:
        shown["components"] = [sorted(each.slug for each in before), sorted(each.slug for each in on)]
    if not shown:
        return []
    was_public = row.public
    for name, value in wanted.items():
        setattr(row, name, value)
    if {"starts_at", "ends_at"} & set(wanted):
        _check_times(row, now=now)
    if {"starts_at", "remind_before"} & set(wanted) and row.status == Status.SCHEDULED:
        row.reminded_at = _already_told(row, now=now)
    # Those it leaves hear of it too.
    about = {each.stream: None for each in [*before, *on]}
    row.components.set(on)
    _save(row, [*wanted, "reminded_at"], now=now)
    event = MaintenanceChanged(**_told(row, by), changes=shown, was_public=was_public)
    trail.record(event, about=[row.stream, *about], now=now)
    if "starts_at" in wanted and row.starts_at <= now:
        _begin(row, at=row.starts_at, by=by, now=now, by_itself=True)
    maintenance.refresh_from_db()
    return list(shown)


@transaction.atomic
def post_update(
    maintenance: Maintenance,
    *,
    by: Acting,
    now: datetime,
    status: str = "",
    public_text: str = "",
    internal_note: str = "",
    version: int | None = None,
) -> MaintenanceUpdate:
    """One more word on it. `status`: in_progress begins it, completed ends it, verifying only once it runs.

    Raises BadIncident, IllegalStep, ChangedMeanwhile, NotYours.
    """
    _must_be_allowed(by)
    row = _locked(maintenance, version)
    _must_be(row, "Update", [Status.SCHEDULED, *RUNNING])
    possible = [each for each, _ in STEPS]
    target = status or row.status
    if target not in possible:
        raise BadIncident("status", f"The status is one of {', '.join(possible)}, not “{target[:40]}”.")
    public_text, note = paragraph("public_text", public_text), paragraph("internal_note", internal_note)
    if target == row.status and not (public_text or note):
        raise BadIncident("public_text", "Say something: to the public, among ourselves, or how it stands.")
    if target == Status.SCHEDULED and row.status != Status.SCHEDULED:
        raise BadIncident("status", "It has begun, so it is not ahead any more.")
    if target == Status.VERIFYING:
        _must_be(row, "Verify", list(RUNNING))
    if target == Status.COMPLETED:
        _must_be(row, "End", list(RUNNING))
        update = _end(row, at=now, by=by, now=now, by_itself=False, public_text=public_text, note=note)
    elif target == Status.IN_PROGRESS and row.status == Status.SCHEDULED:
        update = _begin(row, at=now, by=by, now=now, by_itself=False, public_text=public_text, note=note)
    else:
        row.status = target
        _save(row, ["status"], now=now)
        update = _say(row, public_text=public_text, note=note, by=by, at=now)
        event = MaintenanceUpdated(
            **_told(row, by), update=update.position, status=row.status, public_text=public_text, internal_note=note
        )
        _record(row, event, now=now)
    maintenance.refresh_from_db()
    return update


def begin(maintenance: Maintenance, *, by: Acting, now: datetime, **said: Any) -> MaintenanceUpdate:
    """It begins now, earlier than planned. Raises as `post_update`."""
    return _moved(maintenance, Status.IN_PROGRESS, "Begin", [Status.SCHEDULED], by=by, now=now, **said)


def end(maintenance: Maintenance, *, by: Acting, now: datetime, **said: Any) -> MaintenanceUpdate:
    """It is done. Raises as `post_update`."""
    return _moved(maintenance, Status.COMPLETED, "End", list(RUNNING), by=by, now=now, **said)


@transaction.atomic
def _moved(maintenance: Maintenance, status: str, words: str, sources: list[Status], **said: Any) -> MaintenanceUpdate:
    _must_be(_locked(maintenance), words, sources)
    return post_update(maintenance, status=status, **said)


@transaction.atomic
def cancel(maintenance: Maintenance, *, because: str, by: Acting, now: datetime, version: int | None = None) -> None:
    """It does not take place, or is broken off. Raises BadIncident without a reason, IllegalStep, NotYours."""
    _must_be_allowed(by)
    because = line("because", because, "Say in a line why it does not take place.", LONGEST_LINE)
    row = _locked(maintenance, version)
    _must_be(row, "Cancel", [Status.SCHEDULED, *RUNNING])
    row.status, row.ended_at = Status.CANCELLED, now
    _save(row, ["status", "ended_at"], now=now)
    _say(row, public_text="", note=because, by=by, at=now)
    _record(row, MaintenanceCancelled(**_told(row, by), because=because), now=now)
    maintenance.refresh_from_db()


@transaction.atomic
def follow_plan(pk: int, *, by: Acting, now: datetime) -> bool:
    """What is due of it is done: it begins, ends, or is spoken of before it begins. Whether anything was.

    Its times are the planned ones, however late this looks at it.
    """
    row = _held(pk)
    moved = False
    if row.status == Status.SCHEDULED and row.starts_at <= now:
        _begin(row, at=row.starts_at, by=by, now=now, by_itself=True)
        moved = True
    if row.status in RUNNING and row.ends_at <= now:
        # Whoever began it by hand may have been later than its plan.
        _end(row, at=max(row.ends_at, row.started_at or row.ends_at), by=by, now=now, by_itself=True)
        moved = True
    if row.status == Status.SCHEDULED and row.reminded_at is None and row.starts_at - row.remind_before <= now:
        Maintenance.objects.filter(pk=pk).update(reminded_at=now)
        _record(row, MaintenanceNear(**_told(row, by)), now=now)
        moved = True
    return moved


def _begin(
    row: Maintenance,
    *,
    at: datetime,
    by: Acting,
    now: datetime,
    by_itself: bool,
    public_text: str = "",
    note: str = "",
) -> MaintenanceUpdate:
    row.status, row.started_at = Status.IN_PROGRESS, at
    _save(row, ["status", "started_at"], now=now)
    update = _say(row, public_text=public_text or BEGAN, note=note, by=by, at=at)
    _record(row, MaintenanceBegan(**_told(row, by), at=at, by_itself=by_itself), now=now)
    return update


def _end(
    row: Maintenance,
    *,
    at: datetime,
    by: Acting,
    now: datetime,
    by_itself: bool,
    public_text: str = "",
    note: str = "",
) -> MaintenanceUpdate:
    row.status, row.ended_at = Status.COMPLETED, at
    _save(row, ["status", "ended_at"], now=now)
    update = _say(row, public_text=public_text or COMPLETED, note=note, by=by, at=at)
    _record(row, MaintenanceCompleted(**_told(row, by), at=at, by_itself=by_itself), now=now)
    return update


def _say(row: Maintenance, *, public_text: str, note: str, by: Acting, at: datetime) -> MaintenanceUpdate:
    last = row.updates.order_by("-position").values_list("position", flat=True).first()
    return MaintenanceUpdate.objects.create(
        maintenance=row,
        position=(last or 0) + 1,
        status=row.status,
        public_text=public_text,
        internal_note=note,
        by=by.label,
        at=at,
    )


def _checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    wanted = dict(fields)
    if "title" in wanted:
        wanted["title"] = line("title", wanted["title"], "Say in a line what is worked on.")
    for name in ("public_text", "internal_note"):
        if name in wanted:
            wanted[name] = paragraph(name, wanted[name])
    if "remind_before" in wanted and not timedelta(0) <= wanted["remind_before"] <= LONGEST_REMINDER:
        raise BadIncident("remind_before", f"Between nothing and {LONGEST_REMINDER.days} days before it begins.")
    return wanted


def _check_times(row: Maintenance, *, now: datetime) -> None:
    if row.ends_at <= row.starts_at:
        raise BadIncident("ends_at", "It ends before it begins.")
    if row.ends_at <= now:
        raise BadIncident("ends_at", "This has passed. Maintenance is planned ahead.")
    if row.ends_at > now + FURTHEST:
        raise BadIncident("ends_at", "This is more than two years ahead. Is the year right?")
    if row.starts_at < now - FURTHEST:
        raise BadIncident("starts_at", "This is more than two years ago. Is the year right?")


def _already_told(row: Maintenance, *, now: datetime) -> datetime | None:
    """Now, where a reminder would follow on the heels of what subscribers hear anyhow, or none is wanted."""
    none = not row.remind_before
    return now if none or row.starts_at - row.remind_before <= now else None


def _must_be_allowed(by: Acting) -> None:
    if not may_maintain(by):
        raise NotYours("Only managers and leads may plan maintenance. Ask one of them.")


def _must_be(row: Maintenance, words: str, sources: list[Status]) -> None:
    if row.status not in sources:
        state = row.get_status_display()
        raise IllegalStep(words.lower(), state, [str(each) for each in sources], words, "the maintenance")


def _held(pk: int) -> Maintenance:
    return Maintenance.objects.select_for_update().get(pk=pk)


def _locked(maintenance: Maintenance, version: int | None = None) -> Maintenance:
    row = _held(maintenance.pk)
    if version is not None and row.version != version:
        raise ChangedMeanwhile(f"Somebody changed “{row}” since you opened it. Read it again; nothing was written.")
    return row


def _save(row: Maintenance, fields: list[str], *, now: datetime) -> None:
    row.updated_at = now
    row.version += 1
    row.save(update_fields=[*fields, "updated_at", "version"])


def _told(row: Maintenance, by: Acting) -> dict[str, Any]:
    return {
        "maintenance": row.pk,
        "title": row.title,
        "public": row.public,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "components": sorted(row.components.values_list("slug", flat=True)),
        "by": by.label,
        "email": by.email,
    }


def _record(row: Maintenance, event: Event, *, now: datetime) -> None:
    trail.record(event, about=[row.stream, *(each.stream for each in row.components.all())], now=now)


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, str | bool | int) else str(value)
