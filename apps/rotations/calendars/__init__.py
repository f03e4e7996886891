"""Calendars of elsewhere that say who is on shift or away: what is asked of one, and how its entries are read. Pure."""

from apps.rotations.calendars.source import (
    CalendarItem,
    CalendarQuestion,
    CalendarReading,
    CalendarSource,
    CalendarUnreadable,
    Named,
)

__all__ = [
    "CalendarItem",
    "CalendarQuestion",
    "CalendarReading",
    "CalendarSource",
    "CalendarUnreadable",
    "Named",
]
