"""The board's columns, and which step leads a card from where it is into another. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from apps.rfhs.errors import IllegalStep
from apps.rfhs.states import NAMES, OVER, RULES, WITH_SUPPORT, State, Step, legal_from


@dataclass(frozen=True)
class Column:
    """A column: its states, the steps that lead into it, and what it says when it is empty."""

    key: str
    title: str
    states: frozenset[State]
    steps: tuple[Step, ...]
    empty: str


COLUMNS: tuple[Column, ...] = (
    Column(
        "support",
        "With support",
        WITH_SUPPORT,
        (Step.ASK_TEAMMATES, Step.REOPEN),
        "No drafts, and no questions to teammates.",
    ),
    Column("filed", "Filed", frozenset({State.FILED}), (Step.FILE, Step.REOPEN), "Nothing waits to be taken."),
    Column(
        "acknowledged",
        "Acknowledged",
        frozenset({State.ACKNOWLEDGED}),
        (Step.ACKNOWLEDGE,),
        "Nothing is taken and not begun.",
    ),
    Column("in_progress", "In progress", frozenset({State.IN_PROGRESS}), (Step.START,), "Nobody works on any."),
    Column(
        "handed_over", "Handed over", frozenset({State.HANDED_OVER}), (Step.HAND_OVER,), "Nothing waits for new owners."
    ),
    Column("answered", "Answered", frozenset({State.ANSWERED}), (Step.ANSWER,), "No answer waits for support."),
    Column("over", "Recently resolved", OVER, (Step.RESOLVE, Step.SOLVE_BY_TEAMMATE), "None in the last week."),
)
BY_KEY = {column.key: column for column in COLUMNS}
# What nobody can do without saying something: it has a form.
NEEDS_WORDS = frozenset(
    {
        Step.FILE,
        Step.SOLVE_BY_TEAMMATE,
        Step.HAND_OVER,
        Step.ANSWER,
        Step.RESOLVE,
        Step.REROUTE,
        Step.WITHDRAW,
        Step.REOPEN,
    }
)


def column_of(state: State) -> Column:
    """The column a request in this state is in."""
    return next(column for column in COLUMNS if state in column.states)


def leads_to(step: Step, column: Column, *, was_filed: bool) -> bool:
    """Whether the step leads into the column; reopened, what was never filed is support's draft again."""
    if step is Step.REOPEN:
        return column.key == ("filed" if was_filed else "support")
    return step in column.steps


def step_into(column: Column, state: State, *, was_filed: bool) -> Step:
    """The step that moves a request from its state into the column.

    Raises IllegalStep, which names all the states a request can come there from.
    """
    steps = [step for step in column.steps if leads_to(step, column, was_filed=was_filed)]
    for step in steps:
        if state in RULES[step].sources:
            return step
    sources = [each for each in State if any(each in legal_from(step) for step in steps)]
    raise IllegalStep(column.key, NAMES[state], [str(each) for each in sources], f"Move to {column.title.lower()}")


def reachable(state: State, *, was_filed: bool) -> list[Column]:
    """The other columns a card can be moved to."""
    found = []
    for column in COLUMNS:
        if state in column.states:
            continue
        try:
            step_into(column, state, was_filed=was_filed)
        except IllegalStep:
            continue
        found.append(column)
    return found
