"""What happens to promises."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.sla.durations import spell
from apps.trail.events import Event

PROMISES = {"first_response": "first response"}


@dataclass(frozen=True, kw_only=True)
class ClockStarted(Event):
    """A promise started to run at `started_at`, the subject's own time."""

    clock: int
    number: str
    promise: str
    policy: str
    within: timedelta
    started_at: datetime
    due_at: datetime
    because: str

    def sentence(self) -> str:
        return f"{self.policy} promises a {PROMISES[self.promise]} to ticket {self.number} within {spell(self.within)}"


@dataclass(frozen=True, kw_only=True)
class ClockStopped(Event):
    """The promised thing happened at `at`; in time (met) or not (missed)."""

    clock: int
    number: str
    promise: str
    outcome: str
    at: datetime
    due_at: datetime

    def sentence(self) -> str:
        if self.outcome == "met":
            return f"The {PROMISES[self.promise]} to ticket {self.number} came in time"
        late = spell(max(self.at - self.due_at, timedelta(seconds=1)))
        return f"The {PROMISES[self.promise]} to ticket {self.number} came {late} late"


@dataclass(frozen=True, kw_only=True)
class ClockCancelled(Event):
    """A promise no longer runs, and nobody will hear of it again."""

    clock: int
    number: str
    promise: str
    because: str

    def sentence(self) -> str:
        return f"The {PROMISES[self.promise]} to ticket {self.number} is no longer awaited: {self.because}"


@dataclass(frozen=True, kw_only=True)
class ClockRearranged(Event):
    """A running promise follows another policy, or its policy changed.

    `due_at` is before and after. `checks` names the tiers `added` and `cancelled`; `moved` has the new instant of
    each that changed, `before` the one it had.
    """

    clock: int
    number: str
    promise: str
    policy: str
    due_at: list[datetime]
    checks: dict[str, Any]
    because: str

    def sentence(self) -> str:
        text = f"The promise to ticket {self.number} was rearranged under {self.policy}: {self.because}"
        return "; ".join([text, *self._differences()])

    def _differences(self) -> list[str]:
        before = self.checks.get("before", {})
        found = ["due " + _from_to(*self.due_at)] if self.due_at[0] != self.due_at[1] else []
        for tier, to in self.checks.get("moved", {}).items():
            was = before.get(tier)
            if was is None or was == to:
                # Moved entries of before the old instants were kept say only that the tier changed.
                found.append(f"tier {tier} changed")
            else:
                found.append(f"tier {tier} {_from_to(datetime.fromisoformat(was), datetime.fromisoformat(to))}")
        found += [f"tier {tier} added" for tier in self.checks.get("added", ())]
        found += [f"tier {tier} cancelled" for tier in self.checks.get("cancelled", ())]
        return found


def _from_to(before: datetime, after: datetime) -> str:
    """`25 Nov 09:50 → 10:20 UTC`."""
    before, after = before.astimezone(UTC), after.astimezone(UTC)
    day = "" if before.date() == after.date() else f"{after:%-d %b} "
    return f"{before:%-d %b %H:%M} → {day}{after:%H:%M} UTC"


@dataclass(frozen=True, kw_only=True)
class PromiseBreached(Event):
    """A promise fell due unkept, at `due_at <= now`."""

    clock: int
    number: str
    promise: str
    policy: str
    due_at: datetime

    def sentence(self) -> str:
        return f"The {PROMISES[self.promise]} promised to ticket {self.number} was not given in time"


@dataclass(frozen=True, kw_only=True)
class EscalationReached(Event):
    """A tier was reached; `people` are those it meant at that instant, each with the reason."""

    check: int
    clock: int
    number: str
    subject: str
    url: str
    customer: str
    plan: str
    severity: str
    type: str
    policy: str
    promise: str
    within: timedelta
    tier: int
    audience: dict[str, Any]
    people: list[dict[str, Any]]
    mentions: list[str]
    channels: list[str]
    notes: list[str]
    message: str
    started_at: datetime
    due_at: datetime
    check_due_at: datetime
    next_tier: dict[str, Any] | None
    unknown_since: datetime | None
    channel: str
    thread_ts: str
    skipped: list[int] = field(default_factory=list)

    def sentence(self) -> str:
        whom = ", ".join(person["name"] for person in self.people) or self.audience.get("label", "nobody")
        text = f"Tier {self.tier} was reached for ticket {self.number}: {whom}"
        if self.notes:
            text = f"{text} ({' '.join(self.notes)})"
        if self.unknown_since:
            text = f"{text}; the help desk could not be asked"
        return text


@dataclass(frozen=True, kw_only=True)
class EscalationSkipped(Event):
    """A tier was due together with a higher one, so only the higher one spoke."""

    check: int
    clock: int
    number: str
    tier: int
    reached: int
    check_due_at: datetime

    def sentence(self) -> str:
        return f"Tier {self.tier} of ticket {self.number} was passed over: tier {self.reached} was due as well"


@dataclass(frozen=True, kw_only=True)
class ChecksSnoozed(Event):
    """Every waiting check of the ticket was pushed by `by`; the due stays."""

    number: str
    by: timedelta
    next_at: datetime | None

    def sentence(self) -> str:
        return f"The escalation of ticket {self.number} was snoozed for {spell(self.by)}"
