"""What the tiers of requests for help and of incidents say alike: the promise, whom they told, and who hears next."""

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
from apps.trail.events import Personal


@dataclass(frozen=True, kw_only=True)
class TierSpoke:
    """A tier of what is owed was reached; `people` were told, each with the reason."""

    check: CheckId
    clock: ClockId
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

    def told(self, owed: str) -> str:
        """The sentence; `owed` says of what, such as: promised to RFH-12."""
        names = [str(person["name"]) for person in self.people] + [f"#{channel}" for channel in self.channels]
        whom = ", ".join([*names, *self.mentions]) or "nobody"
        text = f"Tier {self.tier} of the {PROMISES[self.promise]} {owed} told {whom}"
        return f"{text} ({' '.join(self.notes)})" if self.notes else text


@dataclass(frozen=True, kw_only=True)
class TierPassedOver:
    """A tier was due together with a higher one, so only the higher one spoke."""

    check: CheckId
    clock: ClockId
    promise: PromiseKind
    tier: TierPosition
    reached: Annotated[int, "The position of the tier that spoke"]
    check_due_at: CheckDueAt

    def passed_over(self, owed: str) -> str:
        """The sentence; `owed` says of what, such as: promised to RFH-12."""
        what = f"Tier {self.tier} of the {PROMISES[self.promise]} {owed}"
        return f"{what} was passed over: tier {self.reached} was due as well"
