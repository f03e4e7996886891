"""Google's events as entries of a calendar. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.rotations.calendars import CalendarItem, Named
from apps.rotations.resolving.wallclock import first


def zone_in(page: Mapping[str, Any], otherwise: ZoneInfo) -> ZoneInfo:
    """The calendar's own zone; the other one where Google names none that is known."""
    try:
        return ZoneInfo(str(page["timeZone"]))
    except (KeyError, ValueError, ZoneInfoNotFoundError):
        return otherwise


def item(event: Mapping[str, Any], zone: ZoneInfo) -> CalendarItem | None:
    """The event as an entry; None when it was cancelled. Raises ValueError for what is no event.

    Google's `singleEvents=true` has each recurrence as an event of its own, with an id of its own.
    """
    key = str(event["id"])
    if event.get("status") == "cancelled":
        return None
    try:
        start, all_day = _instant(event["start"], zone)
        end, _ = _instant(event["end"], zone)
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError("no start or end") from error
    series = event.get("recurringEventId")
    return CalendarItem(
        uid=str(series or key),
        instance=key if series else "",
        start=start,
        end=end,
        summary=str(event.get("summary") or ""),
        all_day=all_day,
        people=tuple(_people(event.get("attendees"))),
    )


def _instant(value: Mapping[str, Any], zone: ZoneInfo) -> tuple[datetime, bool]:
    if "dateTime" in value:
        read = datetime.fromisoformat(str(value["dateTime"]))
        if read.tzinfo is None:
            read = first(read, _zone(value.get("timeZone"), zone))
        return read, False
    return first(datetime.combine(date.fromisoformat(str(value["date"])), time()), zone), True


def _zone(name: Any, otherwise: ZoneInfo) -> ZoneInfo:
    return zone_in({"timeZone": name}, otherwise)


def _people(attendees: Any) -> list[Named]:
    """Who is asked and did not decline; rooms are nobody."""
    found = []
    for each in attendees if isinstance(attendees, list) else ():
        if not isinstance(each, dict) or each.get("resource") or each.get("responseStatus") == "declined":
            continue
        named = Named(str(each.get("displayName") or ""), str(each.get("email") or ""))
        if named.name or named.email:
            found.append(named)
    return found
