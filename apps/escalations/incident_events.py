"""What happens to the promises of an incident."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from apps.escalations.events import (
    PROMISES,
    CheckDueAt,
    CheckId,
    ClockId,
    DueAt,
    PolicyName,
    PromiseKind,
    StartedAt,
    TierPosition,
    Within,
)
from apps.sla.durations import spell
from apps.trail.events import Event, Personal

IncidentId = Annotated[int, "The incident's key"]
Number = Annotated[str, "What people call it, as in INC-7"]


@dataclass(frozen=True, kw_only=True)
class IncidentTierReached(Event):
    """What an incident is owed is in danger or overdue; `people` are told, each with the reason."""

    check: CheckId
    clock: ClockId
    incident: IncidentId
    number: Number
    title: Annotated[str, Personal, "What is broken, in a line"]
    severity: Annotated[str, "sev-1 to sev-5"]
    level: Annotated[str, "L1 to L4"]
    status: Annotated[str, "Where it stood, such as investigating"]
    point: Annotated[str, Personal, "Who works on it, by name; empty when nobody is named"]
    contact: Annotated[str, Personal, "Whom everybody asks, by name; empty when nobody is named"]
    lead: Annotated[str, Personal, "Who leads, by name; empty when nobody is named"]
    policy: PolicyName
    promise: PromiseKind
    within: Within
    tier: TierPosition
    round: Annotated[int, "How often its tiers have begun anew, 1 at first"]
    audience: Annotated[dict[str, Any], Personal, "Whom the tier means, as its policy says"]
    people: Annotated[list[dict[str, Any]], Personal, "Who that was: name, email, slack_id, because, until"]
    mentions: Annotated[list[str], "Slack user groups that were told as well"]
    channels: Annotated[list[str], "Slack channels that were told as well"]
    notes: Annotated[list[str], Personal, "Why others heard too"]
    words: Annotated[str, Personal, "The tier's own words, as a manager wrote them; empty without any"]
    started_at: StartedAt
    due_at: DueAt
    check_due_at: CheckDueAt
    next_tier: Annotated[dict[str, Any] | None, Personal, "Who hears next, and when; nothing after the last tier"]
    skipped: Annotated[list[int], "Lower tiers that were due at once and did not speak"] = field(default_factory=list)

    def sentence(self) -> str:
        names = [str(person["name"]) for person in self.people] + [f"#{channel}" for channel in self.channels]
        whom = ", ".join([*names, *self.mentions]) or "nobody"
        text = f"Tier {self.tier} of the {PROMISES[self.promise]} owed of {self.number} told {whom}"
        return f"{text} ({' '.join(self.notes)})" if self.notes else text


@dataclass(frozen=True, kw_only=True)
class IncidentTierSkipped(Event):
    """A tier was due together with a higher one, so only the higher one spoke."""

    check: CheckId
    clock: ClockId
    incident: IncidentId
    number: Number
    promise: PromiseKind
    tier: TierPosition
    reached: Annotated[int, "The position of the tier that spoke"]
    check_due_at: CheckDueAt

    def sentence(self) -> str:
        what = f"Tier {self.tier} of the {PROMISES[self.promise]} owed of {self.number}"
        return f"{what} was passed over: tier {self.reached} was due as well"


@dataclass(frozen=True, kw_only=True)
class IncidentSnoozed(Event):
    """Whoever would be reminded of an incident is left alone for a while; what is owed stays due when it was."""

    incident: IncidentId
    number: Number
    title: Annotated[str, Personal, "What is broken, in a line"]
    by: Annotated[str, Personal, "Who it was, by name"]
    email: Annotated[str, Personal, "Their email; empty when it was no agent"]
    because: Annotated[str, Personal, "Why"]
    how_long: Annotated[timedelta, "How far the waiting tiers were pushed"]
    next_at: Annotated[datetime | None, "When the next tier is due; nothing when none waits"]

    def sentence(self) -> str:
        return f"{self.by} snoozed the reminders of {self.number} for {spell(self.how_long)}: {self.because}"
