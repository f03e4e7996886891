"""How a page climbs: its steps round by round, and which of them speaks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from apps.sla.audiences import KINDS, Audience
from apps.sla.defaults import STEP
from apps.sla.matching import PromiseRule

# So late a sweep is after an outage; the steps after it keep their distance from when somebody was told.
LATE = timedelta(minutes=1)


@dataclass(frozen=True)
class Rise:
    """One step of one round, with its instant; `key` names it to whoever asked."""

    step: int
    round: int
    due_at: datetime
    audience: Audience
    after: timedelta = timedelta()
    message: str = ""
    key: int = 0


@dataclass(frozen=True)
class Climb:
    """What a page does now: who is passed over, who hears, whether a whole round had nobody, and what moves."""

    skipped: tuple[Rise, ...] = ()
    reached: Rise | None = None
    unheard: int = 0
    ahead: tuple[Rise, ...] = field(default=())


def unfold(promise: PromiseRule, *, team: str, started_at: datetime) -> list[Rise]:
    """Every step of every round. A role without a rotation becomes that of the team's rotations.

    A round lasts as long as the promise; where a tier comes later than that, one more step.
    """
    rungs = promise.rungs
    if not rungs:
        return []
    last = rungs[-1].after
    step = last - rungs[-2].after if len(rungs) > 1 else STEP
    length = promise.within if promise.within > last else last + step
    return [
        Rise(
            step=before * len(rungs) + position,
            round=before + 1,
            due_at=started_at + before * length + rung.after,
            audience=_bound(rung.audience, team),
            after=before * length + rung.after,
            message=rung.message,
        )
        for before in range(promise.repeat + 1)
        for position, rung in enumerate(rungs, start=1)
    ]


def climb(waiting: Sequence[Rise], *, heard: set[int], is_there: Callable[[Rise], bool], now: datetime) -> Climb:
    """The first step that is due and has somebody speaks; a step with nobody goes to the next at once.

    heard: the rounds in which somebody was told already. A round in which nobody at all could be told is `unheard`,
    and the next one comes a step later: now it would find nobody either. Who hears has the step's whole time, also when
    the sweep comes late: what is ahead moves along.
    """
    ahead = sorted(waiting, key=lambda rise: rise.step)
    skipped: list[Rise] = []
    while ahead and ahead[0].due_at <= now:
        first, ahead = ahead[0], ahead[1:]
        if is_there(first):
            late = now - first.due_at
            return Climb(tuple(skipped), first, 0, tuple(_moved(ahead, late if late > LATE else timedelta())))
        skipped.append(first)
        if first.round in heard or (ahead and ahead[0].round == first.round):
            ahead = _at_once(ahead, now)
            continue
        if ahead and ahead[0].due_at <= now:
            ahead = _moved(ahead, now + STEP - ahead[0].due_at)
        return Climb(tuple(skipped), None, first.round, tuple(ahead))
    return Climb(tuple(skipped), None, 0, tuple(ahead))


def at_once(waiting: Sequence[Rise], now: datetime) -> list[Rise]:
    """The next step speaks now, and those after it as long after it as before."""
    return _at_once(sorted(waiting, key=lambda rise: rise.step), now)


def _at_once(ahead: Sequence[Rise], now: datetime) -> list[Rise]:
    return _moved(ahead, min(now - ahead[0].due_at, timedelta())) if ahead else []


def _moved(ahead: Sequence[Rise], by: timedelta) -> list[Rise]:
    return [replace(rise, due_at=rise.due_at + by) for rise in ahead]


def _bound(audience: Audience, team: str) -> Audience:
    is_of_the_team = audience.kind == KINDS.rotation and not audience.rotation
    return replace(audience, team=team) if is_of_the_team else audience
