"""Durations as people type and read them, and as ISO 8601. Pure."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import isodate

LONGEST = timedelta(days=3650)
"""Ten years; a promise beyond that is a slip of the finger."""

_LONGEST_TEXT = 100
_SECONDS = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_UNITS = {
    word: unit
    for unit, words in {
        "week": ("w", "wk", "wks", "week", "weeks"),
        "day": ("d", "day", "days"),
        "hour": ("h", "hr", "hrs", "hour", "hours"),
        "minute": ("m", "min", "mins", "minute", "minutes"),
        "second": ("s", "sec", "secs", "second", "seconds"),
    }.items()
    for word in words
}
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)\.?")
_BETWEEN = re.compile(r"(?:\s|,|\band\b)*")
_CLOCK = re.compile(r"([0-9]+):([0-9]+)")
_HOW = 'Type it like "10 min", "1 h 30 min" or "3 days".'


class InvalidDuration(ValueError):
    """The text is no duration we accept; the message says what to type."""


def parse(text: str) -> timedelta:
    """The duration somebody typed: "10 min", "1h30", "2 hours and 5 minutes", or ISO 8601's "PT10M".

    More than zero, at most `LONGEST`, whole seconds. Raises InvalidDuration.
    """
    said = text.strip().lower()
    if not said:
        raise InvalidDuration(f"Say how long. {_HOW}")
    if len(said) > _LONGEST_TEXT:
        raise InvalidDuration(f"That is too long to be a duration. {_HOW}")
    if said.startswith(("-", "−")):
        raise InvalidDuration(f"A duration cannot be negative. {_HOW}")
    if clock := _CLOCK.fullmatch(said):
        first, second = (int(number) for number in clock.groups())
        raise InvalidDuration(
            f'"{text.strip()}" can be read in two ways: type "{first} h {second} min" or "{first} min {second} s".'
        )
    seconds = _iso_seconds(said) if said.startswith("p") else _spoken_seconds(said)
    if seconds != int(seconds):
        raise InvalidDuration(f"A duration is in whole seconds. {_HOW}")
    if seconds <= 0:
        raise InvalidDuration(f"A duration must be longer than zero. {_HOW}")
    if seconds > LONGEST.total_seconds():
        raise InvalidDuration(f"A duration is at most 10 years ({LONGEST.days} days). {_HOW}")
    return timedelta(seconds=int(seconds))


def spell(duration: timedelta) -> str:
    """`duration` as people say it: "45 s", "10 min", "1 h 30 min", "1 day 2 h", "3 days".

    A fraction of a second is dropped. `parse(spell(x)) == x` for every x that `parse` can return.
    """
    left = int(abs(duration).total_seconds())
    parts = []
    for unit, one, many in (
        ("day", "day", "days"),
        ("hour", "h", "h"),
        ("minute", "min", "min"),
        ("second", "s", "s"),
    ):
        count, left = divmod(left, _SECONDS[unit])
        if count:
            parts.append(f"{count} {one if count == 1 else many}")
    if not parts:
        return "0 s"
    return ("-" if duration < timedelta(0) else "") + " ".join(parts)


def iso(duration: timedelta) -> str:
    """`duration` in ISO 8601: "PT10M", "P1DT2H"."""
    return str(isodate.duration_isoformat(duration))


def _spoken_seconds(said: str) -> Decimal:
    seconds = Decimal(0)
    seen: list[str] = []
    position = 0
    while position < len(said):
        part = _PART.match(said, position)
        if part is None:
            raise InvalidDuration(f'"{said[position:].strip()}" is not understood. {_HOW}')
        unit = _unit(part[1], part[2], is_last=part.end() == len(said), before=seen[-1] if seen else None)
        if unit in seen:
            raise InvalidDuration(f"The {unit}s are there twice. {_HOW}")
        seen.append(unit)
        seconds += Decimal(part[1]) * _SECONDS[unit]
        between = _BETWEEN.match(said, part.end())
        position = between.end() if between else part.end()
    return seconds


def _unit(number: str, word: str, *, is_last: bool, before: str | None) -> str:
    if word in _UNITS:
        return _UNITS[word]
    if word:
        hint = " Months and years differ in length: say it in days." if word[0] in "my" else ""
        raise InvalidDuration(f'"{word}" is not a unit: use s, min, h, days or weeks.{hint}')
    # "1h30" is how people write an hour and a half; a bare number anywhere else could mean anything.
    if is_last and before == "hour":
        return "minute"
    raise InvalidDuration(f'{number} what? Add a unit: "{number} min", "{number} h" or "{number} days".')


def _iso_seconds(said: str) -> Decimal:
    try:
        duration = isodate.parse_duration(said.upper())
    except (ValueError, ArithmeticError):
        # isodate's own error is a ValueError; a number too large overflows instead.
        raise InvalidDuration(f'"{said}" is not an ISO 8601 duration such as "PT10M". {_HOW}')
    if not isinstance(duration, timedelta):
        raise InvalidDuration(f"Months and years differ in length: say it in days. {_HOW}")
    return Decimal(duration // timedelta(microseconds=1)) / 1_000_000
