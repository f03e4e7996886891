"""Why a swap cannot be asked for, or taken, so. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.rotations.timeline import Duty, Timeline
from apps.trail.instants import slip_in

LONGEST = timedelta(days=366)
LONGEST_MESSAGE = 300

Problems = dict[str, list[str]]
Called = Callable[[str], str]


@dataclass(frozen=True)
class Part:
    """An interval of somebody's shift that goes to somebody else; people are emails, `taker` empty while unknown."""

    role: str
    start: datetime
    end: datetime
    giver: str
    taker: str = ""

    @property
    def interval(self) -> tuple[datetime, datetime]:
        return self.start, self.end


def time_problems(start: datetime, end: datetime, *, now: datetime, prefix: str = "") -> Problems:
    """What is wrong with an interval, by field, before anybody looks who is on then."""
    names = f"{prefix}starts_at", f"{prefix}ends_at"
    for name, at in zip(names, (start, end), strict=True):
        if slip := slip_in(at):
            return {name: [slip]}
    if end <= start:
        return {names[1]: ["It must end after it starts."]}
    if end - start > LONGEST:
        return {names[1]: [f"It is at most {LONGEST.days} days long."]}
    if start <= now:
        return {names[0]: ["This has begun already. Choose a time to come, or have somebody take the shift over now."]}
    return {}


def part_problem(part: Part, timeline: Timeline, called: Called) -> str:
    """Why the part cannot go from its giver to its taker, of a timeline of its interval; empty when it can."""
    duties = timeline.of(part.role)
    if not duties or not all(part.giver in duty.people for duty in duties):
        return (
            f"{called(part.giver)} is not on as {part.role} for all of this time. "
            "Choose a time within one of their shifts."
        )
    if part.taker and any(part.taker in duty.people for duty in duties):
        return f"{called(part.taker)} is on as {part.role} at this time already."
    return ""


def who_is_on(timeline: Timeline) -> set[str]:
    """Everybody who is on in any role at any time of it."""
    return {person for duty in timeline.duties for person in duty.people}


def own_shifts(timeline: Timeline, person: str) -> list[Duty]:
    """The person's shifts in it; what lies end to end in one role, for whatever reasons, is one."""
    found: list[Duty] = []
    for role in timeline.roles:
        for duty in timeline.of(role):
            if person not in duty.people:
                continue
            last = found[-1] if found else None
            if last is not None and (last.role, last.end) == (role, duty.start):
                found[-1] = Duty(role, last.start, duty.end, duty.on)
            else:
                found.append(duty)
    return sorted(found, key=lambda duty: (duty.start, duty.role))
