"""Which policy governs a subject. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from apps.sla.audiences import Audience


@dataclass(frozen=True)
class Rung:
    """A tier as a value: so long after the start, tell this audience."""

    tier: int
    after: timedelta
    audience: Audience
    message: str = ""


@dataclass(frozen=True)
class PromiseRule:
    """What is promised within how long, and who hears on the way."""

    kind: str
    within: timedelta
    rungs: tuple[Rung, ...]
    repeat: int = 0


@dataclass(frozen=True)
class Facts:
    """What of a subject a policy looks at; an unknown plan or channel is empty."""

    plan: str
    severity: str
    channel: str
    type: str
    team: str = ""
    priority: str = ""
    level: str = ""


@dataclass(frozen=True)
class PolicyRule:
    """A policy as a value; empty conditions mean any."""

    id: int
    name: str
    position: int
    enabled: bool
    plans: frozenset[str]
    without_plan: bool
    severities: frozenset[str]
    channels: frozenset[str]
    excluded_types: frozenset[str]
    promises: tuple[PromiseRule, ...]
    teams: frozenset[str] = frozenset()
    priorities: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()

    def matches(self, facts: Facts) -> bool:
        """Whether every condition holds."""
        return (
            self.enabled
            and self._plan_matches(facts.plan)
            and (not self.severities or facts.severity in self.severities)
            and (not self.channels or facts.channel in self.channels)
            and (not self.teams or facts.team in self.teams)
            and (not self.priorities or facts.priority in self.priorities)
            and (not self.levels or facts.level in self.levels)
        )

    def _plan_matches(self, plan: str) -> bool:
        if not self.plans and not self.without_plan:
            return True
        return plan in self.plans if plan else self.without_plan


@dataclass(frozen=True)
class Verdict:
    """The policy that governs (None: no policy matches) and what it promises this subject."""

    policy: PolicyRule | None
    promises: tuple[PromiseRule, ...]
    because: str


def govern(rules: Iterable[PolicyRule], facts: Facts) -> Verdict:
    """The first rule that matches, by position.

    A type it excludes gets no promise, and no later policy is asked: who says "no promise for feedback"
    does not mean "so let the fallback page somebody".
    """
    for rule in sorted(rules, key=lambda rule: (rule.position, rule.id)):
        if rule.matches(facts):
            if facts.type in rule.excluded_types:
                return Verdict(rule, (), f"{rule.name} promises nothing for the type {facts.type}.")
            return Verdict(rule, rule.promises, f"{rule.name} is the first policy that matches.")
    return Verdict(None, (), "No policy matches.")
