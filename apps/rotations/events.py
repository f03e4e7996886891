"""What happens to rotations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

from apps.trail.events import Event, Personal

RotationSlug = Annotated[str, "The rotation's slug"]
RotationName = Annotated[str, "The rotation's name"]
OverrideId = Annotated[int, "The override's id"]
RoleName = Annotated[str, "The role; empty for every role"]
Away = Annotated[str, Personal, "The email of who is not on; empty when nobody is replaced"]
On = Annotated[str, Personal, "The email of who is on; empty when nobody comes instead"]
Words = Annotated[str, Personal, "The override in words, with names"]
Start = Annotated[datetime, "When it begins"]
End = Annotated[datetime, "When it ends"]


def span(start: datetime, end: datetime) -> str:
    """ "20 Mar 09:00 to 27 Mar 09:00 UTC"."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    return f"{start:%-d %b %H:%M} to {end:%-d %b %H:%M} UTC"


@dataclass(frozen=True, kw_only=True)
class RosterChanged(Event):
    """Other people take a layer's turns from an instant on."""

    rotation: RotationSlug
    name: RotationName
    layer: Annotated[str, "The layer's name"]
    role: Annotated[str, "The role it fills"]
    effective_at: Annotated[datetime | None, "When the new roster takes over; none: it is the layer's first"]
    before: Annotated[list[list[str]], Personal, "The emails before, by turn"]
    after: Annotated[list[list[str]], Personal, "The emails from then on, by turn"]

    def sentence(self) -> str:
        if self.effective_at is None:
            return f"The roster of {self.layer} in {self.name} was {'set anew' if self.before else 'set'}"
        when = f"{self.effective_at.astimezone(UTC):%-d %b %H:%M} UTC"
        return f"The roster of {self.layer} in {self.name} is another one from {when}"


@dataclass(frozen=True, kw_only=True)
class RosterWithdrawn(Event):
    """A roster that had not taken over yet never will."""

    rotation: RotationSlug
    name: RotationName
    layer: Annotated[str, "The layer's name"]
    effective_at: Annotated[datetime, "When it would have taken over"]
    people: Annotated[list[list[str]], Personal, "The emails it had, by turn"]

    def sentence(self) -> str:
        at = self.effective_at.astimezone(UTC)
        return f"The roster of {self.layer} in {self.name} planned for {at:%-d %b %H:%M} UTC was withdrawn"


@dataclass(frozen=True, kw_only=True)
class OfOverride:
    """What every event of an override says of it."""

    rotation: RotationSlug
    name: RotationName
    override: OverrideId
    role: RoleName
    start: Start
    end: End
    remove: Away
    add: On
    words: Words


@dataclass(frozen=True, kw_only=True)
class OverrideAdded(OfOverride, Event):
    """Somebody will be on duty, or not be, otherwise than the rotation says."""

    reason: Annotated[str, Personal, "Why, in the words of who made it"]

    def sentence(self) -> str:
        return f"Override in {self.name}, {span(self.start, self.end)}: {self.words} ({self.reason})"


@dataclass(frozen=True, kw_only=True)
class OverrideEnded(OfOverride, Event):
    """An override in progress ended before its time; what it was so far stays."""

    end: Annotated[datetime, "When it would have ended"]
    reason: Annotated[str, Personal, "Why, in the words of who ended it"]

    def sentence(self) -> str:
        return f"The override in {self.name} ended early: {self.words}" + (f" ({self.reason})" if self.reason else "")


@dataclass(frozen=True, kw_only=True)
class OverrideWithdrawn(OfOverride, Event):
    """An override that had not begun will not be."""

    reason: Annotated[str, Personal, "Why, in the words of who withdrew it"]

    def sentence(self) -> str:
        text = f"The override in {self.name}, {span(self.start, self.end)}, was withdrawn: {self.words}"
        return text + (f" ({self.reason})" if self.reason else "")


@dataclass(frozen=True, kw_only=True)
class RotationArchived(Event):
    """Nobody is on duty by the rotation any more; who was on stays known."""

    rotation: RotationSlug
    name: RotationName

    def sentence(self) -> str:
        return f"The rotation {self.name} was archived"


@dataclass(frozen=True, kw_only=True)
class RotationRestored(Event):
    """An archived rotation goes on from now."""

    rotation: RotationSlug
    name: RotationName

    def sentence(self) -> str:
        return f"The rotation {self.name} was restored"


@dataclass(frozen=True, kw_only=True)
class ShiftsMoved(Event):
    """A change of a rotation moved coming shifts: who is on in a role is not who it was."""

    rotation: RotationSlug
    name: RotationName
    change: Annotated[str, Personal, "What was changed, in words"]
    reason: Annotated[str, Personal, "Why, in the words of who changed it; empty when they said nothing"]
    since: Annotated[datetime, "From when on it was looked at"]
    until: Annotated[datetime | None, "Up to when it was looked at; none: nothing moves after the last"]
    people: Annotated[list[str], Personal, "The emails of those whose shifts come, go or move"]
    names: Annotated[dict[str, str], Personal, "What everybody named here is called, by email"]
    moves: Annotated[
        list[dict[str, Any]], Personal, "The first of them: role, start, end, and the emails before and after"
    ]
    more: Annotated[int, "How many further ones there are"] = 0
    hear_otherwise: Annotated[list[str], Personal, "The emails of those who did it, or are told in other words"] = (
        field(default_factory=list)
    )

    def sentence(self) -> str:
        who = ", ".join(self.names.get(email, email) for email in self.people[:5])
        rest = f" and {len(self.people) - 5} more" if len(self.people) > 5 else ""
        return f"Coming shifts of {who}{rest} in {self.name} moved: {self.change}"


CalendarId = Annotated[int, "The calendar's id"]
CalendarName = Annotated[str, "The calendar's name"]


@dataclass(frozen=True, kw_only=True)
class CalendarChanged(Event):
    """What a calendar says of who is on shift, or away, is not what it said before."""

    calendar: CalendarId
    name: CalendarName
    added: Annotated[int, "How many of its entries are new"]
    changed: Annotated[int, "How many moved, or say something else or name somebody else"]
    removed: Annotated[int, "How many are no more"]
    entries: Annotated[list[str], Personal, "The first twenty of them, with what became of each and their times"]

    def sentence(self) -> str:
        counts = ((self.added, "new"), (self.changed, "changed"), (self.removed, "gone"))
        said = ", ".join(f"{count} {word}" for count, word in counts if count)
        return f"The calendar {self.name} says otherwise than before: {said}"


@dataclass(frozen=True, kw_only=True)
class CalendarUnread(Event):
    """A calendar could not be read; what was read last goes on to count."""

    calendar: CalendarId
    name: CalendarName
    reason: Annotated[str, "Why, in a sentence"]
    copy_of: Annotated[datetime | None, "When the copy that counts was read; none: it never was"]

    def sentence(self) -> str:
        return f"The calendar {self.name} could not be read: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class CalendarReadAgain(Event):
    """A calendar that could not be read is read again."""

    calendar: CalendarId
    name: CalendarName
    since: Annotated[datetime, "Since when it could not be read"]

    def sentence(self) -> str:
        return f"The calendar {self.name} is read again, for the first time since {self.since:%-d %b %H:%M} UTC"


@dataclass(frozen=True, kw_only=True)
class CalendarPointedElsewhere(Event):
    """A calendar is read from another address, or its times in another zone."""

    calendar: CalendarId
    name: CalendarName
    source: Annotated[str, "Of which kind the calendar is"]

    def sentence(self) -> str:
        return f"The calendar {self.name} is read from another place ({self.source}), or in another zone"


AddressOfRotation = Annotated[str, "The rotation's slug; empty when it is a person's own calendar"]
AddressOfPerson = Annotated[str, Personal, "The person's email; empty when it is a rotation's calendar"]
AddressName = Annotated[str, Personal, "The name of the rotation or of the person"]


@dataclass(frozen=True, kw_only=True)
class CalendarAddressMade(Event):
    """A calendar can be subscribed to at a secret address."""

    rotation: AddressOfRotation
    person: AddressOfPerson
    name: AddressName
    anew: Annotated[bool, "Whether it takes the place of another, which opens nothing any more"]

    def sentence(self) -> str:
        end = "; the one before opens nothing any more" if self.anew else ""
        return f"A secret address was made for the calendar of {self.name}{end}"


@dataclass(frozen=True, kw_only=True)
class CalendarAddressRevoked(Event):
    """The secret address of a calendar opens nothing any more."""

    rotation: AddressOfRotation
    person: AddressOfPerson
    name: AddressName

    def sentence(self) -> str:
        return f"The secret address of the calendar of {self.name} was revoked"
