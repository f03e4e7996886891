"""THE table of an incident's life: which step leads from which states to which, and what others call them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from apps.incidents.errors import IllegalStep


class State(StrEnum):
    """Where an incident stands; all but `invalid` are Statuspage's words."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    INVALID = "invalid"


NAMES: dict[State, str] = {
    State.INVESTIGATING: "Investigating",
    State.IDENTIFIED: "Identified",
    State.MONITORING: "Monitoring",
    State.RESOLVED: "Resolved",
    State.INVALID: "Invalid",
}
OPEN = frozenset({State.INVESTIGATING, State.IDENTIFIED, State.MONITORING})
OVER = frozenset({State.RESOLVED, State.INVALID})
# What an update can say: an incident is marked as invalid by a step of its own.
SAID = [str(state) for state in State if state != State.INVALID]
# Crashbot knows three states.
CRASHBOT: dict[State, str] = {
    **dict.fromkeys(OPEN, "open"),
    State.RESOLVED: "closed",
    State.INVALID: "invalid",
}


class Step(StrEnum):
    """What moves an incident."""

    UPDATE = "update"
    ACKNOWLEDGE = "acknowledge"
    CLOSE = "close"
    REOPEN = "reopen"
    MARK_INVALID = "mark_invalid"
    LINK_RCA = "link_rca"
    OPEN_CHANNEL = "open_channel"


@dataclass(frozen=True)
class Rule:
    """A step: what it is called as a command, and the states it is legal from."""

    words: str
    sources: frozenset[State]


RULES: dict[Step, Rule] = {
    Step.UPDATE: Rule("Update", OPEN),
    Step.ACKNOWLEDGE: Rule("Acknowledge", OPEN),
    Step.CLOSE: Rule("Close", OPEN),
    Step.REOPEN: Rule("Reopen", OVER),
    Step.MARK_INVALID: Rule("Mark as invalid", OPEN | {State.RESOLVED}),
    Step.LINK_RCA: Rule("Link the RCA", frozenset({State.RESOLVED})),
    Step.OPEN_CHANNEL: Rule("Open a channel", OPEN),
}


def check(step: Step, state: State) -> None:
    """Raises IllegalStep unless `step` is possible in `state`."""
    if state not in RULES[step].sources:
        legal = [str(each) for each in State if each in RULES[step].sources]
        raise IllegalStep(str(step), NAMES[state], legal, RULES[step].words)


def legal(state: State) -> list[Step]:
    """What is possible in `state`, in the order of the table."""
    return [step for step, rule in RULES.items() if state in rule.sources]
