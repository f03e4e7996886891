"""Who is on duty in words: the resolver's answer as it is shown, kept, warned about and paged by. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from apps.rotations.resolving.resolver import Because, Double, Gap, Schedule, doubles_in

Explain = Callable[[Because], str]


@dataclass(frozen=True)
class OnDuty:
    """One person, by email, and why in words."""

    person: str
    because: str


@dataclass(frozen=True)
class Duty:
    """Who is on duty in a role from `start` until before `end`; nobody when `on` is empty."""

    role: str
    start: datetime
    end: datetime
    on: tuple[OnDuty, ...]

    @property
    def people(self) -> tuple[str, ...]:
        return tuple(each.person for each in self.on)

    @property
    def because(self) -> str:
        """One sentence for all of them."""
        reasons = dict.fromkeys(each.because for each in self.on)
        if len(reasons) == 1:
            return next(iter(reasons))
        return "; ".join(f"{each.person}: {each.because}" for each in self.on) or "nobody is on"


@dataclass(frozen=True)
class Timeline:
    """Who is on duty in a window. For each of `roles`, in order, the duties lie end to end, those of nobody too."""

    start: datetime
    end: datetime
    roles: tuple[str, ...]
    duties: tuple[Duty, ...]

    @property
    def shifts(self) -> tuple[Duty, ...]:
        """Where somebody is on."""
        return tuple(duty for duty in self.duties if duty.on)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Where nobody is."""
        return tuple(Gap(duty.role, duty.start, duty.end) for duty in self.duties if not duty.on)

    @property
    def doubles(self) -> tuple[Double, ...]:
        """When one person is on in several roles."""
        return tuple(doubles_in(self.shifts))

    def of(self, role: str) -> tuple[Duty, ...]:
        return tuple(duty for duty in self.duties if duty.role == role)

    def at(self, instant: datetime) -> dict[str, Duty]:
        """The duty of each role that holds the instant."""
        return {duty.role: duty for duty in self.duties if duty.start <= instant < duty.end}


def told(
    schedule: Schedule,
    explain: Explain,
    *,
    roles: Sequence[str],
    start: datetime,
    end: datetime,
    away: frozenset[str] = frozenset(),
) -> Timeline:
    """The schedule of the window [start, end) in words.

    Who is `away`, since they work here no more, is on duty nowhere: where they alone would be is a gap, so that it
    is seen and filled, and an override that replaces them acts.
    """
    found: dict[str, list[Duty]] = {role: [] for role in roles}
    for shift in schedule.shifts:
        on = tuple(OnDuty(each.person, explain(each.because)) for each in shift.on if each.person not in away)
        found[shift.role].append(Duty(shift.role, shift.start, shift.end, on))
    for gap in schedule.gaps:
        found[gap.role].append(Duty(gap.role, gap.start, gap.end, ()))
    for role, duties in found.items():
        if not duties and start < end:
            duties.append(Duty(role, start, end, ()))
        found[role] = joined(sorted(duties, key=lambda duty: duty.start))
    return Timeline(start, end, tuple(roles), tuple(chain.from_iterable(found.values())))


def joined(duties: Iterable[Duty]) -> list[Duty]:
    """The same with neighbours that say the same made one."""
    made: list[Duty] = []
    for duty in duties:
        if made and made[-1].end == duty.start and made[-1].on == duty.on:
            made[-1] = replace(made[-1], end=duty.end)
        else:
            made.append(duty)
    return made


def cut(duties: Iterable[Duty], start: datetime, end: datetime) -> list[Duty]:
    """What of them lies in the window."""
    return [
        replace(duty, start=max(duty.start, start), end=min(duty.end, end))
        for duty in duties
        if duty.start < end and duty.end > start
    ]
