"""Writing how a rotation runs in cycles, and what cycle comes next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from apps.rotations.cycles import phases
from apps.rotations.cycles.defaults import Entry, checklist
from apps.rotations.cycles.events import CycleRunPlanned
from apps.rotations.errors import CycleRefused
from apps.rotations.models import ChecklistItem, Cycle, CycleRun, Rotation
from apps.rotations.services.definitions import save_rotation
from apps.rotations.specs import RotationSpec
from apps.trail import services as trail
from apps.trail.managed import saving


@transaction.atomic
def set_up_cycle(rotation: Rotation, *, template: Sequence[Entry] | None = None, now: datetime, **fields: Any) -> Cycle:
    """The rotation runs in cycles from now on, with this template (None: the usual one), and its next is planned.

    Fields: those of Cycle, start_local for its start, and stakeholders and channels as lists. Raises CycleRefused when
    it runs in cycles already.
    """
    if Cycle.objects.filter(rotation=rotation).exists():
        raise CycleRefused({"": [f"{rotation} runs in cycles already."]})
    people, channels = fields.pop("stakeholders", ()), fields.pop("channels", ())
    start: datetime = fields.pop("start_local")
    cycle = Cycle(rotation=rotation, start_date=start.date(), start_time=start.time(), **fields)
    if cycle.lead_role is None:
        cycle.lead_role = rotation.roles.filter(name__iexact="lead").first()
    try:
        with saving(cycle, now=now):
            cycle.save()
            cycle.stakeholders.set(people)
            cycle.channels.set(channels)
            fill_template(cycle, template)
            plan(cycle, now=now)
    except IntegrityError as error:
        raise CycleRefused({"": [f"{rotation} runs in cycles already."]}) from error
    return cycle


def fill_template(cycle: Cycle, template: Sequence[Entry] | None = None) -> None:
    """The new cycle's template is this one (None: the usual one). Within a transaction that tells of the cycle."""
    ChecklistItem.objects.bulk_create(
        ChecklistItem(
            cycle=cycle,
            part=entry.part,
            position=position,
            text=entry.text,
            repeats=entry.repeats,
            hours=entry.hours,
            by_digest=entry.by_digest,
            by_handover=entry.by_handover,
        )
        for position, entry in enumerate(checklist() if template is None else template, start=1)
    )


@transaction.atomic
def create_in_cycles(spec: RotationSpec, *, now: datetime, **fields: Any) -> Cycle:
    """A new rotation that runs in cycles. Raises RotationRefused with the reasons by field."""
    return set_up_cycle(save_rotation(None, spec, now=now), now=now, **fields)


@transaction.atomic
def plan(cycle: Cycle, *, now: datetime) -> CycleRun | None:
    """The run after the one that runs, as the rules say now; the one that runs goes on to the end it had.

    None for an archived rotation. Planned twice, by two workers or one, it is planned once.
    """
    row = held_cycle(cycle)
    if row.rotation.archived_at is not None:
        return None
    running = row.runs.filter(ended_at=None).exclude(started_at=None).order_by("-starts_at").first()
    since = max(running.ends_at, now) if running else now
    found = phases.span_at(row.rules, since)
    over = row.runs.exclude(ended_at=None).order_by("-starts_at")
    # One that ended already, since the rotation was archived and restored, does not begin again.
    while over.filter(Q(starts_at=found.starts_at) | Q(ends_at=found.ends_at)).exists():
        found = phases.span(row.rules, found.number + 1)
    before = running or over.first()
    # What would overlap the run before, since the rules changed meanwhile, begins when that ended.
    ended = min(before.ends_at, before.ended_at or before.ends_at) if before else found.starts_at
    starts_at = max(found.starts_at, ended)
    wanted = {
        "number": before.number + 1 if before else found.number,
        "starts_at": starts_at,
        "mid_at": found.mid_at if found.mid_at and found.mid_at > starts_at else None,
        "ends_at": found.ends_at,
    }
    planned = row.runs.filter(ended_at=None, started_at=None)
    stored = planned.filter(**wanted).first()
    if stored is not None and planned.count() == 1:
        return stored
    planned.delete()
    made = CycleRun.objects.create(cycle=row, **wanted)
    event = CycleRunPlanned(
        rotation=row.rotation.slug,
        name=row.rotation.name,
        number=made.number,
        starts_at=made.starts_at,
        ends_at=made.ends_at,
    )
    trail.record(event, about=[row.rotation], now=now)
    return made


def held_cycle(cycle: Cycle) -> Cycle:
    """The cycle as it is stored; until this transaction ends no other worker moves its runs."""
    rows = Cycle.objects.select_related("rotation__team", "rotation__channel", "lead", "lead_role")
    return rows.select_for_update(no_key=True, of=("self",)).get(pk=cycle.pk)
