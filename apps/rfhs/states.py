"""THE table of a request's life: which step leads from which states to which."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from apps.rfhs.errors import IllegalStep


class State(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    ASKED_TEAMMATES = "asked_teammates"
    FILED = "filed"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    HANDED_OVER = "handed_over"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


NAMES: dict[State, str] = {
    State.DRAFT: "Draft",
    State.ASKED_TEAMMATES: "Asked teammates",
    State.FILED: "Filed",
    State.ACKNOWLEDGED: "Acknowledged",
    State.IN_PROGRESS: "In progress",
    State.HANDED_OVER: "Handed over",
    State.ANSWERED: "Answered",
    State.RESOLVED: "Resolved",
    State.WITHDRAWN: "Withdrawn",
}
# Support still works on it alone; a team has it; it is over.
WITH_SUPPORT = frozenset({State.DRAFT, State.ASKED_TEAMMATES})
WITH_A_TEAM = frozenset({State.FILED, State.ACKNOWLEDGED, State.IN_PROGRESS, State.HANDED_OVER})
OVER = frozenset({State.RESOLVED, State.WITHDRAWN})


class Step(StrEnum):
    """What moves a request."""

    ASK_TEAMMATES = "ask_teammates"
    SOLVE_BY_TEAMMATE = "solve_by_teammate"
    FILE = "file"
    ACKNOWLEDGE = "acknowledge"
    START = "start"
    HAND_OVER = "hand_over"
    ANSWER = "answer"
    RESOLVE = "resolve"
    REROUTE = "reroute"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


@dataclass(frozen=True)
class Rule:
    """A step: what it is called as a command, the states it is legal from, and where it leads."""

    words: str
    sources: frozenset[State]
    target: State


RULES: dict[Step, Rule] = {
    Step.ASK_TEAMMATES: Rule("Ask teammates", frozenset({State.DRAFT}), State.ASKED_TEAMMATES),
    Step.SOLVE_BY_TEAMMATE: Rule("Solved by a teammate", frozenset({State.ASKED_TEAMMATES}), State.RESOLVED),
    Step.FILE: Rule("File", WITH_SUPPORT, State.FILED),
    Step.ACKNOWLEDGE: Rule("Acknowledge", frozenset({State.FILED, State.HANDED_OVER}), State.ACKNOWLEDGED),
    Step.START: Rule("Start", WITH_A_TEAM - {State.IN_PROGRESS}, State.IN_PROGRESS),
    Step.HAND_OVER: Rule("Hand over", WITH_A_TEAM, State.HANDED_OVER),
    Step.ANSWER: Rule("Answer", WITH_A_TEAM, State.ANSWERED),
    # The customer, or support itself, may have solved it before the team answered.
    Step.RESOLVE: Rule("Resolve", WITH_A_TEAM | {State.ANSWERED}, State.RESOLVED),
    # A feature or a bug of low urgency: its owner plans it, and our part ends.
    Step.REROUTE: Rule("Re-route", WITH_A_TEAM, State.RESOLVED),
    Step.WITHDRAW: Rule("Withdraw", WITH_SUPPORT | WITH_A_TEAM, State.WITHDRAWN),
    # What was never filed goes back to its draft: `reopened_to`.
    Step.REOPEN: Rule("Reopen", OVER | {State.ANSWERED}, State.FILED),
}


def reopened_to(*, was_filed: bool) -> State:
    """Where a reopened request goes: the team's queue, or support's draft if no team ever had it."""
    return State.FILED if was_filed else State.DRAFT


def legal_from(step: Step) -> list[State]:
    """The states the step is legal from, in the order of a request's life."""
    return [state for state in State if state in RULES[step].sources]


def steps_from(state: State) -> list[Step]:
    """The steps that are legal from the state."""
    return [step for step, rule in RULES.items() if state in rule.sources]


def check(step: Step, state: State) -> None:
    """Raise IllegalStep, which names the states it would be legal from."""
    if state not in RULES[step].sources:
        raise IllegalStep(step, NAMES[state], [str(each) for each in legal_from(step)], RULES[step].words)
