"""What happens to the promises of an incident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from apps.escalations.standing_events import TierPassedOver, TierSpoke
from apps.sla.durations import spell
from apps.trail.events import Event, Personal

IncidentId = Annotated[int, "The incident's key"]
Number = Annotated[str, "What people call it, as in INC-7"]


@dataclass(frozen=True, kw_only=True)
class IncidentTierReached(TierSpoke, Event):
    """What an incident is owed is in danger or overdue; `people` are told, each with the reason."""

    incident: IncidentId
    number: Number
    title: Annotated[str, Personal, "What is broken, in a line"]
    severity: Annotated[str, "sev-1 to sev-5"]
    level: Annotated[str, "L1 to L4"]
    status: Annotated[str, "Where it stood, such as investigating"]
    point: Annotated[str, Personal, "Who works on it, by name; empty when nobody is named"]
    contact: Annotated[str, Personal, "Whom everybody asks, by name; empty when nobody is named"]
    lead: Annotated[str, Personal, "Who leads, by name; empty when nobody is named"]

    def sentence(self) -> str:
        return self.told(f"owed of {self.number}")


@dataclass(frozen=True, kw_only=True)
class IncidentTierSkipped(TierPassedOver, Event):
    """A tier was due together with a higher one, so only the higher one spoke."""

    incident: IncidentId
    number: Number

    def sentence(self) -> str:
        return self.passed_over(f"owed of {self.number}")


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
