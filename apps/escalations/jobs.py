"""The engine's jobs."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db.models import Min
from django.utils import timezone
from django.utils.module_loading import import_string

from apps.escalations import clocks, incident_clocks, rfh_clocks, services
from apps.escalations.clocks import Running
from apps.escalations.holding import hold
from apps.escalations.models import Clock
from apps.escalations.sweeping import Sweep
from apps.incidents.models import Incident
from apps.incidents.states import OPEN
from apps.rfhs.models import RFH
from apps.rfhs.states import WITH_A_TEAM
from apps.tickets.models import Ticket
from apps.tickets.replies import ReplySource, SourceUnreachable, Unaskable
from apps.trail.context import Actor, acting
from apps.trail.later import enqueue

logger = logging.getLogger(__name__)

# One transaction a page; a reply to one of its tickets waits for it.
PAGE = 100


def sweep() -> str:
    """Reach due checks until the next sweep takes over."""
    running = Sweep(clock=timezone.now, source=_source())

    def step() -> datetime | None:
        if running.batch():
            return timezone.now()
        next_at: datetime | None = Clock.objects.filter(Running).aggregate(first=Min("next_at"))["first"]
        return next_at

    with acting(actor=Actor(kind="job", id="sweep", label="Sweep")):
        return f"{hold('sweep', step, clock=timezone.now)}, {running.reached} reached"


def _source() -> ReplySource | None:
    """Where replies are asked for. One that is set up wrongly keeps nobody from hearing: it fails when it is asked."""
    try:
        source: ReplySource | None = import_string(settings.REPLY_SOURCE)()
    except SourceUnreachable as error:
        logger.error("No help desk can be asked: %s", error)
        return Unaskable(str(error))
    except Exception:
        logger.exception("The source of replies could not be made")
        return Unaskable("It could not be set up; the worker's log says why.")
    return source


def recalculate(because: str, after: int) -> int:
    """Open, unanswered tickets follow the policies as they are now, then requests that a team has, then open incidents.

    A page of them, the next in a job of its own.
    """
    clocks.await_policy_readers()
    keys = list(
        Ticket.objects.filter(pk__gt=after, first_response_at=None)
        .exclude(status__in=Ticket.ENDED)
        .order_by("pk")
        .values_list("pk", flat=True)[:PAGE]
    )
    try:
        changed = services.recalculate(services.governed_tickets(keys), because=because, now=timezone.now())
    except Exception:
        logger.exception("A page of tickets could not be recalculated; going one by one")
        changed = sum(_recalculate_one(key, because) for key in keys)
    if len(keys) == PAGE:
        enqueue("apps.escalations.jobs.recalculate", because, keys[-1])
        return changed
    return changed + recalculate_rfhs(because, 0)


def _recalculate_one(key: int, because: str) -> int:
    try:
        return services.recalculate(services.governed_tickets([key]), because=because, now=timezone.now())
    except Exception:
        logger.exception("The promises of ticket %s could not be recalculated", key)
        return 0


def recalculate_rfhs(because: str, after: int) -> int:
    """Requests that a team has follow the policies as they are now, in pages as well."""
    clocks.await_policy_readers()
    waiting = RFH.objects.filter(pk__gt=after, state__in=[str(state) for state in WITH_A_TEAM])
    keys = list(waiting.order_by("pk").values_list("pk", flat=True)[:PAGE])
    try:
        changed = rfh_clocks.align(keys, because=because, now=timezone.now())
    except Exception:
        logger.exception("A page of requests could not be recalculated; going one by one")
        changed = sum(_align_one(key, because) for key in keys)
    if len(keys) == PAGE:
        enqueue("apps.escalations.jobs.recalculate_rfhs", because, keys[-1])
        return changed
    return changed + recalculate_incidents(because, 0)


def _align_one(key: int, because: str) -> int:
    try:
        return rfh_clocks.align([key], because=because, now=timezone.now())
    except Exception:
        logger.exception("The promises of RFH-%s could not be recalculated", key)
        return 0


def recalculate_incidents(because: str, after: int) -> int:
    """Open incidents follow the policies as they are now, in pages as well."""
    clocks.await_policy_readers()
    waiting = Incident.objects.filter(pk__gt=after, status__in=sorted(OPEN))
    keys = list(waiting.order_by("pk").values_list("pk", flat=True)[:PAGE])
    try:
        changed = incident_clocks.align(keys, because=because, now=timezone.now())
    except Exception:
        logger.exception("A page of incidents could not be recalculated; going one by one")
        changed = sum(_align_incident(key, because) for key in keys)
    if len(keys) == PAGE:
        enqueue("apps.escalations.jobs.recalculate_incidents", because, keys[-1])
    return changed


def _align_incident(key: int, because: str) -> int:
    try:
        return incident_clocks.align([key], because=because, now=timezone.now())
    except Exception:
        logger.exception("The promises of incident %s could not be recalculated", key)
        return 0
