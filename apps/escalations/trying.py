"""What would happen to what came at some instant: which policy, which tiers, which people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from apps.escalations import incident_clocks, ladder, rfh_clocks
from apps.escalations.audiences import Directory, Told
from apps.incidents.models import Incident
from apps.people.models import Agent
from apps.rfhs.models import RFH
from apps.sla.audiences import Audience
from apps.sla.durations import spell
from apps.sla.matching import Facts, PolicyRule, PromiseRule, Rung, Verdict, govern
from apps.sla.models import Promise, how_soon
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
    audience: Audience
    due_at: datetime
    told: Told


@dataclass(frozen=True)
class Course:
    """One promise, from its beginning to its last tier; `policy` is whose it is."""

    promise: PromiseRule
    policy: PolicyRule
    due_at: datetime
    steps: tuple[Step, ...]

    @property
    def title(self) -> str:
        """ "First response within 50 min"."""
        kind = Promise.Kind(self.promise.kind)
        return f"{kind.label} {how_soon(kind)} {spell(self.promise.within)}"


@dataclass(frozen=True)
class Trial:
    """The answer: the policies asked, in order, up to the one that governs, and the course of each promise."""

    verdict: Verdict
    asked: tuple[Asked, ...]
    courses: tuple[Course, ...]


def attempt(rules: Sequence[PolicyRule], facts: Facts, *, at: datetime) -> Trial:
    """What the policies would do with a ticket of these facts that came at `at`, unanswered."""
    verdict = govern(rules, facts)
    courses = [
        _course(promise, verdict.policy, _as_it_says, at=at, known={})
        for promise in verdict.promises
        if verdict.policy is not None
    ]
    return Trial(verdict, _asked(rules, facts, verdict), tuple(courses))


def attempt_request(rules: Sequence[PolicyRule], rfh: RFH, *, at: datetime) -> Trial:
    """What the policies would do with such a request, which need not be saved, filed at `at` and left alone."""
    facts = rfh_clocks.facts_of(rfh)
    courses = [
        _course(
            one.promise,
            one.policy,
            partial(_of_request, rfh, kind),
            at=at,
            known=rfh_clocks.people_of([rfh]),
        )
        for kind, one in sorted(rfh_clocks.promised_to(rfh, rules).items())
    ]
    verdict = govern(rules, facts)
    return Trial(verdict, _asked(rules, facts, verdict), tuple(courses))


def attempt_incident(rules: Sequence[PolicyRule], incident: Incident, *, at: datetime) -> Trial:
    """What the policies would do with such an incident, which need not be saved, declared at `at` and left alone."""
    facts = incident_clocks.facts_of(incident)
    courses = [
        _course(
            one.promise,
            one.policy,
            lambda audience, directory: incident_clocks.bound(audience, incident, directory),
            at=at,
            known=incident_clocks.people_of([incident]),
        )
        for _, one in sorted(incident_clocks.promised_to(incident, rules).items())
    ]
    verdict = govern(rules, facts)
    return Trial(verdict, _asked(rules, facts, verdict), tuple(courses))


def _as_it_says(audience: Audience, _directory: Directory) -> Audience:
    return audience


def _of_request(rfh: RFH, kind: str, audience: Audience, _directory: Directory) -> Audience:
    return rfh_clocks.bound(audience, kind, rfh)


def _asked(rules: Sequence[PolicyRule], facts: Facts, verdict: Verdict) -> tuple[Asked, ...]:
    asked = []
    for rule in sorted(rules, key=lambda rule: (rule.position, rule.id)):
        asked.append(Asked(rule, passes_by(rule, facts)))
        if rule == verdict.policy:
            break
    return tuple(asked)


def _course(
    promise: PromiseRule,
    policy: PolicyRule,
    bound: Callable[[Audience, Directory], Audience],
    *,
    at: datetime,
    known: Mapping[str, Agent],
) -> Course:
    steps = []
    for index, each in enumerate(ladder.place(promise.rungs, started_at=at, snoozed=timedelta())):
        # Each tier at its own instant: by the third, the next shift may have come.
        directory = Directory(each.due_at, known=known)
        audience, *higher = [bound(rung.audience, directory) for rung in promise.rungs[index:]]
        steps.append(Step(each.rung, audience, each.due_at, directory.tell(audience, higher)))
    return Course(promise, policy, at + promise.within, tuple(steps))
