"""How far a run's checklist is, in words. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.rotations.cycles.phases import MONITOR, ONCE

DONE, OVERDUE, MISSED, OPEN = "done", "overdue", "missed", "open"
SOON = timedelta(hours=24)


@dataclass(frozen=True)
class Thing:
    """Something to do: `kind` is what it repeats, so that of what comes again the former is known to be missed."""

    id: int
    part: str
    kind: int | None
    repeats: str
    due_at: datetime
    done_at: datetime | None


def states(things: Sequence[Thing], now: datetime) -> dict[int, str]:
    """Each one's state by id: done, open, overdue, or missed: overdue, and it came again since."""
    newest: dict[int, datetime] = {}
    for thing in things:
        if thing.kind is not None and thing.repeats != ONCE and thing.due_at <= now:
            newest[thing.kind] = max(thing.due_at, newest.get(thing.kind, thing.due_at))
    found = {}
    for thing in things:
        if thing.done_at is not None:
            found[thing.id] = DONE
        elif thing.due_at > now:
            found[thing.id] = OPEN
        else:
            again = thing.kind is not None and thing.repeats != ONCE and thing.due_at < newest[thing.kind]
            found[thing.id] = MISSED if again else OVERDUE
    return found


def is_near(thing: Thing, state: str, now: datetime) -> bool:
    """Whether it is to be seen at once: what is overdue or due within a day; of what does not repeat all of it."""
    if thing.part != MONITOR:
        return True
    return state == OVERDUE or (state == OPEN and thing.due_at <= now + SOON)


def words(found: Iterable[str]) -> str:
    """ "3 of 7 done, 2 overdue, 1 missed"; "nothing to do" of nothing."""
    counted = Counter(found)
    if not counted:
        return "nothing to do"
    rest = [f"{counted[state]} {state}" for state in (OVERDUE, MISSED) if counted[state]]
    return ", ".join([f"{counted[DONE]} of {counted.total()} done", *rest])
