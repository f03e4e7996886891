"""What every writer of issues shares: the row, locked, what events say of it, and how long to wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from apps.rfhs.models import RFH, Issue
from apps.rfhs.selectors import RELATED

# Longer than a job may live, so that what is leased and past it belongs to nobody any more.
LEASE = timedelta(minutes=3)
PATIENCE = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 600, 900))
LONGEST_ERROR = 300


def patience(attempts: int) -> timedelta:
    """How long to wait after so many attempts that came to nothing."""
    return PATIENCE[min(max(attempts, 1), len(PATIENCE)) - 1]


def read(pk: int) -> Issue:
    """The row with its request, and what events of it say."""
    return Issue.objects.select_related(*(f"rfh__{name}" for name in RELATED)).get(pk=pk)


def lock(pk: int) -> Issue:
    """The row as it is now, to the end of this transaction, and its request before it.

    In that order everywhere: a step has its request and then owes its issue a comment.
    """
    rfh = Issue.objects.values_list("rfh", flat=True).get(pk=pk)
    RFH.objects.select_for_update(no_key=True).only("pk").get(pk=rfh)
    Issue.objects.select_for_update().get(pk=pk)
    return read(pk)


def moved(row: Issue, *, now: datetime) -> None:
    """Somebody did something about the request, in the tracker: it is not stuck."""
    RFH.objects.filter(pk=row.rfh_id, ended_at=None).update(moved_at=now)


def told_of(row: Issue, by: str, email: str = "") -> dict[str, Any]:
    """What every event of an issue says of it."""
    rfh = row.rfh
    return {
        "rfh": rfh.pk,
        "summary": rfh.summary,
        "by": by or "Somebody",
        "email": email,
        "team": rfh.team.slug if rfh.team else "",
        "tracker": row.tracker,
        "repository": row.repository,
        "number": row.number or 0,
        "url": row.url,
    }
