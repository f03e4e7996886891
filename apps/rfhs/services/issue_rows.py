"""What every writer of issues shares: the row, locked, what events say of it, and how long to wait."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.rfhs.models import Issue
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
    """The row as it is now, to the end of this transaction."""
    Issue.objects.select_for_update().get(pk=pk)
    return read(pk)


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
