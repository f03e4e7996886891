"""Whether the tracker answers, and when it may be asked again."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.rfhs.models import TrackedRepository
from apps.rfhs.tracker import Changes, TrackerBusy

# GitHub's best practices: at least a minute where it does not say how long.
BUSY = timedelta(minutes=1)
LONGEST_BUSY = timedelta(hours=2)


def paused(*, now: datetime) -> datetime | None:
    """Until when nothing is to be asked of the tracker; None when it may be. Limits are of the token, not of one
    repository.
    """
    held = TrackedRepository.objects.filter(paused_until__gt=now).order_by("-paused_until").first()
    return held.paused_until if held else None


def answered(name: str, *, now: datetime) -> None:
    """The repository answered, whatever it said. A pause ends by itself: this call may be older than its beginning."""
    TrackedRepository.objects.update_or_create(
        name=name, defaults={"answered_at": now, "failing_since": None, "error": ""}
    )


def failing(name: str, why: str, *, now: datetime) -> None:
    """The repository did not answer; since when is kept from the first time."""
    row, _ = TrackedRepository.objects.get_or_create(name=name)
    row.failing_since, row.error = row.failing_since or now, why[:300]
    row.save(update_fields=["failing_since", "error"])


def busy(name: str, problem: TrackerBusy, *, now: datetime) -> datetime:
    """The tracker asked to wait: until when nothing is asked."""
    until = now + min(max(problem.wait or BUSY, timedelta(seconds=1)), LONGEST_BUSY)
    TrackedRepository.objects.update_or_create(name=name, defaults={"paused_until": until})
    return until


def read_to(name: str, changes: Changes) -> None:
    """The next reading of the repository goes on from there."""
    TrackedRepository.objects.filter(name=name).update(
        issues_since=changes.issues_read.since,
        issues_tag=changes.issues_read.tag[:200],
        remarks_since=changes.remarks_read.since,
        remarks_tag=changes.remarks_read.tag[:200],
    )
