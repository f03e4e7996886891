"""What a calendar is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Named:
    """Somebody as the calendar knows them; either may be empty."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class CalendarItem:
    """One entry of the calendar, recurrences apart: `uid` is its series', `instance` tells it from the others of it.

    Half-open, aware. An all-day entry lasts from midnight to midnight in the calendar's zone.
    """

    uid: str
    start: datetime
    end: datetime
    instance: str = ""
    summary: str = ""
    all_day: bool = False
    people: tuple[Named, ...] = ()


@dataclass(frozen=True)
class CalendarQuestion:
    """What is in the calendar at `address` within [start, end), or with a `token` what changed since it was given.

    `zone` is that of whole days and of times without a zone, where the calendar names none itself.
    """

    address: str
    zone: ZoneInfo
    start: datetime
    end: datetime
    token: str = ""


@dataclass(frozen=True)
class CalendarReading:
    """The answer. A `whole` one is everything there is in the window, else `items` and `gone` are what changed.

    `gone` are instances or whole series that are no more, by `instance` or `uid`. `token` is what the next question may
    begin from (empty: it cannot). `notes` are sentences about what was left out or guessed.
    """

    items: tuple[CalendarItem, ...] = ()
    gone: tuple[str, ...] = ()
    whole: bool = False
    token: str = ""
    notes: tuple[str, ...] = ()


class CalendarUnreadable(Exception):
    """The calendar could not be read, or what came is none.

    The message is one sentence or two that can be shown to a lead, and holds no credential and no address.
    """


class CalendarSource(Protocol):
    """Somebody who reads calendars of one kind."""

    def read(self, question: CalendarQuestion) -> CalendarReading:
        """The answer, in a bounded time and with a bounded number of entries.

        A token that is no longer accepted starts over with a whole reading. Raises CalendarUnreadable.
        """
        ...
