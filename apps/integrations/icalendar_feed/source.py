"""Calendars at any address that answers in iCalendar."""

from __future__ import annotations

from collections.abc import Collection

from apps.integrations.icalendar_feed.fetching import NotModified, fetch
from apps.integrations.icalendar_feed.parsing import read
from apps.rotations.calendars import CalendarQuestion, CalendarReading


class ICalendarFeed:
    """Fetches the feed, whole each time unless its server says that nothing changed."""

    def __init__(self, *, private_hosts: Collection[str] = (), timeout: float) -> None:
        """`private_hosts`: which hosts of one's own network may be asked; `timeout` in seconds, for everything."""
        self._private_hosts, self._timeout = frozenset(host.lower() for host in private_hosts), timeout

    def read(self, question: CalendarQuestion) -> CalendarReading:
        """See CalendarSource."""
        try:
            fetched = fetch(
                question.address, tag=question.token, private_hosts=self._private_hosts, timeout=self._timeout
            )
        except NotModified:
            return CalendarReading(token=question.token)
        items, notes = read(fetched.body, zone=question.zone, start=question.start, end=question.end)
        return CalendarReading(items, whole=True, token=fetched.tag, notes=notes)
