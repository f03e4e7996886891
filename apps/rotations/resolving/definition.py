"""What a rotation is defined by. Pure; people are opaque strings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from apps.rotations.resolving.wallclock import Unit

WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Advance(StrEnum):
    """What a daily rotation counts: every day, or only those on which its window opens."""

    CALENDAR = "calendar"
    ACTIVE_DAY = "active_day"


@dataclass(frozen=True)
class Turns:
    """People taking turns: turn k is of `participants[(k + index_offset) mod n]`; before the start it is nobody's.

    Turn k begins `k × length` units after `start_local` on the wall. With `turn_active` it is on only for so long from
    its beginning.
    """

    unit: Unit
    start_local: datetime
    participants: tuple[tuple[str, ...], ...]
    length: int = 1
    index_offset: int = 0
    advance: Advance = Advance.CALENDAR
    turn_active: timedelta | None = None


@dataclass(frozen=True)
class Entry:
    """Somebody's own interval, half-open: a shift a person entered, or an entry of a calendar."""

    start: datetime
    end: datetime
    people: tuple[str, ...]
    label: str = ""


@dataclass(frozen=True)
class Active:
    """A window on the wall: on these days (0 is Monday; they name the day it opens) from one time to another.

    `opens == closes` is a whole day from that time; `closes` before `opens` is past midnight.
    """

    days: frozenset[int] = frozenset(range(7))
    opens: time = time(0)
    closes: time = time(0)


@dataclass(frozen=True)
class Layer:
    """Who is on in one role by one rule: by turns, always the same people, or by entries."""

    role: str
    priority: int = 0
    people: tuple[str, ...] = ()
    turns: Turns | None = None
    entries: tuple[Entry, ...] = ()
    active: Active | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    name: str = ""


@dataclass(frozen=True)
class Override:
    """From `start` until before `end`: `remove` is not on, `add` is on, or with both `add` is on for `remove`.

    A replacement acts only while the replaced person is on. Without a role it acts in every role.
    """

    start: datetime
    end: datetime
    remove: str = ""
    add: str = ""
    role: str = ""


@dataclass(frozen=True)
class Definition:
    """A rotation: of the layers of one role the highest priority that has somebody counts, and overrides come last."""

    zone: ZoneInfo
    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()

    @property
    def roles(self) -> tuple[str, ...]:
        """Its roles, in the order of its layers; an override makes no role of its own."""
        return tuple(dict.fromkeys(layer.role for layer in self.layers))
