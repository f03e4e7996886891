"""Reading calendars: asked outside any transaction, kept in one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.module_loading import import_string

from apps.rotations.calendars import CalendarQuestion, CalendarSource, CalendarUnreadable
from apps.rotations.models import Calendar
from apps.rotations.services import calendars as services

BACK, AHEAD = timedelta(weeks=4), timedelta(weeks=27)
# The window moves on, and a change that was missed is found: once a day everything is read.
WHOLE_EVERY = timedelta(days=1)
# Longer than a reading may take; a worker that died holds nobody up for longer.
CLAIM = timedelta(minutes=2)

SourceOf = Callable[[str], CalendarSource]


def source_of(kind: str) -> CalendarSource:
    """What the settings name for calendars of this kind. Raises CalendarUnreadable when they name none."""
    named = settings.CALENDAR_SOURCES.get(kind)
    if named is None:
        raise CalendarUnreadable("Calendars of this kind are not set up here.")
    source: CalendarSource = import_string(named)()
    return source


def sync(calendar: Calendar, *, now: datetime) -> str:
    """The calendar's copy is what it says now, or the calendar says why not; what became of it, in words.

    Somebody else who reads it at the same moment is left alone.
    """
    if not services.claim(calendar, until=now + CLAIM, now=now):
        return "being read already, or off"
    calendar.refresh_from_db()
    due_whole = calendar.whole_at is None or now - calendar.whole_at >= WHOLE_EVERY
    asked = services.Asked(calendar.source, calendar.feed_address, calendar.time_zone, now - BACK, now + AHEAD)
    try:
        reading = source_of(calendar.source).read(
            CalendarQuestion(
                address=asked.address,
                zone=ZoneInfo(calendar.time_zone or settings.TIME_ZONE),
                start=asked.start,
                end=asked.end,
                token="" if due_whole else calendar.token,
            )
        )
    except CalendarUnreadable as reason:
        services.could_not_read(calendar, str(reason), now=now)
        return str(reason)
    if not services.keep_reading(calendar, reading, asked, now=now):
        return "changed meanwhile; read again next time"
    return f"{len(reading.items)} entries read" if reading.whole else f"{len(reading.items)} changes read"
