"""Google Calendar as this portal's settings have it."""

from __future__ import annotations

from django.conf import settings

from apps.integrations.google_calendar.source import GoogleCalendar


def source() -> GoogleCalendar:
    """The source the settings name; without a key file it says so when it is asked."""
    return GoogleCalendar(
        key_file=settings.GOOGLE_SERVICE_ACCOUNT_FILE,
        url=settings.GOOGLE_CALENDAR_URL,
        timeout=settings.CALENDAR_TIMEOUT,
    )
