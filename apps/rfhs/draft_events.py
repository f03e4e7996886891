"""What happens to a request while it is written: what is added to it, and taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from apps.rfhs.events import OfRFH
from apps.trail.events import Event, Personal

Name = Annotated[str, Personal, "The file's name"]
Size = Annotated[int, "In bytes"]
Sha = Annotated[str, "SHA-256 of what is in it"]
About = Annotated[str, "The id of the event that is to be explained"]


@dataclass(frozen=True, kw_only=True)
class FileAttached(OfRFH, Event):
    """A screenshot, a log or another file came to a request."""

    name: Name
    size: Size
    sha256: Sha
    content_type: Annotated[str, "What it is, as its content says"]

    def sentence(self) -> str:
        return f"{self.by} attached {self.name} to RFH-{self.rfh}"


@dataclass(frozen=True, kw_only=True)
class FileRemoved(OfRFH, Event):
    """A file was taken off a request that no team had read yet."""

    name: Name
    size: Size
    sha256: Sha

    def sentence(self) -> str:
        return f"{self.by} removed {self.name} from RFH-{self.rfh}"


@dataclass(frozen=True, kw_only=True)
class ExplanationAsked(OfRFH, Event):
    """An event of the trail came to a request: engineering is asked to explain it."""

    event: About
    question: Annotated[str, Personal, "What is asked of it; empty when nothing was said"]

    def sentence(self) -> str:
        return f"{self.by} asked in RFH-{self.rfh} about an event: {self.question or 'explain why this happened'}"


@dataclass(frozen=True, kw_only=True)
class ExplanationDropped(OfRFH, Event):
    """An event need not be explained any more."""

    event: About

    def sentence(self) -> str:
        return f"{self.by} does not ask about an event in RFH-{self.rfh} any more"
