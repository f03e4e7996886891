"""What is wrong with the days ahead, and which of it is news. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from apps.rotations.effects import Leave, effect
from apps.rotations.timeline import Timeline

# What comes back at the same hours within so long was told already: nights, weekends.
COMES_BACK = timedelta(days=8)


class Kind(StrEnum):
    """Nobody is on; somebody is on who is away; somebody would be on who works here no more."""

    GAP = "gap"
    LEAVE = "leave"
    GONE = "gone"


@dataclass(frozen=True)
class Trouble:
    """Half-open; `person` is an email, empty for a gap; `label` is what the calendar says of a leave."""

    kind: Kind
    role: str
    start: datetime
    end: datetime
    person: str = ""
    label: str = ""

    @property
    def of(self) -> tuple[str, str, str]:
        return self.kind, self.role, self.person

    def as_json(self) -> dict[str, str]:
        """For keeping it."""
        return {
            "kind": self.kind.value,
            "role": self.role,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "person": self.person,
            "label": self.label,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Trouble:
        """What `as_json` gave."""
        return cls(
            Kind(kept["kind"]),
            kept["role"],
            datetime.fromisoformat(kept["start"]),
            datetime.fromisoformat(kept["end"]),
            kept["person"],
            kept["label"],
        )


def troubles(final: Timeline, named: Timeline, *, gone: frozenset[str], leaves: Sequence[Leave]) -> list[Trouble]:
    """All that is wrong, by time. `final` is who is on; `named` the same with those who are `gone` still in it."""
    found = [
        Trouble(Kind.GONE, duty.role, duty.start, duty.end, person)
        for duty in named.shifts
        for person in duty.people
        if person in gone
    ]
    found = list(_joined(found))
    covered = list(found)
    found += [
        Trouble(Kind.GAP, gap.role, gap.start, gap.end)
        for gap in final.gaps
        # Why nobody is on is said with who left.
        if not any(one.role == gap.role and one.start <= gap.start and gap.end <= one.end for one in covered)
    ]
    found += _joined(
        Trouble(Kind.LEAVE, one.role, one.start, one.end, one.person, one.label)
        for one in effect(None, final, leaves=leaves).leaves
    )
    return sorted(found, key=lambda one: (one.start, one.role, one.kind, one.person))


@dataclass(frozen=True)
class News:
    """What nobody was warned of yet, and what is to be kept as told."""

    fresh: tuple[Trouble, ...]
    told: tuple[Trouble, ...]


def news(
    found: Sequence[Trouble],
    told: Sequence[Trouble],
    *,
    window: tuple[datetime, datetime],
    now: datetime,
    zone: tzinfo,
) -> News:
    """What of `found`, which was looked for in `window`, is news after what was `told`.

    What was told and grew, or goes on, is none; nor what comes back at the same hours. What is over is kept for a while
    so that what comes back is known; what was mended is forgotten: when it opens again it is news.
    """
    fresh, kept = [], []
    for one in found:
        same = [before for before in told if before.of == one.of]
        known = [before for before in same if before.start <= one.end and one.start <= before.end]
        if known:
            start = min(one.start, *(before.start for before in known))
            kept.append(replace(one, start=start, end=max(one.end, *(before.end for before in known))))
            continue
        if not any(_comes_back(one, before, window, zone) for before in same):
            fresh.append(one)
        kept.append(one)
    over = [before for before in told if before.end <= now and before.end > now - COMES_BACK]
    return News(tuple(fresh), (*over, *kept))


def _comes_back(one: Trouble, before: Trouble, window: tuple[datetime, datetime], zone: tzinfo) -> bool:
    """Whether it has the same hours on the wall; where the window cuts it, as far as it can be seen."""
    if one.start - before.end > COMES_BACK:
        return False
    begins = one.start <= window[0] or _clock(one.start, zone) == _clock(before.start, zone)
    ends = one.end >= window[1] or _clock(one.end, zone) == _clock(before.end, zone)
    return begins and ends


def _clock(at: datetime, zone: tzinfo) -> tuple[int, int]:
    local = at.astimezone(zone)
    return local.hour, local.minute


def _joined(found: Iterable[Trouble]) -> Iterable[Trouble]:
    """Those of one role and person that touch made one."""
    held: dict[tuple[str, str, str], Trouble] = {}
    for one in sorted(found, key=lambda one: one.start):
        before = held.get(one.of)
        if before is not None and one.start <= before.end:
            held[one.of] = replace(before, end=max(before.end, one.end))
            continue
        if before is not None:
            yield before
        held[one.of] = one
    yield from held.values()
