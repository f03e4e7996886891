"""Entries as an iCalendar file (RFC 5545) that calendar programs subscribe to. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

# How often a program is asked to look again; Google takes its own time, up to a day.
REFRESH = timedelta(hours=1)


@dataclass(frozen=True)
class Entry:
    """One entry. `key` says what it is, whatever becomes of its title and its end."""

    key: tuple[str, ...]
    start: datetime
    end: datetime
    summary: str
    description: str = ""


def write(name: str, entries: Iterable[Entry], *, stamp: datetime, page: str = "") -> bytes:
    """The file; the same entries and `stamp` make the same bytes. Times are in UTC, so no zone need be described.

    `stamp` says how new it is; `page` is where the portal shows the same.
    """
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//SupportOps//Who is on shift//EN")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", name)
    # What programs know it by that are older than RFC 7986.
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in sorted(entries, key=lambda entry: (entry.start, entry.key)):
        event = Event()
        event.add("uid", uid(entry.key))
        event.add("dtstamp", stamp.astimezone(UTC))
        event.add("dtstart", entry.start.astimezone(UTC))
        event.add("dtend", entry.end.astimezone(UTC))
        event.add("summary", entry.summary)
        if entry.description:
            event.add("description", entry.description)
        if page:
            event.add("url", page)
        # Being on duty does not make somebody busy all week.
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def uid(key: tuple[str, ...]) -> str:
    """The same for the same key, for ever, and it tells nothing of it."""
    return f"{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}@supportops"
