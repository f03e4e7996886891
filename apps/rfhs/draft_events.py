"""What happens to a request while it is written: what is added to it, and taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from apps.rfhs.events import OfRFH
from apps.trail.events import Event, Personal

Name = Annotated[str, Personal, "The file's name"]
Size = Annotated[int, "In bytes"]
Sha = Annotated[str, "SHA-256 of what is in it"]
About = Annotated[str, "The id of the event that is to be explained"]

# What a decision is called in a sentence; what comes with another is not.
IN_WORDS = {
    "team": "the team",
    "because": "not waiting for teammates",
    "tracker": "the tracker",
    "title": "the issue's title",
    "body": "the issue's text",
    "issue": "the issue to link",
}
NOT_SAID = frozenset({"area", "sub_team", "proposed"})


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


@dataclass(frozen=True, kw_only=True)
class FilingPrepared(OfRFH, Event):
    """It was decided whom a draft will ask, and how; nobody of them has heard of it yet."""

    changes: Annotated[dict[str, list[Any]], Personal, "What was decided, to its value before and after"]

    def sentence(self) -> str:
        names = [IN_WORDS.get(name, name.replace("_", " ")) for name in self.changes if name not in NOT_SAID]
        return f"{self.by} decided on {', '.join(names) or 'the filing'} of RFH-{self.rfh}"
