"""When each tier of a running promise is due, and what a change of plans does to it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from apps.sla.audiences import Audience
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
    after: timedelta
    audience: Audience


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

    What was reached or passed over stays so and never fires twice, also under another number; waiting tiers move;
    tiers that left the policy are cancelled; a cancelled tier that comes back waits again.
    """
    wanted = _unsaid(steps, list(rungs))
    free = {step.tier for step in steps if step.state in ("waiting", "cancelled")}
    add: list[Placed] = []
    move: list[Placed] = []
    for placed in place(wanted, started_at=started_at, snoozed=snoozed):
        (move if placed.rung.tier in free else add).append(placed)
    tiers = {rung.tier for rung in wanted}
    cancel = [step.tier for step in steps if step.state == "waiting" and step.tier not in tiers]
    return Rearrangement(tuple(add), tuple(move), tuple(cancel))


def _unsaid(steps: Sequence[Step], rungs: list[Rung]) -> list[Rung]:
    """The rungs that have not spoken yet.

    Numbers alone do not tell: a tier inserted below, or one deleted, shifts them. A rung has spoken when a higher or
    equal one has (nobody is told of a step already passed), or when its audience was told by a step that is no other
    rung's. A rung that waits as it is goes on waiting.
    """
    waiting = {(step.after, step.audience) for step in steps if step.state == "waiting"}
    said = [step for step in steps if step.state in ("reached", "skipped")]
    horizon = max((step.after for step in said), default=None)
    unsaid = []
    for rung in sorted(rungs, key=lambda rung: rung.tier):
        if (rung.after, rung.audience) in waiting and (horizon is None or rung.after > horizon):
            unsaid.append(rung)
            continue
        told = [step for step in said if step.audience == rung.audience]
        if told:
            said.remove(min(told, key=lambda step: (step.tier != rung.tier, step.tier)))
        elif horizon is None or rung.after > horizon:
            unsaid.append(rung)
    return unsaid


def look_again_after(looks: int) -> timedelta:
    """How long to wait before asking once more about a clock whose tiers were all told."""
    doubled: int = 2 ** min(looks, 10)
    return min(FIRST_LOOK * doubled, LAST_LOOK)


def kept(at: datetime, due_at: datetime) -> bool:
    """Whether something that happened at `at` was in time; at the due instant itself it is too late."""
    return at < due_at
