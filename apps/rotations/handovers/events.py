"""What happens to hand-overs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from apps.rotations.events import RotationName, RotationSlug
from apps.trail.events import Event, Personal

HandOverId = Annotated[int, "The hand-over's id"]
Kind = Annotated[str, "full, or short: the one at mid-cycle"]
People = Annotated[
    list[dict[str, Any]], Personal, "Whom, each as {name, email, role, signs}; whoever signs confirms the hand-over"
]
Provider = Annotated[str, "Of which kind the item is, such as Pages"]
ItemId = Annotated[str, "The item's id within its kind"]
Title = Annotated[str, Personal, "What the item is called"]
To = Annotated[str, Personal, "Who owns it from then on, by name"]
Email = Annotated[str, Personal, "Their email"]
Note = Annotated[str, Personal, "The context that goes with the item"]
Channel = Annotated[str, "The Slack id of the rotation's or the team's channel, where there is one"]
By = Annotated[str, Personal, "Who did it, by name"]


def _kind(kind: str) -> str:
    return "short hand-over" if kind == "short" else "hand-over"


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%-d %b %H:%M} UTC"


def _names(people: list[dict[str, Any]]) -> str:
    return ", ".join(str(person["name"]) for person in people) or "nobody"


@dataclass(frozen=True, kw_only=True)
class OfHandOver:
    """What every event of a hand-over says of it."""

    handover: HandOverId
    rotation: RotationSlug
    name: RotationName


@dataclass(frozen=True, kw_only=True)
class OfKind(OfHandOver):
    """And which of a cycle's two it is."""

    kind: Kind


@dataclass(frozen=True, kw_only=True)
class OfItem(OfHandOver):
    """And the item it is about."""

    provider: Provider
    item: ItemId
    title: Title


@dataclass(frozen=True, kw_only=True)
class HandOverOpened(OfKind, Event):
    """A hand-over is there to be worked on."""

    changes_at: Annotated[datetime, "When people change"]
    due_at: Annotated[datetime, "By when it is to be confirmed"]
    outgoing: People
    incoming: People

    def sentence(self) -> str:
        people = f"from {_names(self.outgoing)} to {_names(self.incoming)}"
        return f"The {_kind(self.kind)} of {self.name} was opened, {people}; due {_day(self.due_at)}"


@dataclass(frozen=True, kw_only=True)
class HandOverPeopleChanged(OfKind, Event):
    """Others than before hand over, or take over: the rotation changed meanwhile."""

    outgoing: People
    incoming: People

    def sentence(self) -> str:
        return f"The {_kind(self.kind)} of {self.name} is from {_names(self.outgoing)} to {_names(self.incoming)} now"


@dataclass(frozen=True, kw_only=True)
class HandOverContextWritten(OfKind, Event):
    """What the incoming people should know, beside the items, was written down."""

    context: Annotated[str, Personal, "The whole text"]

    def sentence(self) -> str:
        return f"The context of the {_kind(self.kind)} of {self.name} was written"


@dataclass(frozen=True, kw_only=True)
class ItemNoted(OfItem, Event):
    """The context of an item that is handed over was written down."""

    note: Note

    def sentence(self) -> str:
        return f"For the hand-over of {self.name} it was noted of {self.title}: {self.note or 'nothing any more'}"


@dataclass(frozen=True, kw_only=True)
class ItemPassedOn(OfItem, Event):
    """An item went to somebody of the incoming people."""

    before: Annotated[str, Personal, "Whose it was, by name; empty when it was nobody's"]
    to: To
    email: Email
    note: Note

    def sentence(self) -> str:
        note = f" ({self.note})" if self.note else ""
        return f"{self.title} went from {self.before or 'nobody'} to {self.to} in the hand-over of {self.name}{note}"


@dataclass(frozen=True, kw_only=True)
class HandOverConfirmed(OfKind, Event):
    """Somebody confirmed a hand-over, for themselves or for somebody."""

    by: By
    people: Annotated[list[str], Personal, "Of whom it is confirmed by that, by name"]
    sides: Annotated[list[str], "As what: outgoing, incoming or both"]

    def sentence(self) -> str:
        others = [name for name in self.people if name != self.by]
        whose = f" for {', '.join(others)}" if others else ""
        if others and len(others) < len(self.people):
            whose = f" for themselves and {', '.join(others)}"
        return f"{self.by} confirmed the {_kind(self.kind)} of {self.name}{whose} ({' and '.join(self.sides)})"


@dataclass(frozen=True, kw_only=True)
class HandOverOverdue(OfKind, Event):
    """A hand-over is not confirmed although it is due; whoever has not confirmed it is reminded."""

    due_at: Annotated[datetime, "Since when"]
    changes_at: Annotated[datetime, "When people change"]
    missing: Annotated[
        list[dict[str, Any]], Personal, "Who has not confirmed it, each as {name, email, slack_id, side}"
    ]
    channel: Channel

    def sentence(self) -> str:
        return f"The {_kind(self.kind)} of {self.name} was due {_day(self.due_at)}; missing: {_names(self.missing)}"


@dataclass(frozen=True, kw_only=True)
class HandOverClosed(OfKind, Event):
    """A hand-over is over: confirmed, or overtaken by the change itself."""

    confirmed: Annotated[bool, "Whether everybody who confirms it had"]

    def sentence(self) -> str:
        how = "is confirmed and closed" if self.confirmed else "was not confirmed before people changed, and is closed"
        return f"The {_kind(self.kind)} of {self.name} {how}"


@dataclass(frozen=True, kw_only=True)
class LeftToTheLead(OfItem, Event):
    """An item that nobody took in a hand-over went to the incoming lead."""

    before: Annotated[str, Personal, "Whose it was, by name; empty when it was nobody's"]
    to: To
    email: Email

    def sentence(self) -> str:
        return f"Nobody took {self.title} in the hand-over of {self.name}: it went to {self.to}"


@dataclass(frozen=True, kw_only=True)
class HandOverSettled(OfHandOver, Event):
    """Whatever nobody took in a hand-over is with the incoming lead."""

    lead: Annotated[str, Personal, "The incoming lead, by name; empty when nothing was left"]
    slack_id: Annotated[str, Personal, "Their Slack id, where they have one"]
    channel: Channel
    left: Annotated[list[dict[str, str]], Personal, "What was left, each as {title, url, before, note}"]

    def sentence(self) -> str:
        if not self.left:
            return f"The hand-over of {self.name} left nothing behind"
        things = "one item" if len(self.left) == 1 else f"{len(self.left)} items"
        return f"The hand-over of {self.name} left {things} to {self.lead}"


@dataclass(frozen=True, kw_only=True)
class HandOverUnsettled(OfHandOver, Event):
    """What nobody took in a hand-over could not be given to the incoming lead; it is tried again."""

    because: Annotated[list[str], "Why, in sentences"]
    left: Annotated[list[str], Personal, "What is with nobody yet, as far as it could be read"]
    channel: Channel

    def sentence(self) -> str:
        return f"What the hand-over of {self.name} left is with nobody yet: {' '.join(self.because)}"
