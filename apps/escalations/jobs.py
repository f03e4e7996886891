"""The engine's jobs."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Min
from django.utils import timezone
from django.utils.module_loading import import_string

from apps.escalations import services
from apps.escalations.holding import hold
from apps.escalations.models import Clock
from apps.escalations.sweeping import Sweep
from apps.tickets.models import Ticket
from apps.trail.context import Actor, acting
from apps.trail.later import enqueue

PAGE = 500


def sweep() -> str:
    """Reach due checks until the next sweep takes over."""
    running = Sweep(clock=timezone.now, source=import_string(settings.REPLY_SOURCE)())

    def step() -> datetime | None:
        if running.batch():
            return timezone.now()
        next_at: datetime | None = Clock.objects.filter(services.Running).aggregate(first=Min("next_at"))[
            "first"
        ]
        return next_at

    with acting(actor=Actor(kind="job", id="sweep", label="Sweep")):
        return f"{hold('sweep', step, clock=timezone.now)}, {running.reached} reached"


def recalculate(because: str, after: int) -> int:
    """Open, unanswered tickets follow the policies as they are now: a page of them, the next in a job of its own."""
    keys = list(
        Ticket.objects.filter(pk__gt=after, first_response_at=None)
        .exclude(status__in=Ticket.ENDED)
        .order_by("pk")
        .values_list("pk", flat=True)[:PAGE]
    )
    changed = services.recalculate(services.governed_tickets(keys), because=because, now=timezone.now())
    if len(keys) == PAGE:
        enqueue("apps.escalations.jobs.recalculate", because, keys[-1])
    return changed
