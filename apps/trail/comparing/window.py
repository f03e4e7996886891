"""A window of time as a person types it: wall-clock times and a zone. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from apps.trail.errors import TrailError
from apps.trail.instants import slip_in

SHORTEST, LONGEST = timedelta(seconds=1), timedelta(days=366)


class BadWindow(TrailError):
    """What was typed is no window of time."""


@dataclass(frozen=True)
class Window:
    """From `since` on, up to but without `until`."""

    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        return self.until - self.since

    def moved(self, by: timedelta) -> Window:
        return Window(self.since + by, self.until + by)

    def around(self, at: datetime) -> Window:
        """One of the same length with `at` in its middle."""
        return self.moved(at - self.since - self.length / 2)

    def scaled(self, factor: float) -> Window:
        """One of another length with the same middle."""
        length = min(max(self.length * factor, SHORTEST), LONGEST)
        return replace(self, until=self.since + length).around(self.since + self.length / 2)


def window_of(since: str, until: str, zone: tzinfo) -> Window:
    """The window between two times such as 2026-03-18T16:30, in the zone unless they name one. Raises BadWindow."""
    window = Window(_instant(since, zone, "from"), _instant(until, zone, "to"))
    if window.length < SHORTEST:
        raise BadWindow("The window ends before it begins: give “to” a later time than “from”.")
    if window.length > LONGEST:
        raise BadWindow(f"A window is at most {LONGEST.days} days long.")
    return window


def _instant(text: str, zone: tzinfo, name: str) -> datetime:
    try:
        said = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadWindow(f"“{text.strip()[:40]}” in “{name}” is no time; write it like 2026-03-18T16:30.")
    if slip := slip_in(said):
        raise BadWindow(slip)
    return (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)
