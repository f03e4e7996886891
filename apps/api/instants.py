"""RFC 3339 instants and ISO 8601 durations as text. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import isodate

from apps.trail.instants import slip_in

RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?P<zone>[Zz]|[+-]\d{2}:\d{2})?", re.ASCII)
EXAMPLE = "2026-03-30T08:00:00Z"
LONGEST = timedelta(days=3650)


class BadText(ValueError):
    """The text says no instant or no duration; the message says what to write."""


def parse_instant(text: str) -> datetime:
    """The instant, in UTC. Raises BadText, also for a time without a zone: nobody could tell when that is."""
    found = RFC_3339.fullmatch(text.strip())
    if found is None:
        # In an address "+" means a space, so a zone of "+01:00" arrives without its sign.
        raise BadText(f"Write an instant as RFC 3339 does, such as {EXAMPLE} (in an address, + is %2B).")
    if found["zone"] is None:
        raise BadText(f"A time needs its zone, such as {EXAMPLE} or 2026-03-30T10:00:00+02:00.")
    try:
        # Python knows microseconds; what is finer is cut off.
        at = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.strip().upper().replace(" ", "T")))
    except ValueError:
        raise BadText(f"{text.strip()} is on no calendar; write an instant such as {EXAMPLE}.")
    if slip := slip_in(at):
        raise BadText(slip)
    return at.astimezone(UTC)


def write_instant(at: datetime) -> str:
    """RFC 3339 in UTC, with Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_duration(text: str) -> timedelta:
    """The duration: more than zero, at most ten years, whole seconds. Raises BadText."""
    try:
        duration = isodate.parse_duration(text.strip())
    except (ValueError, ArithmeticError):
        # isodate's own error is a ValueError; a number too large overflows instead.
        raise BadText("Write a duration as ISO 8601 does, such as PT10M, PT1H30M or P3D.")
    if not isinstance(duration, timedelta):
        raise BadText("Months and years differ in length: say it in days, such as P30D.")
    if duration <= timedelta(0):
        raise BadText("A duration must be longer than zero.")
    if duration > LONGEST:
        raise BadText(f"A duration is at most ten years (P{LONGEST.days}D).")
    if duration.microseconds:
        raise BadText("A duration is in whole seconds.")
    return duration


def write_duration(duration: timedelta) -> str:
    """ISO 8601, such as PT10M."""
    return str(isodate.duration_isoformat(duration))
