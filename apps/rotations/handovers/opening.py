"""Which hand-overs the runs of cycles call for at an instant, and until when one that was missed still opens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from apps.rotations.cycles import phases
from apps.rotations.models import CycleRun, HandOver, Rotation
from apps.rotations.resolving.wallclock import first, on_the_wall

# The portal may not have been running when people changed: what nobody took then is not forgotten for it.
STILL = timedelta(days=7)
DAY = timedelta(days=1)
Kind = HandOver.Kind


@dataclass(frozen=True)
class Called:
    """A hand-over of a run, and from when on it is there to be worked on."""

    rotation: Rotation
    kind: str
    opens_at: datetime
    due_at: datetime
    changes_at: datetime


def called_for(now: datetime) -> list[Called]:
    """Those whose time has come and that are not opened yet."""
    runs = CycleRun.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=F("ends_at")),
        started_at__isnull=False,
        starts_at__lte=now,
        ends_at__gt=now - STILL,
        cycle__rotation__archived_at=None,
    ).select_related("cycle__rotation__team")
    opened = set(HandOver.objects.filter(changes_at__gt=now - STILL).values_list("rotation_id", "kind", "changes_at"))
    return [
        called
        for run in runs
        for called in of_run(run)
        if called.opens_at <= now < called.changes_at + (STILL if called.kind == Kind.FULL else timedelta())
        and (called.rotation.pk, called.kind, called.changes_at) not in opened
    ]


def of_run(run: CycleRun) -> Iterator[Called]:
    """The whole one at its end, which opens with its phase; the short one when roles swap, a day before it is due."""
    rules = run.cycle.rules
    span = phases.Span(run.number, run.starts_at, run.mid_at, run.ends_at)
    due, from_ = phases.handover_due(rules, span), phases.handover_from(rules, span)
    yield Called(run.cycle.rotation, Kind.FULL, from_, due, run.ends_at)
    swap = phases.swap_due(rules, span)
    if swap is not None and run.mid_at is not None:
        opens_at = max(first(on_the_wall(swap, rules.zone) - DAY, rules.zone), run.starts_at)
        yield Called(run.cycle.rotation, Kind.SHORT, opens_at, swap, run.mid_at)
