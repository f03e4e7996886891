"""Calendars of Google."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from apps.integrations.google_calendar.connection import Connection, Refused
from apps.integrations.google_calendar.events import item, zone_in
from apps.rotations.calendars import CalendarItem, CalendarQuestion, CalendarReading, CalendarUnreadable

MOST = 10_000
PAGE = 2_500
# Google's guide to syncing: a token that is too old is answered with 410, and one starts over.
GONE = 410
TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"}


class GoogleCalendar:
    """Reads with `events.list`, `singleEvents=true`: Google itself expands recurrences.

    Source: Google's Calendar API reference, "Events: list", and its guide "Synchronize resources efficiently".
    """

    def __init__(self, *, key_file: str, url: str, timeout: float) -> None:
        """`key_file` is the service account's key; `url` is the API's address, up to and with the version."""
        self._key_file, self._url, self._timeout = key_file, url, timeout

    def read(self, question: CalendarQuestion) -> CalendarReading:
        """See CalendarSource."""
        if not self._key_file:
            raise CalendarUnreadable(
                "Google Calendar is not set up here: set GOOGLE_SERVICE_ACCOUNT_FILE to the key file of a service "
                "account."
            )
        with Connection(key_file=self._key_file, url=self._url, timeout=self._timeout) as connection:
            try:
                if question.token:
                    try:
                        return self._pages(connection, question, {"syncToken": question.token})
                    except Refused as refused:
                        if refused.status != GONE:
                            raise
                # Google's reference: timeMin bounds an event's end and timeMax its start, both exclusive.
                window = {"timeMin": _rfc3339(question.start), "timeMax": _rfc3339(question.end)}
                return self._pages(connection, question, window)
            except Refused as refused:
                raise CalendarUnreadable(_sentence(refused, connection.account))

    def _pages(self, connection: Connection, question: CalendarQuestion, asking: dict[str, str]) -> CalendarReading:
        whole = "syncToken" not in asking
        items: list[CalendarItem] = []
        gone: list[str] = []
        notes: list[str] = []
        unread, token, page_token = 0, "", ""
        while True:
            params = {"singleEvents": "true", "maxResults": str(PAGE), **asking}
            page = connection.get(
                f"calendars/{quote(question.address, safe='')}/events",
                {**params, "pageToken": page_token} if page_token else params,
            )
            zone = zone_in(page, question.zone)
            events = page.get("items", [])
            if not isinstance(events, list):
                raise CalendarUnreadable("Google's answer is not understood: it has no list of events.")
            for event in events:
                unread += not _take(event, zone, question, items, gone)
            token, following = str(page.get("nextSyncToken") or ""), str(page.get("nextPageToken") or "")
            if len(items) > MOST or (following and len(items) == MOST):
                notes.append(f"It has more than {MOST:,} entries; those beyond do not count.")
                # What changes among the ones left out would not be understood: it is read whole each time.
                items, token = items[:MOST], ""
                break
            if not following or following == page_token:
                break
            page_token = following
        if unread:
            notes.append(f"{unread} of its entries could not be read.")
        return CalendarReading(tuple(items), tuple(gone), whole, token, tuple(notes))


def _take(event: Any, zone: ZoneInfo, question: CalendarQuestion, items: list[CalendarItem], gone: list[str]) -> bool:
    """Whether the event was understood: it is among the items, or gone."""
    try:
        found = item(event, zone)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    # What moved out of the window is no more of it.
    if found is None or found.start >= question.end or found.end <= question.start:
        gone.append(str(event["id"]))
    else:
        items.append(found)
    return True


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _sentence(refused: Refused, account: str) -> str:
    share = f"Share the calendar with {account}, with “See all event details”."
    if refused.status == 429 or refused.reason in TOO_FAST:
        return "Google asks us to slow down; it is tried again in five minutes."
    if refused.status == 404:
        return f"Google knows no such calendar, or does not show it to us. Check its id. {share}"
    if refused.status in (401, 403):
        return f"Google does not let us read this calendar ({refused.status}). {share}"
    return f"Google answered with status {refused.status}."
