"""What happens to promises."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from apps.sla.durations import spell
from apps.trail.events import Event, Personal

PROMISES = {
    "first_response": "first response",
    "acknowledgement": "acknowledgement",
    "first_answer": "first answer",
    "update": "update",
}
# What stands between a promise and what it is made to; else it is "to".
OF = {
    ("acknowledgement", "page"): "of",
    ("acknowledgement", "rfh"): "of",
    ("acknowledgement", "incident"): "of",
    ("update", "rfh"): "on",
    ("update", "incident"): "on",
}

ClockId = Annotated[int, "The id of the running promise"]
CheckId = Annotated[int, "The id of the tier of this running promise"]
Number = Annotated[str, "The ticket's number in the help desk, or the page's, the request's or the incident's"]
Kind = Annotated[str, "What it is promised to: ticket, page, rfh or incident"]
PromiseKind = Annotated[str, "What is promised, such as first_response"]
PolicyName = Annotated[str, "The name of the policy that promises it"]
Within = Annotated[timedelta, "How long was promised at most"]
StartedAt = Annotated[datetime, "When the promise began to run"]
DueAt = Annotated[datetime, "When the promise falls due"]
TierPosition = Annotated[int, "The tier's position, 1 first"]
CheckDueAt = Annotated[datetime, "When the tier was due"]


def called(kind: str, number: str) -> str:
    """What a promise's subject is called in a sentence."""
    match kind:
        case "rfh":
            return f"RFH-{number}"
        case "incident":
            return number
        case _:
            return f"{kind} {number}"


def promised(promise: str, kind: str, number: str) -> str:
    """What is promised, and to what: "first response to ticket 4711"."""
    return f"{PROMISES[promise]} {OF.get((promise, kind), 'to')} {called(kind, number)}"


@dataclass(frozen=True, kw_only=True)
class ClockStarted(Event):
    """A promise started to run; `started_at` is the subject's own time."""

    clock: ClockId
    number: Number
    promise: PromiseKind
    policy: PolicyName
    within: Within
    started_at: StartedAt
    due_at: DueAt
    because: Annotated[str, "Why this policy governs the ticket"]
    kind: Kind = "ticket"

    def sentence(self) -> str:
        article = "an" if PROMISES[self.promise][0] in "aeiou" else "a"
        what = promised(self.promise, self.kind, self.number)
        return f"{self.policy} promises {article} {what} within {spell(self.within)}"


@dataclass(frozen=True, kw_only=True)
class ClockStopped(Event):
    """The promised thing happened, in time (met) or not (missed); `at` is when."""

    clock: ClockId
    number: Number
    promise: PromiseKind
    outcome: Annotated[str, "met or missed"]
    at: Annotated[datetime, "When the promised thing happened"]
    due_at: DueAt
    kind: Kind = "ticket"

    def sentence(self) -> str:
        what = promised(self.promise, self.kind, self.number)
        if self.outcome == "met":
            return f"The {what} came in time"
        return f"The {what} came {spell(max(self.at - self.due_at, timedelta(seconds=1)))} late"


@dataclass(frozen=True, kw_only=True)
class ClockCancelled(Event):
    """A promise no longer runs, and nobody will hear of it again."""

    clock: ClockId
    number: Number
    promise: PromiseKind
    because: Annotated[str, "Why it ended"]
    kind: Kind = "ticket"

    def sentence(self) -> str:
        return f"The {promised(self.promise, self.kind, self.number)} is no longer awaited: {self.because}"


@dataclass(frozen=True, kw_only=True)
class ClockRearranged(Event):
    """A running promise follows another policy, or its policy changed.

    `due_at` is before and after. `checks` names the tiers `added` and `cancelled`; `moved` has the new instant of
    each that changed, `before` the one it had.
    """

    clock: ClockId
    number: Number
    promise: PromiseKind
    policy: PolicyName
    due_at: Annotated[list[datetime], "When it was due before, and is now"]
    checks: Annotated[dict[str, Any], "The tiers that were added, moved and cancelled"]
    because: Annotated[str, "What changed"]
    kind: Kind = "ticket"

    def sentence(self) -> str:
        text = f"The promise to {called(self.kind, self.number)} was rearranged under {self.policy}: {self.because}"
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
    """A promise fell due unkept; `due_at` is when."""

    clock: ClockId
    number: Number
    promise: PromiseKind
    policy: PolicyName
    due_at: DueAt
    kind: Kind = "ticket"

    def sentence(self) -> str:
        if self.kind == "page":
            return f"Page {self.number} was not acknowledged in time"
        if self.promise == "acknowledgement":
            return f"{called(self.kind, self.number)} was not acknowledged in time"
        return f"The {PROMISES[self.promise]} promised to {called(self.kind, self.number)} was not given in time"


@dataclass(frozen=True, kw_only=True)
class EscalationReached(Event):
    """A tier was reached; `people` are those it meant at that instant, each with the reason."""

    check: CheckId
    clock: ClockId
    number: Number
    subject: Annotated[str, Personal, "What the customer called the ticket"]
    url: Annotated[str, "The ticket's address in the help desk; empty when not known"]
    customer: Annotated[str, Personal, "The customer's name; empty when not known"]
    plan: Annotated[str, "The plan's name; empty without one"]
    severity: Annotated[str, "urgent, high, normal or low"]
    type: Annotated[str, "What kind of ticket, such as problem or question"]
    policy: PolicyName
    promise: PromiseKind
    within: Within
    tier: TierPosition
    audience: Annotated[dict[str, Any], Personal, "Whom the tier means, as its policy says"]
    people: Annotated[list[dict[str, Any]], Personal, "Who that was: name, email, slack_id, because, until"]
    mentions: Annotated[list[str], "Slack user groups that were told as well"]
    channels: Annotated[list[str], "Slack channels that were told as well"]
    notes: Annotated[list[str], Personal, "Why others heard too"]
    message: Annotated[str, Personal, "The tier's own words, as a manager wrote them; empty without any"]
    started_at: StartedAt
    due_at: DueAt
    check_due_at: CheckDueAt
    next_tier: Annotated[dict[str, Any] | None, Personal, "Who hears next, and when; nothing after the last tier"]
    unknown_since: Annotated[datetime | None, "Since when the help desk cannot be asked; nothing when it was asked"]
    channel: Annotated[str, "The Slack channel the ticket was announced in; empty without one"]
    thread_ts: Annotated[str, "The message that announced it; empty without one"]
    skipped: Annotated[list[int], "Lower tiers that were due at once and did not speak"] = field(default_factory=list)

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

    check: CheckId
    clock: ClockId
    number: Number
    tier: TierPosition
    reached: Annotated[int, "The position of the tier that spoke"]
    check_due_at: CheckDueAt

    def sentence(self) -> str:
        return f"Tier {self.tier} of ticket {self.number} was passed over: tier {self.reached} was due as well"


@dataclass(frozen=True, kw_only=True)
class ChecksSnoozed(Event):
    """Every waiting check of the ticket was put off; `by` is how long, and the due stays."""

    number: Number
    by: Annotated[timedelta, "How far the waiting tiers were pushed"]
    next_at: Annotated[datetime | None, "When the next tier is due; nothing when none waits"]

    def sentence(self) -> str:
        return f"The escalation of ticket {self.number} was snoozed for {spell(self.by)}"
