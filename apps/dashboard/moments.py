"""Instants and countdowns as people read them: always with the zone's name, ticking where a script runs."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# IST is India's, Ireland's and Israel's; CST and CDT are Chicago's, Havana's and in part Shanghai's, PST Manila's too.
SHARED = frozenset({"IST", "CST", "CDT", "PST"})


def zone_name(at: datetime | None = None) -> str:
    """The name of the viewer's zone at `at` as people say it: GMT, CET; UTC+0530 where the letters say too little.

    Without `at` the zone's own name, such as Europe/Paris: it holds all year.
    """
    if at is None:
        return timezone.get_current_timezone_name()
    return letters(timezone.localtime(at))


def letters(local: datetime) -> str:
    """The letters of a local time's zone; its distance from UTC where it has none, or shares them with another zone."""
    name = local.tzname() or ""
    if name in SHARED:
        # As zones without letters are written: +0530, and +02 for the whole hour.
        name = f"{local:%z}".removesuffix("00")
    return name if name[:1].isalpha() else f"UTC{name}"


def moment(value: datetime | None, now: datetime | None = None, *, seconds: bool = False) -> SafeString:
    """`18 Mar 09:00 GMT` as a <time>; the year is there when it is not that of `now`. A dash for None."""
    if value is None:
        return SafeString("–")
    zone = timezone.get_current_timezone()
    local = value.astimezone(zone)
    pattern = "j M H:i" if now is None or now.astimezone(zone).year == local.year else "j M Y H:i"
    return _spelled(value, value.isoformat(), zone, pattern + (":s" if seconds else ""))


# A schedule names an instant again and again: where one shift ends another begins, in several roles. `said` tells apart
# what is the same instant in two zones: as keys they are equal.
@lru_cache(maxsize=4_096)
def _spelled(value: datetime, said: str, zone: tzinfo, pattern: str) -> SafeString:
    local = value.astimezone(zone)
    return format_html(
        '<time datetime="{}" title="{}">{} {}</time>',
        said,
        f"{date_format(local, 'l j F Y, H:i:s')} {letters(local)}",
        date_format(local, pattern),
        letters(local),
    )


def countdown(value: datetime | None, now: datetime) -> SafeString:
    """`in 12 min` or `8 min late` as a <time> that portal.js keeps ticking. A dash for None."""
    if value is None:
        return SafeString("–")
    return format_html(
        '<time datetime="{}" data-countdown="{}" data-now="{}" title="{}"{}>{}</time>',
        value.isoformat(),
        value.isoformat(),
        now.isoformat(),
        f"{date_format(timezone.localtime(value), 'l j F Y, H:i:s')} {zone_name(value)}",
        SafeString(" data-late") if value <= now else "",
        until(value, now),
    )


def ago(value: datetime | None, now: datetime) -> SafeString:
    """`8 min ago` or `in 12 min` as a <time> that portal.js keeps up to date. A dash for None."""
    if value is None:
        return SafeString("–")
    said = f"in {rough(value - now)}" if value > now else f"{rough(now - value)} ago"
    return format_html(
        '<time datetime="{}" data-ago="{}" title="{}">{}</time>',
        value.isoformat(),
        value.isoformat(),
        f"{date_format(timezone.localtime(value), 'l j F Y, H:i:s')} {zone_name(value)}",
        said,
    )


def until(value: datetime, now: datetime) -> str:
    """`in 12 min`, `in 45 s`, `8 min late`; what is due at `now` is late already (`due_at <= now`)."""
    left = value - now
    return f"in {rough(left)}" if left > timedelta(0) else f"{rough(-left)} late"


def rough(duration: timedelta) -> str:
    """The one or two largest units: `45 s`, `12 min`, `2 h 5 min`, `3 days 4 h`; the rest is dropped.

    portal.js says the same in the same words.
    """
    if duration < MINUTE:
        return f"{int(duration.total_seconds())} s"
    if duration < HOUR:
        return f"{duration // MINUTE} min"
    if duration < DAY:
        return _two(duration // HOUR, "h", duration % HOUR // MINUTE, "min")
    days = duration // DAY
    return _two(days, "day" if days == 1 else "days", duration % DAY // HOUR, "h")


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large} {large_unit} {small} {small_unit}" if small else f"{large} {large_unit}"
