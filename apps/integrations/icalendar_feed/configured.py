"""Calendars at addresses, as this portal's settings allow them."""

from __future__ import annotations

from django.conf import settings

from apps.integrations.icalendar_feed.source import ICalendarFeed


def source() -> ICalendarFeed:
    """Addresses of the public internet, and hosts of one's own network that the settings name."""
    return ICalendarFeed(private_hosts=settings.CALENDAR_PRIVATE_HOSTS, timeout=settings.CALENDAR_TIMEOUT)
