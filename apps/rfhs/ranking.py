"""Which request is worked on first: the priority of work, and what a hand changed of it. Pure.

Mattermost SET handbook, Priority of work: quality of the community's and production servers, customer escalations,
then bugs: hotfix, release, customer-reported, other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum


class Work(IntEnum):
    """What kind of work it is, the most urgent first."""

    PRODUCTION = 0
    ESCALATION = 1
    HOTFIX = 2
    RELEASE = 3
    CUSTOMER_REPORTED = 4
    OTHER = 5


WORDS: dict[Work, str] = {
    Work.PRODUCTION: "Community or production quality",
    Work.ESCALATION: "Customer escalation",
    Work.HOTFIX: "Bug for a hotfix",
    Work.RELEASE: "Bug for the release",
    Work.CUSTOMER_REPORTED: "Bug a customer reported",
    Work.OTHER: "Other",
}
BUGS = {
    "hotfix": Work.HOTFIX,
    "release": Work.RELEASE,
    "customer_reported": Work.CUSTOMER_REPORTED,
    "other": Work.OTHER,
}
LEVELS = ("L1", "L2", "L3", "L4")
URGENT_LEVELS = frozenset({"L1", "L2"})
# Of ranks as numbers: a class has room for all instants until 2106, and a float resolves 30 microseconds of them.
_CLASS = 2**32
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
# What is squeezed in where there is no number between its neighbours stands so far apart.
_STEP = 2.0**-12


@dataclass(frozen=True)
class Ranked:
    """What of a request decides its rank; `place` is the number a hand gave it instead."""

    number: int
    since: datetime
    priority: str = "p2"
    level: str = ""
    bug_class: str = ""
    kind: str = "help"
    production: bool = False
    of_customer: bool = False
    place: float | None = None


def work_of(each: Ranked) -> Work:
    """What kind of work it is.

    A bug goes by its class, unless a customer cannot wait for it: p1, or of level L1 or L2. A feature is no escalation.
    """
    if each.production:
        return Work.PRODUCTION
    pressing = each.priority == "p1" or each.level in URGENT_LEVELS
    is_bug = each.kind == "defect" or bool(each.bug_class)
    if each.of_customer and each.kind != "feature" and (pressing or not is_bug):
        return Work.ESCALATION
    if is_bug:
        return BUGS.get(each.bug_class, Work.CUSTOMER_REPORTED if each.of_customer else Work.OTHER)
    return Work.OTHER


def rank(each: Ranked) -> float:
    """Its rank by the rules alone; smaller is sooner: kind of work, p1 before p2, level, and the oldest first."""
    level = LEVELS.index(each.level) if each.level in LEVELS else len(LEVELS)
    group = (work_of(each) * 2 + (each.priority != "p1")) * (len(LEVELS) + 1) + level
    return group * _CLASS + (each.since - _BEGINNING).total_seconds()


def standing(each: Ranked) -> float:
    """Where it stands: where a hand put it, else its rank."""
    return rank(each) if each.place is None else each.place


def ordered(cards: Iterable[Ranked]) -> list[Ranked]:
    """The most urgent first."""
    return sorted(cards, key=lambda each: (standing(each), each.number))


def by_rules(cards: Iterable[Ranked]) -> list[int]:
    """Their numbers as they would stand had no hand moved any."""
    return [each.number for each in sorted(cards, key=lambda each: (rank(each), each.number))]


def places(order: Sequence[Ranked], moved: int) -> dict[int, float]:
    """The places that make `order` true after `moved` was put where it stands in it; as few as that takes.

    The others stand in `order` as they stood before; where two of them stand at one instant, they get places, too.
    """
    at = next(index for index, each in enumerate(order) if each.number == moved)
    above = standing(order[at - 1]) if at else None
    below = standing(order[at + 1]) if at + 1 < len(order) else None
    if above is None:
        return {moved: 0.0 if below is None else below - 1}
    if below is None:
        return {moved: above + 1}
    middle = (above + below) / 2
    if above < middle < below:
        return {moved: middle}
    found: dict[int, float] = {}
    last = above
    for index, each in enumerate(order[at:]):
        if index and standing(each) > last:
            break
        last += _STEP
        found[each.number] = last
    return found
