"""Looking after hand-overs, now and then."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from apps.rotations import services
from apps.rotations.models import HandOver
from apps.trail.context import Actor, acting

logger = logging.getLogger(__name__)

# What could not be settled for so long, because nobody is there or a provider fails, needs a person.
TRIED_FOR = timedelta(days=7)


def look_after() -> str:
    """Each hand-over follows the rotation, reminds who has not confirmed, ends with the change, and is settled."""
    now = timezone.now()
    looked = 0
    with acting(actor=Actor(kind="job", id="handovers", label="Hand-overs")):
        unsettled = HandOver.objects.filter(settled_at=None, changes_at__gt=now - TRIED_FOR)
        for handover in unsettled.select_related("rotation").order_by("changes_at", "pk"):
            try:
                _look_after(handover, now)
            except Exception:
                logger.exception("%s was not looked after", handover)
            else:
                looked += 1
    return f"{looked} looked after"


def _look_after(handover: HandOver, now: datetime) -> None:
    if handover.changes_at <= now:
        services.close_when_changed(handover, now=now)
        services.settle(handover, now=now)
    elif handover.rotation.archived_at is None:
        services.follow_people(handover, now=now)
        services.nag(handover, now=now)
