"""What happens to cycles, their runs and their checklists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from apps.rotations.events import RotationName, RotationSlug
from apps.trail.events import Event, Personal

Number = Annotated[int, "The cycle's number, counted from 1"]
ItemId = Annotated[int, "The item's id"]
Text = Annotated[str, "What is to be done"]


def at(instant: datetime) -> str:
    """ "20 Mar 09:00 UTC"."""
    return f"{instant.astimezone(UTC):%-d %b %H:%M} UTC"


@dataclass(frozen=True, kw_only=True)
class CycleRunPlanned(Event):
    """It is known when the next cycle begins and ends."""

    rotation: RotationSlug
    name: RotationName
    number: Number
    starts_at: Annotated[datetime, "When it begins"]
    ends_at: Annotated[datetime, "When it ends"]

    def sentence(self) -> str:
        return f"Cycle {self.number} of {self.name} is planned from {at(self.starts_at)} to {at(self.ends_at)}"


@dataclass(frozen=True, kw_only=True)
class CycleRunStarted(Event):
    """A cycle began, and its checklist was made from the template."""

    rotation: RotationSlug
    name: RotationName
    number: Number
    starts_at: Annotated[datetime, "When it was to begin"]
    ends_at: Annotated[datetime, "When it ends"]
    people: Annotated[list[dict[str, str]], Personal, "Who serves in it: email, name and role of each"]
    items: Annotated[int, "How many things are to be done in it"]

    def sentence(self) -> str:
        return f"Cycle {self.number} of {self.name} began, with {self.items} things to do until {at(self.ends_at)}"


@dataclass(frozen=True, kw_only=True)
class CyclePhaseReached(Event):
    """A run went on to its next phase."""

    rotation: RotationSlug
    name: RotationName
    number: Number
    phase: Annotated[str, "monitor or handover"]
    incoming: Annotated[list[dict[str, str]], Personal, "Who takes over at its end: email, name and role of each"]

    def sentence(self) -> str:
        words = {"monitor": "is in Monitor", "handover": "is at its hand-over"}
        return f"Cycle {self.number} of {self.name} {words.get(self.phase, self.phase)}"


@dataclass(frozen=True, kw_only=True)
class CycleRunEnded(Event):
    """A cycle is over; what was not done in it is said."""

    rotation: RotationSlug
    name: RotationName
    number: Number
    open: Annotated[list[str], "What was not done"]
    because: Annotated[str, "Why it ended before its time; empty when it did not"]

    def sentence(self) -> str:
        left = f"; not done: {'; '.join(self.open)}" if self.open else ", and all of it is done"
        return f"Cycle {self.number} of {self.name} is over{f' ({self.because})' if self.because else ''}{left}"


@dataclass(frozen=True, kw_only=True)
class CycleRunMissed(Event):
    """A cycle was over before it could begin: the portal was not running, or runs were not to start."""

    rotation: RotationSlug
    name: RotationName
    number: Number

    def sentence(self) -> str:
        return f"Cycle {self.number} of {self.name} passed without a checklist"


@dataclass(frozen=True, kw_only=True)
class ChecklistItemDone(Event):
    """Something to do in a cycle is done."""

    rotation: RotationSlug
    name: RotationName
    number: Number
    item: ItemId
    text: Text

    def sentence(self) -> str:
        return f"Done in cycle {self.number} of {self.name}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class ChecklistItemReopened(Event):
    """Something that was ticked is to be done after all."""

    rotation: RotationSlug
    name: RotationName
    number: Number
    item: ItemId
    text: Text

    def sentence(self) -> str:
        return f"To be done after all in cycle {self.number} of {self.name}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class ChecklistItemAdded(Event):
    """A run has something more to do, beside what its template says."""

    rotation: RotationSlug
    name: RotationName
    number: Number
    item: ItemId
    text: Text
    due_at: Annotated[datetime, "When it is due"]

    def sentence(self) -> str:
        return f"Added to cycle {self.number} of {self.name}, due {at(self.due_at)}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class ChecklistItemChanged(Event):
    """Somebody else sees to it, or its note says something else."""

    rotation: RotationSlug
    name: RotationName
    number: Number
    item: ItemId
    text: Text
    owner: Annotated[str, Personal, "The email of who sees to it; empty when nobody does"]
    note: Annotated[str, Personal, "Its note"]

    def sentence(self) -> str:
        who = f" is {self.owner}'s" if self.owner else " is nobody's in particular"
        return f"{self.text}, in cycle {self.number} of {self.name},{who}" + (f": {self.note}" if self.note else "")


@dataclass(frozen=True, kw_only=True)
class ChecklistOverdue(Event):
    """Something to do in a cycle is overdue; its lead is reminded, or the team's channel where nobody leads."""

    rotation: RotationSlug
    name: RotationName
    number: Number
    item: ItemId
    text: Text
    due_at: Annotated[datetime, "When it was due"]
    again: Annotated[bool, "Whether somebody was reminded of it before"]
    lead: Annotated[str, Personal, "The email of who leads the cycle; empty when nobody does"]
    lead_slack_id: Annotated[str, Personal, "Their Slack id; empty when they have none"]
    owner: Annotated[str, Personal, "The name of who sees to it; empty when nobody does"]
    channel: Annotated[str, "The Slack id of the rotation's or the team's channel; empty when there is none"]

    def sentence(self) -> str:
        return f"Overdue {'still ' if self.again else ''}in cycle {self.number} of {self.name}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class DigestSent(Event):
    """The lead told stakeholders how a cycle goes."""

    rotation: RotationSlug
    name: RotationName
    number: Number
    text: Annotated[str, Personal, "The digest as it was written"]
    by: Annotated[str, Personal, "Who sent it"]
    people: Annotated[list[dict[str, str]], Personal, "Who gets it in person: email, name and Slack id of each"]
    channels: Annotated[list[str], "The Slack ids of the channels that get it"]

    def sentence(self) -> str:
        count = len(self.people) + len(self.channels)
        return f"A digest of cycle {self.number} of {self.name} went to {count} {'place' if count == 1 else 'places'}"
