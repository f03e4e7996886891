"""The table of states and steps, the priority of work and the details asked for, as docs/rfhs.md prints them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from apps.rfhs import context
from apps.rfhs.ranking import WORDS
from apps.rfhs.states import NAMES, OVER, RULES, WITH_A_TEAM, WITH_SUPPORT, Step, legal_from, steps_from

START, END = "<!-- what the code says: {} -->", "<!-- end of {} -->"


def parts() -> dict[str, str]:
    """Each part of the page that the code says, by its name."""
    return {
        "states": _table(
            ["State", "Who has it", "Steps from it"],
            (
                [NAMES[state], _whose(state), ", ".join(RULES[step].words for step in steps_from(state)) or "none"]
                for state in NAMES
            ),
        ),
        "steps": _table(
            ["Step", "Legal from", "Leads to"],
            (
                [
                    rule.words,
                    ", ".join(NAMES[state] for state in legal_from(step)),
                    f"{NAMES[rule.target]}, or Draft when it was never filed"
                    if step is Step.REOPEN
                    else NAMES[rule.target],
                ]
                for step, rule in RULES.items()
            ),
        ),
        "work": "\n".join(f"{place}. {words}" for place, words in enumerate(WORDS.values(), start=1)),
        "details": _table(
            ["Detail", "Asked for", "Why"],
            ([detail.label, when, detail.reason] for when, details in _groups() for detail in details),
        ),
    }


def written(page: str) -> str:
    """The page with its parts as the code says them. Raises ValueError when a part's marks are not there."""
    for name, text in parts().items():
        start, end = START.format(name), END.format(name)
        head, found, rest = page.partition(start)
        _, closed, tail = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"The page has no part {name}: {start} … {end}")
        page = f"{head}{start}\n\n{text}\n\n{end}{tail}"
    return page


def _groups() -> Iterable[tuple[str, Sequence[context.Detail]]]:
    yield "by support, always", context.DETAILS
    yield "in a SET item, always", context.ALWAYS
    for name, label in context.SYMPTOM_NAMES:
        yield f"in a SET item, when {label.lower()}", context.SYMPTOMS[name]


def _whose(state: object) -> str:
    if state in WITH_SUPPORT:
        return "support"
    if state in WITH_A_TEAM:
        return "a team"
    return "nobody, it is over" if state in OVER else "support, to the end"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
