"""Maintenance follows its plan by itself, even where nobody could look for hours."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from apps.incidents.models import Maintenance
from apps.incidents.services import maintenance
from apps.people.acting import Acting

logger = logging.getLogger(__name__)
MOST = 200


@dataclass
class Followed:
    """How many did what their plan says, and how many could not."""

    moved: int = 0
    failed: int = 0


def follow_plans(*, now: datetime, by: Acting) -> Followed:
    """What is due of every maintenance is done, each by itself."""
    due = Q(ends_at__lte=now) | Q(status=Maintenance.Status.SCHEDULED, starts_at__lte=now)
    due |= Q(
        status=Maintenance.Status.SCHEDULED,
        reminded_at=None,
        starts_at__lte=now + F("remind_before"),
        starts_at__gt=now,
    )
    rows = Maintenance.objects.filter(due, ended_at=None).order_by("starts_at", "pk").values_list("pk", flat=True)
    done = Followed()
    for pk in rows[:MOST]:
        try:
            done.moved += maintenance.follow_plan(pk, by=by, now=now)
        except Exception:
            logger.exception("Maintenance %s could not follow its plan", pk)
            done.failed += 1
    return done
