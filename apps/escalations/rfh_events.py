"""What happens to the promises of a request for help."""

from __future__ import annotations

from dataclasses import dataclass, field
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
from apps.trail.events import Event, Personal

RFHNumber = Annotated[int, "The request's number, as in RFH-12"]


@dataclass(frozen=True, kw_only=True)
class RFHTierReached(Event):
    """What a request was promised is in danger or overdue; `people` are told, each with the reason."""

    check: CheckId
    clock: ClockId
    rfh: RFHNumber
    summary: Annotated[str, Personal, "What is needed, in a line"]
    team: Annotated[str, "The slug of the team that has it"]
    team_name: Annotated[str, "Its name"]
    customer: Annotated[str, Personal, "The customer's name; empty when unknown"]
    ticket: Annotated[str, "The ticket's number; empty when it is about none"]
    priority: Annotated[str, "p1 or p2"]
    level: Annotated[str, "L1 to L4; empty without one"]
    state: Annotated[str, "Where the request stood, such as filed"]
    owner: Annotated[str, Personal, "Who owns the work, by name; empty when nobody does"]
    accountable: Annotated[str, Personal, "Who answers to the customer, by name; empty when nobody does"]
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
        text = f"Tier {self.tier} of the {PROMISES[self.promise]} promised to RFH-{self.rfh} told {whom}"
        return f"{text} ({' '.join(self.notes)})" if self.notes else text


@dataclass(frozen=True, kw_only=True)
class RFHTierSkipped(Event):
    """A tier was due together with a higher one, so only the higher one spoke."""

    check: CheckId
    clock: ClockId
    rfh: RFHNumber
    promise: PromiseKind
    tier: TierPosition
    reached: Annotated[int, "The position of the tier that spoke"]
    check_due_at: CheckDueAt

    def sentence(self) -> str:
        what = f"Tier {self.tier} of the {PROMISES[self.promise]} promised to RFH-{self.rfh}"
        return f"{what} was passed over: tier {self.reached} was due as well"
