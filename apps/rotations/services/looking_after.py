"""What happens to hand-overs by itself."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from apps.rotations.handovers.opening import STILL, called_for
from apps.rotations.models import HandOver
from apps.rotations.services.handovers import close_when_changed, follow_people, nag, open_handover
from apps.rotations.services.passing_on import settle, tell_unsettled

logger = logging.getLogger(__name__)


@dataclass
class LookedAfter:
    """How many hand-overs were opened, how many were looked after, and how many of either failed."""

    opened: int = 0
    looked: int = 0
    failed: int = 0


def look_after_handovers(*, now: datetime) -> LookedAfter:
    """Those of cycles open; each follows its rotation, reminds who has not confirmed it, ends with the change and is
    settled. Safe to run twice, late, and at once; one that fails does not stop the others.
    """
    counts = LookedAfter()
    for called in called_for(now):
        try:
            _, fresh = open_handover(
                called.rotation, kind=called.kind, changes_at=called.changes_at, due_at=called.due_at, now=now
            )
        except Exception:
            logger.exception("The hand-over of %s was not opened", called.rotation)
            counts.failed += 1
        else:
            counts.opened += fresh
    # After a long outage those that are open end as well.
    waiting = HandOver.objects.filter(Q(closed_at=None) | Q(changes_at__gt=now - STILL), settled_at=None)
    for handover in waiting.select_related("rotation").order_by("changes_at", "pk"):
        try:
            _look_after(handover, now)
        except Exception:
            logger.exception("%s was not looked after", handover)
            counts.failed += 1
        else:
            counts.looked += 1
    return counts


def _look_after(handover: HandOver, now: datetime) -> None:
    if handover.changes_at <= now:
        close_when_changed(handover, now=now)
        if not settle(handover, now=now):
            tell_unsettled(handover, now=now)
    elif handover.rotation.archived_at is None:
        follow_people(handover, now=now)
        nag(handover, now=now)
