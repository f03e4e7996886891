"""What would happen to a ticket that came at some instant: which policy, which tiers, which people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.escalations import ladder
from apps.escalations.audiences import Directory, Told
from apps.sla.matching import Facts, PolicyRule, PromiseRule, Rung, Verdict, govern
from apps.sla.wording import passes_by


@dataclass(frozen=True)
class Asked:
    """A policy that was asked; `passes_by` is why it does not match, empty for the one that does."""

    policy: PolicyRule
    passes_by: str


@dataclass(frozen=True)
class Step:
    """A tier at its instant, with those who would hear as shifts are entered now."""

    rung: Rung
    due_at: datetime
    told: Told


@dataclass(frozen=True)
class Course:
    """One promise, from the ticket's arrival to its last tier."""

    promise: PromiseRule
    due_at: datetime
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Trial:
    """The answer: the policies asked, in order, up to the one that governs, and the course of each promise."""

    verdict: Verdict
    asked: tuple[Asked, ...]
    courses: tuple[Course, ...]


def attempt(rules: Sequence[PolicyRule], facts: Facts, *, at: datetime) -> Trial:
    """What the policies would do with a ticket of these facts that came at `at`, unanswered."""
    verdict = govern(rules, facts)
    asked = []
    for rule in sorted(rules, key=lambda rule: (rule.position, rule.id)):
        asked.append(Asked(rule, passes_by(rule, facts)))
        if rule == verdict.policy:
            break
    return Trial(verdict, tuple(asked), tuple(_course(promise, at=at) for promise in verdict.promises))


def _course(promise: PromiseRule, *, at: datetime) -> Course:
    placed = ladder.place(promise.rungs, started_at=at, snoozed=timedelta())
    audiences = [rung.audience for rung in promise.rungs]
    steps = tuple(
        # Each tier at its own instant: by the third, the next shift may have come.
        Step(each.rung, each.due_at, Directory(each.due_at).tell(each.rung.audience, audiences[index + 1 :]))
        for index, each in enumerate(placed)
    )
    return Course(promise, at + promise.within, steps)
