"""The course of a run: it begins with its checklist, goes through its phases, and ends; what is overdue is said."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from apps.rotations.cycles import phases
from apps.rotations.cycles.events import (
    ChecklistOverdue,
    CyclePhaseReached,
    CycleRunEnded,
    CycleRunMissed,
    CycleRunStarted,
)
from apps.rotations.leading import lead_at
from apps.rotations.models import ChecklistItem, Cycle, CycleRun, Part, Phase, Repeats, Rotation, RunItem
from apps.rotations.schedules import on_call
from apps.rotations.services.cycles import held_cycle, plan
from apps.trail import services as trail

logger = logging.getLogger(__name__)
# How long the lead is left alone after a reminder.
AGAIN = timedelta(days=1)
BATCH = 200
# The job comes by every few minutes; a run that begins so much later begins late.
LATE = timedelta(hours=1)


@dataclass(frozen=True)
class Swept:
    """How many runs moved and how many reminders were owed; of how many cycles nothing could be done."""

    moved: int
    reminded: int
    failed: int


def sweep(*, now: datetime) -> Swept:
    """Every cycle's runs are where they should be by `now`, and leads know what is overdue. Safe on two workers.

    A cycle that fails does not stop the others.
    """
    moved = reminded = failed = 0
    for cycle in Cycle.objects.select_related("rotation").order_by("pk"):
        try:
            moved += advance(cycle, now=now)
            reminded += remind(cycle, now=now)
        except Exception:
            logger.exception("The cycle of %s was left as it is", cycle.rotation.slug)
            failed += 1
    return Swept(moved, reminded, failed)


@transaction.atomic
def advance(cycle: Cycle, *, now: datetime) -> int:
    """The cycle's runs are where they should be by `now`; how many steps that took.

    After an outage what is over is ended, or was missed, and the cycle of now begins late.
    """
    row = held_cycle(cycle)
    steps = 0
    for run in row.runs.filter(ended_at=None).order_by("starts_at"):
        run.cycle = row
        if row.rotation.archived_at is not None:
            # What is only planned waits for the rotation to be restored.
            steps += run.started_at is not None and _end(run, because="the rotation was archived", now=now)
        elif run.ends_at <= now:
            steps += _end(run, now=now)
        elif run.started_at is not None:
            steps += move_on(run, now=now)
    planned = plan(row, now=now)
    if planned is not None and planned.starts_at <= now and row.runs_itself:
        planned.cycle = row
        steps += _start(planned, now=now)
        plan(row, now=now)
    return steps


def move_on(run: CycleRun, *, now: datetime) -> bool:
    """The run is in the phase it should be in; whether it was in another. Within a transaction."""
    cycle = run.cycle
    to_start = run.items.filter(part=Part.START)
    started = to_start.exists() and not to_start.filter(done_at=None).exists()
    phase = phases.phase_at(cycle.rules, span_of(run), now, started=started)
    order = [each.value for each in Phase]
    # Something reopened in Start, or another day of the hand-over, takes no run back.
    if order.index(phase) <= order.index(run.phase):
        return False
    if not CycleRun.objects.filter(pk=run.pk, phase=run.phase, ended_at=None).update(phase=phase):
        return False
    run.phase = phase
    if phase == Phase.HANDOVER:
        run.outgoing = people_on(cycle.rotation, now)
        run.incoming = people_on(cycle.rotation, run.ends_at)
        CycleRun.objects.filter(pk=run.pk).update(outgoing=run.outgoing, incoming=run.incoming)
    trail.record(CyclePhaseReached(**told(run), phase=phase, incoming=run.incoming), about=[cycle.rotation], now=now)
    return True


@transaction.atomic
def remind(cycle: Cycle, *, now: datetime) -> int:
    """The lead is told of what is overdue: once, and of what does not come again by itself once more every day.

    Not of what was missed: after an outage of days only the newest of what comes again can be done.
    """
    row = held_cycle(cycle)
    if row.rotation.archived_at is not None:
        return 0
    overdue = RunItem.objects.filter(run__cycle=row, run__ended_at=None, done_at=None, due_at__lte=now)
    newer = overdue.filter(run=OuterRef("run"), template=OuterRef("template"), due_at__gt=OuterRef("due_at"))
    missed = Q(Exists(newer.exclude(repeats=Repeats.ONCE)))
    due = Q(nagged_at=None) & ~missed | Q(nagged_at__lte=now - AGAIN, repeats=Repeats.ONCE)
    items = list(overdue.filter(due).select_related("run", "owner").order_by("due_at", "position", "pk")[:BATCH])
    if not items:
        return 0
    lead = lead_at(row, now)
    place = row.rotation.channel or row.rotation.team.channel
    happenings = []
    for item in items:
        # Whoever reminded first, or ticked it meanwhile, wins.
        still = RunItem.objects.filter(pk=item.pk, done_at=None, nagged_at=item.nagged_at)
        if not still.update(nagged_at=now):
            continue
        item.run.cycle = row
        event = ChecklistOverdue(
            **told(item.run),
            item=item.pk,
            text=item.text,
            due_at=item.due_at,
            again=item.nagged_at is not None,
            lead=lead.email if lead else "",
            lead_slack_id=(lead.slack_id or "") if lead else "",
            owner=str(item.owner) if item.owner else "",
            channel=place.slack_id if place else "",
        )
        happenings.append(trail.Happening(event=event, about=(row.rotation,)))
    trail.record_many(happenings, now=now)
    return len(happenings)


def people_on(rotation: Rotation, at: datetime) -> list[dict[str, str]]:
    """Who is on at the instant, by the resolver: email, name and role of each, in the order of roles."""
    return [
        {"email": email, "name": name, "role": current.role}
        for current in on_call(at, Rotation.objects.filter(pk=rotation.pk)).get(rotation, ())
        for email, name in zip(current.emails, current.names, strict=True)
    ]


def span_of(run: CycleRun) -> phases.Span:
    """The run as the arithmetic takes it."""
    return phases.Span(run.number, run.starts_at, run.mid_at, run.ends_at)


def told(run: CycleRun) -> dict[str, Any]:
    """What every event about the run says."""
    rotation = run.cycle.rotation
    return {"rotation": rotation.slug, "name": rotation.name, "number": run.number}


def _start(run: CycleRun, *, now: datetime) -> bool:
    """It begins, with its checklist; False when another worker began it."""
    planned = CycleRun.objects.filter(pk=run.pk, started_at=None, ended_at=None)
    cycle = run.cycle
    run.outgoing, run.incoming = people_on(cycle.rotation, run.starts_at), people_on(cycle.rotation, run.ends_at)
    if not planned.update(started_at=now, outgoing=run.outgoing, incoming=run.incoming):
        return False
    run.started_at = now
    made = RunItem.objects.bulk_create(_items(run, now=now))
    event = CycleRunStarted(
        **told(run), starts_at=run.starts_at, ends_at=run.ends_at, people=run.outgoing, items=len(made)
    )
    trail.record(event, about=[cycle.rotation], now=now)
    # One that begins late may be in a later phase already.
    move_on(run, now=now)
    return True


def _items(run: CycleRun, *, now: datetime) -> list[RunItem]:
    """The checklist of the template, of which what cannot be done any more is left out.

    Of a run that begins late, Start is counted from when it really began.
    """
    return [
        RunItem(
            run=run,
            template=entry,
            part=entry.part,
            position=entry.position,
            text=entry.text,
            repeats=entry.repeats,
            due_at=due,
        )
        for entry in run.cycle.template.all()
        for due in _dues(run, entry, now=now)
    ]


def _dues(run: CycleRun, entry: ChecklistItem, *, now: datetime) -> list[datetime]:
    dues = phases.dues(run.cycle.rules, span_of(run), part=entry.part, repeats=entry.repeats, hours=entry.hours)
    if entry.repeats != Repeats.ONCE:
        return [due for due in dues if due > now]
    if entry.part == Part.SWAP and run.mid_at is not None and run.mid_at <= now:
        return []
    if entry.part == Part.START and now > run.starts_at + LATE:
        return [min(max(due, now + timedelta(hours=entry.hours)), run.ends_at) for due in dues]
    return dues


def _end(run: CycleRun, *, because: str = "", now: datetime) -> bool:
    if not CycleRun.objects.filter(pk=run.pk, ended_at=None).update(ended_at=now):
        return False
    rotation = run.cycle.rotation
    if run.started_at is None:
        trail.record(CycleRunMissed(**told(run)), about=[rotation], now=now)
        return True
    left = run.items.filter(done_at=None, due_at__lte=now).order_by("due_at", "position", "pk")
    event = CycleRunEnded(**told(run), open=list(left.values_list("text", flat=True)), because=because)
    trail.record(event, about=[rotation], now=now)
    return True
