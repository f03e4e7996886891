"""When each tier of a running promise is due, and what a change of plans does to it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from apps.sla.matching import Rung

State = Literal["waiting", "reached", "skipped", "cancelled"]

# A fully escalated clock is asked about ever more seldom: 10 min, 20, 40 … at most 6 h.
FIRST_LOOK = timedelta(minutes=10)
LAST_LOOK = timedelta(hours=6)


@dataclass(frozen=True)
class Step:
    """One tier of one clock, as it stands."""

    tier: int
    due_at: datetime
    state: State


@dataclass(frozen=True)
class Placed:
    """A rung with its instant."""

    rung: Rung
    due_at: datetime


@dataclass(frozen=True)
class Rearrangement:
    """What becomes of a clock's checks: rungs to add or to set waiting anew, tiers to cancel."""

    add: tuple[Placed, ...]
    move: tuple[Placed, ...]
    cancel: tuple[int, ...]


def place(rungs: Iterable[Rung], *, started_at: datetime, snoozed: timedelta) -> list[Placed]:
    """Each rung at its instant: so long after the start, plus every snooze so far. Elapsed time."""
    return [Placed(rung, started_at + rung.after + snoozed) for rung in rungs]


def fall_due(steps: Iterable[Step], now: datetime) -> tuple[int | None, list[int]]:
    """The tier to reach now (None: none), and the lower ones that are passed over.

    `due_at <= now` is due. After an outage only the highest due tier speaks: a ticket that was silent for an
    hour needs one message to the right people, not four.
    """
    due = sorted(step.tier for step in steps if step.state == "waiting" and step.due_at <= now)
    return (due[-1], due[:-1]) if due else (None, [])


def rearrange(
    steps: Sequence[Step], rungs: Iterable[Rung], *, started_at: datetime, snoozed: timedelta
) -> Rearrangement:
    """What to do so that the clock follows `rungs`.

    What was reached or skipped stays so and never fires twice; waiting tiers move; tiers that left the
    policy are cancelled; a cancelled tier that comes back waits again.
    """
    known = {step.tier: step for step in steps}
    add, move = [], []
    wanted = place(rungs, started_at=started_at, snoozed=snoozed)
    for placed in wanted:
        step = known.get(placed.rung.tier)
        if step is None:
            add.append(placed)
        elif step.state in ("waiting", "cancelled"):
            move.append(placed)
    tiers = {placed.rung.tier for placed in wanted}
    cancel = [step.tier for step in steps if step.state == "waiting" and step.tier not in tiers]
    return Rearrangement(tuple(add), tuple(move), tuple(cancel))


def look_again_after(looks: int) -> timedelta:
    """How long to wait before asking once more about a clock whose tiers were all told."""
    doubled: int = 2 ** min(looks, 10)
    return min(FIRST_LOOK * doubled, LAST_LOOK)


def kept(at: datetime, due_at: datetime) -> bool:
    """Whether something that happened at `at` was in time; at the due instant itself it is too late."""
    return at < due_at
