"""Whether a story holds what a pattern looks for. Pure.

A story is taken in the order of its times; events of one instant in that of their positions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True)
class Seen:
    """An event, as far as a pattern looks at it."""

    position: int
    type: str
    at: datetime


@dataclass(frozen=True)
class Rule:
    """What must have happened, each in an event of its own, and what must not.

    `within` is the longest time from the first to the last of the required events; None: any. What is forbidden must
    not lie between those two, or, with `anywhere`, not be in the story at all.
    """

    required: tuple[str, ...]
    in_order: bool = True
    within: timedelta | None = None
    forbidden: frozenset[str] = frozenset()
    anywhere: bool = False

    @property
    def types(self) -> frozenset[str]:
        """Every type it looks at."""
        return self.forbidden | frozenset(self.required)


class Verdict(StrEnum):
    """How a story compares with a rule."""

    FOUND = "found"
    MISSING = "missing"
    ORDER = "order"
    APART = "apart"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True)
class Result:
    """The verdict with what it rests on: the required events that were found, in time.

    `missing` are the required types that did not happen, or not often enough; `against` the forbidden events in the
    way.
    """

    verdict: Verdict
    evidence: tuple[Seen, ...] = ()
    missing: tuple[str, ...] = ()
    against: tuple[Seen, ...] = ()

    @property
    def found(self) -> bool:
        return self.verdict is Verdict.FOUND


def check(rule: Rule, story: Collection[Seen]) -> Result:
    """The latest place where the rule holds; where it holds nowhere, why not."""
    events = in_time(story)
    offending = tuple(event for event in events if event.type in rule.forbidden)
    kept = None
    for end in reversed(range(len(events))):
        chosen = _ending_at(rule, events, end, within=rule.within)
        if chosen is None:
            continue
        against = offending if rule.anywhere else _between(rule, events, chosen)
        if not against:
            return Result(Verdict.FOUND, _at(events, chosen))
        kept = kept or Result(Verdict.FORBIDDEN, _at(events, chosen), against=against)
    return kept or _why_not(rule, events)


def matches(rule: Rule, story: Collection[Seen], *, fresh: Collection[int], used: Collection[int]) -> list[Result]:
    """Every place where the rule holds by at least one `fresh` event; none shares an event with another or with `used`.

    `fresh` and `used` are positions. Earlier ends come first.
    """
    events = in_time(story)
    spent = set(used)
    found = []
    if rule.anywhere and any(event.type in rule.forbidden for event in events):
        return []
    # Nothing that ends before the first of the fresh ones holds one.
    first = next((index for index, event in enumerate(events) if event.position in fresh), len(events))
    for end in range(first, len(events)):
        chosen = _ending_at(rule, events, end, within=rule.within, spent=spent)
        if chosen is None or not any(events[index].position in fresh for index in chosen):
            continue
        if not rule.anywhere and _between(rule, events, chosen):
            continue
        found.append(Result(Verdict.FOUND, _at(events, chosen)))
        spent.update(events[index].position for index in chosen)
    return found


def in_time(story: Collection[Seen]) -> list[Seen]:
    """The events in the order of their times."""
    return sorted(story, key=lambda event: (event.at, event.position))


def _ending_at(
    rule: Rule, events: Sequence[Seen], end: int, *, within: timedelta | None, spent: Collection[int] = ()
) -> list[int] | None:
    """The tightest choice of required events whose last one is at `end`; None when there is none.

    Going back from the end and always taking the nearest makes the first one as late as it can be, so no other choice
    with that end is shorter, or has less between its first and its last.
    """
    last = events[end]
    awaited = Counter(rule.required)
    if last.type not in awaited or last.position in spent or (rule.in_order and last.type != rule.required[-1]):
        return None
    ordered = list(rule.required)
    chosen: list[int] = []
    for index in range(end, -1, -1):
        event = events[index]
        if within is not None and last.at - event.at > within:
            return None
        if event.position in spent:
            continue
        if rule.in_order:
            if event.type != ordered[-1]:
                continue
            ordered.pop()
        elif awaited[event.type] > 0:
            awaited[event.type] -= 1
        else:
            continue
        chosen.append(index)
        if len(chosen) == len(rule.required):
            return chosen[::-1]
    return None


def _between(rule: Rule, events: Sequence[Seen], chosen: Sequence[int]) -> tuple[Seen, ...]:
    inside = events[chosen[0] + 1 : chosen[-1]]
    return tuple(event for event in inside if event.type in rule.forbidden)


def _at(events: Sequence[Seen], chosen: Sequence[int]) -> tuple[Seen, ...]:
    return tuple(events[index] for index in chosen)


def _why_not(rule: Rule, events: Sequence[Seen]) -> Result:
    """What is lacking, first of all: events, else their order, else their nearness."""
    awaited = Counter(rule.required)
    nearest: list[Seen] = []
    for event in reversed(events):
        if awaited[event.type] > 0:
            awaited[event.type] -= 1
            nearest.append(event)
    evidence = tuple(reversed(nearest))
    if missing := tuple(awaited.elements()):
        return Result(Verdict.MISSING, evidence, missing=missing)
    anyhow = [
        chosen for end in range(len(events)) if (chosen := _ending_at(rule, events, end, within=None)) is not None
    ]
    if not anyhow:
        return Result(Verdict.ORDER, evidence)
    tightest = min(anyhow, key=lambda chosen: events[chosen[-1]].at - events[chosen[0]].at)
    return Result(Verdict.APART, _at(events, tightest))
