"""A feed's bytes as entries, in bounded time whatever the bytes are. Pure."""

from __future__ import annotations

import hashlib
import re
import time as clock
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import recurring_ical_events
from icalendar import Calendar, Component, Event

from apps.integrations.icalendar_feed.repeating import repeats_too_often
from apps.rotations.calendars import CalendarItem, CalendarUnreadable, Named
from apps.rotations.resolving.wallclock import first, on_the_wall

MOST = 10_000
LARGEST_ENTRY = 100_000
MOST_ZONES = 200
# Seconds of work; a feed of 10,000 entries is two.
LONGEST = 12.0
# What else an entry says, such as its description and its alarms, need not be parsed.
NEEDED = "UID|DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|RECURRENCE-ID|SEQUENCE|LAST-MODIFIED|SUMMARY|STATUS|ATTENDEE"
IS_NEEDED = re.compile(rf"(?:{NEEDED})[;:]", re.IGNORECASE)
DAY = timedelta(days=1)
# Whole days of a zone far away, and entries whose length is not said in dates.
MARGIN = timedelta(days=3)
LONG = timedelta(days=400)


@dataclass
class _Left:
    """What was left out or guessed, by reason."""

    unread: int = 0
    endless: int = 0
    beyond: int = 0
    unknown: Counter[str] | None = None

    def notes(self, zone: ZoneInfo) -> tuple[str, ...]:
        said = []
        if self.beyond:
            more = f"{self.beyond:,} more are" if self.beyond > 1 else "another one is"
            said.append(f"Of its entries {MOST:,} count; {more} left out, those farthest ahead.")
        if self.endless:
            said.append(f"{self.endless} of its entries repeat more often than hours do, and are left out.")
        if self.unread:
            said.append(f"{self.unread} of its entries could not be read.")
        for name, count in sorted((self.unknown or {}).items())[:5]:
            said.append(f"The time zone “{name[:60]}” is not known; its times ({count}) are taken to be {zone.key}'s.")
        return tuple(said)


def read(
    raw: bytes, *, zone: ZoneInfo, start: datetime, end: datetime
) -> tuple[tuple[CalendarItem, ...], tuple[str, ...]]:
    """The entries that touch [start, end), recurrences apart, and notes on what was left out.

    `zone` counts for whole days and times without a zone unless the feed names its own. Raises CalendarUnreadable.
    """
    text = re.sub(r"\r?\n[ \t]", "", raw.decode("utf-8-sig", errors="replace"))
    _refuse_what_is_none(text)
    deadline = clock.thread_time() + LONGEST
    left = _Left(unknown=Counter())
    zone = _own_zone(text, zone, left)
    zones, blocks = _blocks(text, left)
    kept = _of_the_window(blocks, start, end, left)
    found: list[CalendarItem] = []
    for component_group in _groups(_parsed(kept, zones, left, deadline)):
        _in_time(deadline)
        found += _items(component_group, zone, start, end, left)
        if len(found) > 2 * MOST:
            # Enough of them to know that they are too many; the rest need not be expanded.
            break
    found.sort(key=lambda item: (item.start, item.uid, item.instance))
    if len(found) > MOST:
        left.beyond += len(found) - MOST
        found = found[:MOST]
    return tuple(_told_apart(found)), left.notes(zone)


def _refuse_what_is_none(text: str) -> None:
    begin = text.lstrip()[:500].lower()
    if begin.startswith("begin:vcalendar"):
        return
    if "<html" in begin or "<!doctype" in begin or begin.startswith("<"):
        raise CalendarUnreadable(
            "The address answers with a web page, not with a calendar: perhaps one has to sign in there. Use the "
            "calendar's secret address in iCal format, which mostly ends in .ics."
        )
    if not begin:
        raise CalendarUnreadable("The address answers with nothing at all.")
    raise CalendarUnreadable("What the address answers with is no calendar: it does not begin with BEGIN:VCALENDAR.")


def _own_zone(text: str, otherwise: ZoneInfo, left: _Left) -> ZoneInfo:
    named = re.search(r"^X-WR-TIMEZONE[^:\r\n]*:[ \t]*(\S+)", text, re.MULTILINE | re.IGNORECASE)
    if named is None:
        return otherwise
    try:
        return ZoneInfo(named[1])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        assert left.unknown is not None
        left.unknown[named[1]] += 1
        return otherwise


def _blocks(text: str, left: _Left) -> tuple[str, list[str]]:
    """The feed's own zones, and each entry's text. By splitting: a feed of beginnings without ends takes no longer."""
    head, *rest = re.split(r"^BEGIN:VEVENT[ \t]*\r?$", text, flags=re.MULTILINE | re.IGNORECASE)
    outside, blocks, zones = [head], list[str](), list[str]()
    for part in rest:
        block, end, tail = _cut(part, "VEVENT")
        if not end or len(block) > LARGEST_ENTRY:
            left.unread += 1
            continue
        blocks.append(f"BEGIN:VEVENT\r\n{_needed(block)}END:VEVENT\r\n")
        outside.append(tail)
    for part in re.split(r"^BEGIN:VTIMEZONE[ \t]*\r?$", "".join(outside), flags=re.MULTILINE | re.IGNORECASE)[1:]:
        block, end, _ = _cut(part, "VTIMEZONE")
        if end and len(block) <= LARGEST_ENTRY and len(zones) < MOST_ZONES:
            zones.append(f"BEGIN:VTIMEZONE\r\n{block.lstrip()}END:VTIMEZONE\r\n")
    return "".join(zones), blocks


def _cut(part: str, name: str) -> tuple[str, bool, str]:
    found = re.search(rf"^END:{name}[ \t]*\r?$\n?", part, re.MULTILINE | re.IGNORECASE)
    return (part[: found.start()], True, part[found.end() :]) if found else (part, False, "")


def _needed(block: str) -> str:
    kept, inside = [], False
    for line in block.splitlines():
        upper = line.upper()
        if upper.startswith("BEGIN:"):
            inside = True
        elif upper.startswith("END:"):
            inside = False
        elif not inside and IS_NEEDED.match(line):
            kept.append(line)
    return "".join(f"{line}\r\n" for line in kept)


def _of_the_window(blocks: Iterable[str], start: datetime, end: datetime, left: _Left) -> list[str]:
    """Those that may touch it, by a look at their dates alone: years of what is over need not be parsed."""
    earliest, latest = start - MARGIN, end + MARGIN
    series, single = [], []
    for block in blocks:
        if re.search(r"^(RRULE|RDATE|RECURRENCE-ID)[;:]", block, re.MULTILINE | re.IGNORECASE):
            series.append(block)
            continue
        begins, ends = _day(block, "DTSTART"), _day(block, "DTEND")
        if begins is None:
            left.unread += 1
        elif begins <= latest.date() and (ends or begins) >= (earliest if ends else earliest - LONG).date():
            single.append((begins, block))
    single.sort(key=lambda pair: pair[0])
    kept = [*series, *(block for _, block in single)]
    if len(kept) > MOST:
        left.beyond += len(kept) - MOST
    return kept[:MOST]


def _day(block: str, name: str) -> date | None:
    found = re.search(rf"^{name}(?:;[^:\r\n]*)?:(\d{{8}})", block, re.MULTILINE | re.IGNORECASE)
    try:
        return datetime.strptime(found[1], "%Y%m%d").date() if found else None  # noqa: DTZ007
    except ValueError:
        return None


def _parsed(blocks: Sequence[str], zones: str, left: _Left, deadline: float) -> Iterator[Component]:
    """The entries, a few hundred at a time, so that one that cannot be read costs no other."""
    for at in range(0, len(blocks), 500):
        _in_time(deadline)
        some = blocks[at : at + 500]
        try:
            yield from _calendar(some, zones).walk("VEVENT")
        except (ValueError, KeyError, IndexError, AttributeError, TypeError, OverflowError):
            for block in some:
                _in_time(deadline)
                try:
                    yield from _calendar([block], zones).walk("VEVENT")
                except (ValueError, KeyError, IndexError, AttributeError, TypeError, OverflowError):
                    left.unread += 1


def _calendar(blocks: Sequence[str], zones: str) -> Component:
    text = "".join(["BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-\r\n", zones, *blocks, "END:VCALENDAR\r\n"])
    return Calendar.from_ical(text)


def _groups(events: Iterable[Component]) -> Iterator[list[Component]]:
    """Each series with its exceptions, in the order in which they begin in the feed."""
    by_uid: dict[str, list[Component]] = defaultdict(list)
    for place, event in enumerate(events):
        uid = str(event.get("UID", "")).strip()
        by_uid[uid or f"\0{place}"].append(event)
    yield from by_uid.values()


def _items(
    events: list[Component], zone: ZoneInfo, start: datetime, end: datetime, left: _Left
) -> Iterator[CalendarItem]:
    if not any(name in event for event in events for name in ("RRULE", "RDATE", "RECURRENCE-ID")):
        for event in events:
            yield from _item(event, zone, start, end, left)
        return
    series = Calendar()
    for event in events:
        if repeats_too_often(event, end):
            left.endless += 1
            return
        series.add_component(event)
    try:
        # Local times count in a zone the library does not know of.
        found = recurring_ical_events.of(series, skip_bad_series=True).between(start - MARGIN, end + MARGIN)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        left.unread += 1
        return
    for event in found:
        yield from _item(event, zone, start, end, left, of_series=True)


def _item(
    event: Component, zone: ZoneInfo, start: datetime, end: datetime, left: _Left, *, of_series: bool = False
) -> Iterator[CalendarItem]:
    """The entry, unless it was called off, lies elsewhere or cannot be read."""
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return
    try:
        assert isinstance(event, Event)
        begins, ends = event.start, event.end
        since, until = _instant(begins, zone), _instant(ends, zone)
        named_at = event.get("RECURRENCE-ID")
        instance = _instant(named_at.dt, zone).isoformat() if of_series and named_at is not None else ""
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, AssertionError):
        left.unread += 1
        return
    _notice_unknown_zone(event, begins, left)
    if since >= until or since >= end or until <= start:
        return
    summary = str(event.get("SUMMARY", ""))
    uid = str(event.get("UID", "")).strip()
    yield CalendarItem(
        uid=uid or hashlib.sha256(f"{since.isoformat()} {summary}".encode()).hexdigest()[:40],
        instance=instance,
        start=since,
        end=until,
        summary=summary,
        all_day=not isinstance(begins, datetime),
        people=tuple(_people(event.get("ATTENDEE"))),
    )


def _instant(value: Any, zone: ZoneInfo) -> datetime:
    """A whole day begins at its midnight in the zone; a time without a zone is the zone's own."""
    if not isinstance(value, datetime):
        return first(datetime.combine(value, time()), zone)
    if value.tzinfo is None:
        return first(value, zone)
    if isinstance(value.tzinfo, ZoneInfo):
        # A time that the clock skips is the first instant after it, as everywhere here.
        return first(value.replace(tzinfo=None), value.tzinfo) if not _is_on_the_wall(value) else value.astimezone(UTC)
    return value.astimezone(UTC)


def _is_on_the_wall(value: datetime) -> bool:
    assert isinstance(value.tzinfo, ZoneInfo)
    return on_the_wall(value.astimezone(UTC), value.tzinfo) == value.replace(tzinfo=None)


def _notice_unknown_zone(event: Component, begins: Any, left: _Left) -> None:
    if not isinstance(begins, datetime) or begins.tzinfo is not None:
        return
    named = event["DTSTART"].params.get("TZID") if "DTSTART" in event else None
    if named and left.unknown is not None:
        left.unknown[str(named)] += 1


def _people(attendees: Any) -> Iterator[Named]:
    """Who is asked and did not decline; rooms and things are nobody."""
    if attendees is None:
        return
    for each in attendees if isinstance(attendees, list) else [attendees]:
        said = getattr(each, "params", {})
        if str(said.get("CUTYPE", "")).upper() in ("RESOURCE", "ROOM"):
            continue
        if str(said.get("PARTSTAT", "")).upper() == "DECLINED":
            continue
        address = str(each)
        email = address[7:] if address.lower().startswith("mailto:") else str(said.get("EMAIL", ""))
        named = Named(str(said.get("CN", "")).strip(), email.strip())
        if named.name or named.email:
            yield named


def _told_apart(items: Iterable[CalendarItem]) -> Iterator[CalendarItem]:
    """Feeds there are whose entries share a uid: their times tell them apart."""
    seen: set[tuple[str, str]] = set()
    for item in items:
        key = (item.uid, item.instance)
        if key in seen:
            item = replace(item, instance=f"{item.instance}#{item.start.isoformat()}")
            if (item.uid, item.instance) in seen:
                continue
        seen.add((item.uid, item.instance))
        yield item


def _in_time(deadline: float) -> None:
    if clock.thread_time() > deadline:
        raise CalendarUnreadable("The feed takes too long to read: it repeats too much, for too long.")
