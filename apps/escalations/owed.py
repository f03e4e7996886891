"""What a request for help or an incident is owed, and since when. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.incidents import states as incidents
from apps.rfhs.states import RULES, WITH_A_TEAM, State, Step
from apps.sla.defaults import DAILY, DAILY_OF_INCIDENTS, DAY
from apps.sla.matching import PolicyRule, PromiseRule, Verdict

ACKNOWLEDGEMENT, FIRST_ANSWER, UPDATE = "acknowledgement", "first_answer", "update"
WAITS_FOR_THE_TEAM = RULES[Step.ACKNOWLEDGE].sources
DEMANDS_AN_UPDATE_A_DAY = frozenset({"L1", "L2"})


@dataclass(frozen=True)
class Owed:
    """One promise, whose it is, and why."""

    promise: PromiseRule
    policy: PolicyRule
    because: str


def since(
    state: State, *, asked_at: datetime | None, handed_over_at: datetime | None, told_at: datetime | None
) -> dict[str, datetime]:
    """What is still owed, each with the instant from which its time runs.

    A team that gets the request from another has its own time to acknowledge it. The answer is owed to the customer,
    who has waited since the first team was asked: handing a request on must not be a way to win time.
    """
    if state not in WITH_A_TEAM or asked_at is None:
        return {}
    owed = {FIRST_ANSWER: asked_at, UPDATE: told_at or asked_at}
    if state in WAITS_FOR_THE_TEAM:
        is_passed_on = state is State.HANDED_OVER and handed_over_at is not None
        owed[ACKNOWLEDGEMENT] = handed_over_at if is_passed_on and handed_over_at else asked_at
    return owed


def since_of_incident(
    state: incidents.State, *, declared_at: datetime, acknowledged_at: datetime | None, updated_at: datetime
) -> dict[str, datetime]:
    """The same of an incident.

    Its time runs from when it was declared, not from when it began: before that nobody of us could acknowledge it, and
    what is told a day late would be overdue at once.
    """
    if state not in incidents.OPEN:
        return {}
    owed = {UPDATE: updated_at}
    if acknowledged_at is None:
        owed[ACKNOWLEDGEMENT] = declared_at
    return owed


def promised(verdict: Verdict, *, level: str, daily: PolicyRule = DAILY) -> dict[str, Owed]:
    """What the policy promises, by kind; level L1 and L2 have an update a day at the latest, also without a policy.

    daily: how that is promised, to a request unless `promised_to_incident` says otherwise.
    """
    found = {
        promise.kind: Owed(promise, verdict.policy, verdict.because)
        for promise in verdict.promises
        if verdict.policy is not None
    }
    if level in DEMANDS_AN_UPDATE_A_DAY and not (UPDATE in found and _is_daily(found[UPDATE].promise)):
        [update] = daily.promises
        found[UPDATE] = Owed(update, daily, f"{level} demands an update a day.")
    return found


def promised_to_incident(verdict: Verdict, *, level: str) -> dict[str, Owed]:
    """The same of an incident, whose contact and lead hear."""
    return promised(verdict, level=level, daily=DAILY_OF_INCIDENTS)


def _is_daily(promise: PromiseRule) -> bool:
    """Whether somebody who owes the update hears within a day."""
    return promise.within <= DAY and any(rung.after <= DAY for rung in promise.rungs)


def next_round(base: datetime, *, within: timedelta, first: timedelta, now: datetime) -> datetime:
    """When the next round of an update that is overdue begins: a period later, and ahead of us.

    base: when the last round began. first: how long after a round's beginning somebody hears.
    """
    passed = (now - base - first) // within
    return base + max(passed + 1, 1) * within
