"""What happens to requests to swap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from apps.rotations.events import End, RotationName, RotationSlug, Start, span
from apps.trail.events import Event, Personal

SwapId = Annotated[int, "The request's id"]
SwapRole = Annotated[str, "The role"]
SwapPerson = Annotated[str, Personal, "The email of whose shift it is"]
SwapPersonName = Annotated[str, Personal, "What they are called"]
AskedBy = Annotated[str, Personal, "The email of who asked, for themselves or for the other"]
BackRole = Annotated[str, "The role that is taken in return; empty for nothing"]
BackStart = Annotated[datetime | None, "When what is taken in return begins"]
BackEnd = Annotated[datetime | None, "When it ends"]


@dataclass(frozen=True, kw_only=True)
class OfSwap:
    """What every event of a request says: which it is, and whose shift it is about."""

    request: SwapId
    rotation: RotationSlug
    name: RotationName
    role: SwapRole
    start: Start
    end: End
    person: SwapPerson
    person_name: SwapPersonName
    asked_by: AskedBy = ""

    @property
    def shift(self) -> str:
        return f"{self.role} of {self.person_name} in {self.name}, {span(self.start, self.end)}"


@dataclass(frozen=True, kw_only=True)
class SwapRequested(OfSwap, Event):
    """Somebody asks that another is on for them, in an interval of their shift."""

    to: Annotated[str, Personal, "The email of who is asked; empty: anyone in the roster"]
    to_name: Annotated[str, Personal, "What they are called; empty: anyone in the roster"]
    invited: Annotated[list[str], Personal, "The emails of everybody who may take it"]
    back_role: BackRole
    back_start: BackStart
    back_end: BackEnd
    message: Annotated[str, Personal, "What they say to those who are asked"]

    def sentence(self) -> str:
        whom = self.to_name or "anyone in the roster"
        back = ""
        if self.back_start is not None and self.back_end is not None:
            back = f", for {self.back_role} {span(self.back_start, self.back_end)}"
        return f"{whom[:1].upper()}{whom[1:]} was asked to take {self.shift}{back}"


@dataclass(frozen=True, kw_only=True)
class SwapTaken(OfSwap, Event):
    """Somebody takes what was asked for; the overrides that make it so follow."""

    taken_by: Annotated[str, Personal, "The email of who is on instead"]
    taken_by_name: Annotated[str, Personal, "What they are called"]
    back_role: BackRole
    back_start: BackStart
    back_end: BackEnd

    def sentence(self) -> str:
        back = ""
        if self.back_start is not None and self.back_end is not None:
            back = f", and {self.person_name} {self.back_role} {span(self.back_start, self.back_end)} in return"
        return f"{self.taken_by_name} takes {self.shift}{back}"


@dataclass(frozen=True, kw_only=True)
class SwapDeclined(OfSwap, Event):
    """Somebody who was asked does not take it; with the last of them the request is over."""

    declined_by: Annotated[str, Personal, "The email of who declined"]
    declined_by_name: Annotated[str, Personal, "What they are called"]
    over: Annotated[bool, "Whether nobody is left who could take it"]

    def sentence(self) -> str:
        return f"{self.declined_by_name} does not take {self.shift}" + (
            "; nobody is left to take it" if self.over else ""
        )


@dataclass(frozen=True, kw_only=True)
class SwapWithdrawn(OfSwap, Event):
    """A request to swap is not asked any more."""

    def sentence(self) -> str:
        return f"It is not asked any more to take {self.shift}"


@dataclass(frozen=True, kw_only=True)
class SwapExpired(OfSwap, Event):
    """A request to swap began before anybody took it; the shift stays whose it was."""

    def sentence(self) -> str:
        return f"Nobody took {self.shift} before it began"
