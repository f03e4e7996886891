"""Keeping who was on duty, running cycles, and reading calendars, now and then."""

from __future__ import annotations

import logging

from django.utils import timezone

from apps.rotations import services, syncing
from apps.rotations.models import Calendar
from apps.trail.context import Actor, acting
from apps.trail.later import enqueue

logger = logging.getLogger(__name__)


def keep_history() -> str:
    """What was on duty until now is kept, also where nothing changed the definition: people leave, shifts move."""
    return f"{services.keep_histories(now=timezone.now())} rotations kept"


def run_cycles() -> str:
    """Cycles begin, go on and end by themselves, and leads are reminded of what is overdue."""
    with acting(actor=Actor(kind="job", id="cycles", label="Cycles")):
        swept = services.sweep(now=timezone.now())
    failed = f", {swept.failed} failed: the log says why" if swept.failed else ""
    return f"{swept.moved} steps, {swept.reminded} reminders{failed}"


def expire_swaps() -> str:
    """What began before anybody took it is asked of nobody any more; whose shift it is hears that it stays theirs."""
    return f"{services.expire_swaps(now=timezone.now())} requests expired"


def look_ahead() -> str:
    """Each morning of a rotation's zone its days ahead are looked at: gaps are told once, on Mondays the whole week."""
    with acting(actor=Actor(kind="job", id="look-ahead", label="Coverage")):
        done = services.look_ahead(now=timezone.now())
    failed = f", {done.failed} failed: the log says why" if done.failed else ""
    return f"{done.looked} looked at, {done.warned} warned, {done.weeks} weeks told{failed}"


def sync_calendars() -> str:
    """Each calendar is read by a job of its own, so that one whose server hangs holds up no other."""
    due = list(Calendar.objects.filter(enabled=True).values_list("pk", flat=True))
    for pk in due:
        enqueue("apps.rotations.jobs.sync_calendar", pk)
    return f"{len(due)} calendars to read"


def sync_calendar(pk: int) -> str:
    """Read one calendar."""
    calendar = Calendar.objects.filter(pk=pk, enabled=True).first()
    if calendar is None:
        return "off, or gone"
    actor = Actor(kind="integration", id=f"calendar:{pk}", label=f"Calendar {calendar.name}")
    with acting(actor=actor):
        try:
            return syncing.sync(calendar, now=timezone.now())
        except Exception:
            # Whatever it is, the calendar says so; the log says what.
            logger.exception("The calendar %s could not be read", calendar)
            reason = "Something of it could not be read. The portal's log says what."
            services.could_not_read(calendar, reason, now=timezone.now())
            return reason
