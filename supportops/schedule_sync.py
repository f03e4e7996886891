"""Makes django-q2's schedules what `supportops.schedules` says."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django_q.models import Schedule

from apps.trail.managed import record_deleted, record_saved, saving
from supportops.schedules import JOBS, PREFIX


@transaction.atomic
def sync(*, now: datetime) -> dict[str, list[str]]:
    """Rows of ours are as the table says, each once; the names of those created, changed and removed.

    Rows without our prefix are a person's and stay as they are. A row that was right keeps its next run.
    """
    wanted = {PREFIX + job.name: job for job in JOBS}
    ours = Schedule.objects.select_for_update().filter(name__startswith=PREFIX).order_by("pk")
    done: dict[str, list[str]] = {"created": [], "changed": [], "removed": []}
    seen = set()
    for row in ours:
        job = wanted.get(row.name)
        if job is None or row.name in seen:
            record_deleted(row, now=now)
            row.delete()
            done["removed"].append(row.name)
            continue
        seen.add(row.name)
        right = {
            "func": job.function,
            "schedule_type": Schedule.MINUTES,
            "minutes": job.minutes,
            "repeats": -1,
        }
        if any(getattr(row, name) != value for name, value in right.items()):
            with saving(row, now=now):
                for name, value in right.items():
                    setattr(row, name, value)
                row.next_run = now
                row.save()
            done["changed"].append(row.name)
    for name, job in wanted.items():
        if name not in seen:
            made = Schedule.objects.create(
                name=name,
                func=job.function,
                schedule_type=Schedule.MINUTES,
                minutes=job.minutes,
                repeats=-1,
                next_run=now,
            )
            record_saved(made, None, now=now)
            done["created"].append(name)
    return done
