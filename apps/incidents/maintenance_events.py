"""What happens to planned work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from apps.trail.events import Event, Personal


@dataclass(frozen=True, kw_only=True)
class OfMaintenance:
    """What every event of maintenance says of it."""

    maintenance: Annotated[int, "The maintenance's key"]
    title: Annotated[str, Personal, "What is worked on, in a line"]
    public: Annotated[bool, "Whether it is on the public page"]
    starts_at: Annotated[datetime, "When it begins, as planned"]
    ends_at: Annotated[datetime, "When it ends, as planned"]
    components: Annotated[list[str], "The slugs of the components that are worked on"]
    by: Annotated[str, Personal, "Who it was, by name"]
    email: Annotated[str, Personal, "Their email; empty when it was no agent"]


@dataclass(frozen=True, kw_only=True)
class MaintenancePlanned(OfMaintenance, Event):
    """Components will be worked on."""

    public_text: Annotated[str, Personal, "What the public reads of it"]
    internal_note: Annotated[str, Personal, "What is for us alone"]

    def sentence(self) -> str:
        return f"{self.by} planned maintenance: {self.title}"


@dataclass(frozen=True, kw_only=True)
class MaintenanceChanged(OfMaintenance, Event):
    """What is planned was changed."""

    changes: Annotated[dict[str, list[Any]], Personal, "Field to its value before and after"]
    was_public: Annotated[bool, "Whether it was on the public page until now"]

    def sentence(self) -> str:
        names = ", ".join(name.replace("_", " ") for name in self.changes)
        return f"{self.by} changed the {names} of the maintenance “{self.title}”"


@dataclass(frozen=True, kw_only=True)
class MaintenanceNear(OfMaintenance, Event):
    """It begins soon, so who subscribed hears once more."""

    def sentence(self) -> str:
        return f"Maintenance begins soon: {self.title}"


@dataclass(frozen=True, kw_only=True)
class MaintenanceUpdated(OfMaintenance, Event):
    """Something was said of how it stands."""

    update: Annotated[int, "Which word on it this is, from 1"]
    status: Annotated[str, "scheduled, in_progress or verifying"]
    public_text: Annotated[str, Personal, "What the public reads; empty when nothing"]
    internal_note: Annotated[str, Personal, "What is for us alone; empty when nothing"]

    def sentence(self) -> str:
        said = self.public_text or self.internal_note or f"it is {self.status.replace('_', ' ')}"
        return f"{self.by} on the maintenance “{self.title}”: {said}"


@dataclass(frozen=True, kw_only=True)
class MaintenanceBegan(OfMaintenance, Event):
    """The components are worked on from now on."""

    at: Annotated[datetime, "Since when: as planned where it began by itself"]
    by_itself: Annotated[bool, "Whether nobody had to say so"]

    def sentence(self) -> str:
        return f"Maintenance began: {self.title}" if self.by_itself else f"{self.by} began maintenance: {self.title}"


@dataclass(frozen=True, kw_only=True)
class MaintenanceCompleted(OfMaintenance, Event):
    """The work is done."""

    at: Annotated[datetime, "Since when: as planned where it ended by itself"]
    by_itself: Annotated[bool, "Whether nobody had to say so"]

    def sentence(self) -> str:
        return f"Maintenance ended: {self.title}" if self.by_itself else f"{self.by} ended maintenance: {self.title}"


@dataclass(frozen=True, kw_only=True)
class MaintenanceCancelled(OfMaintenance, Event):
    """It does not take place, or was broken off; the public page forgets it."""

    because: Annotated[str, Personal, "Why, for us alone"]

    def sentence(self) -> str:
        return f"{self.by} cancelled the maintenance “{self.title}”: {self.because}"
