"""What happens to the issues of requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from apps.rfhs.events import OfRFH
from apps.trail.events import Event, Personal


@dataclass(frozen=True, kw_only=True)
class OfIssue(OfRFH):
    """What every event of a request's issue says of it."""

    team: Annotated[str, "The slug of the team that has the request; empty while none has"]
    tracker: Annotated[str, "private or public"]
    repository: Annotated[str, "owner/repo; empty while there is no issue"]
    number: Annotated[int, "The issue's number; 0 while there is none"]
    url: Annotated[str, "Its address; empty while there is none"]

    @property
    def called(self) -> str:
        return f"{self.repository}#{self.number}" if self.number else f"the {self.tracker} issue"


@dataclass(frozen=True, kw_only=True)
class RFHIssueOpened(OfIssue, Event):
    """The request has its issue: one was made, or one that was there was linked."""

    title: Annotated[str, Personal, "What the issue is called"]
    linked: Annotated[bool, "Whether it was there before"]
    state: Annotated[str, "open or closed"]

    def sentence(self) -> str:
        return f"RFH-{self.rfh} is {self.called}{', which was there before' if self.linked else ''}: {self.title}"


@dataclass(frozen=True, kw_only=True)
class RFHIssueDelayed(OfIssue, Event):
    """There is no issue yet; told once, so that the team hears without a link."""

    why: Annotated[str, "What keeps it from being made, in a sentence"]
    given_up: Annotated[bool, "Whether somebody has to do something before it is tried again"]

    def sentence(self) -> str:
        return f"RFH-{self.rfh} has no {self.tracker} issue yet: {self.why}"


@dataclass(frozen=True, kw_only=True)
class RFHIssueTried(OfIssue, Event):
    """Somebody mended what was in the way, and has the issue made or linked again."""

    def sentence(self) -> str:
        return f"{self.by} has {self.called} of RFH-{self.rfh} tried again"


@dataclass(frozen=True, kw_only=True)
class RFHIssueLinkAsked(OfIssue, Event):
    """Somebody named an issue that is there already, to be read and linked."""

    def sentence(self) -> str:
        return f"{self.by} has {self.called} linked to RFH-{self.rfh}"


@dataclass(frozen=True, kw_only=True)
class RFHIssueTold(OfIssue, Event):
    """What we had to say stands on the issue."""

    text: Annotated[str, Personal, "The comment"]
    comment_url: Annotated[str, "Its address"]

    def sentence(self) -> str:
        return f"{self.called} of RFH-{self.rfh} was told: {self.text}"


@dataclass(frozen=True, kw_only=True)
class RFHIssueUntold(OfIssue, Event):
    """What we had to say could not be written on the issue, and will not be: somebody says it by hand."""

    text: Annotated[str, Personal, "What was to be said"]
    why: Annotated[str, "What is in the way, in a sentence"]

    def sentence(self) -> str:
        return f"{self.called} of RFH-{self.rfh} could not be told: {self.why}"


@dataclass(frozen=True, kw_only=True)
class RFHIssueCommented(OfIssue, Event):
    """Somebody wrote on the issue."""

    text: Annotated[str, Personal, "The comment"]
    comment_url: Annotated[str, "Its address"]
    public: Annotated[bool, "Whether everybody can read it"]
    said_at: Annotated[datetime, "When it was written"]

    def sentence(self) -> str:
        return f"{self.by} on {self.called} of RFH-{self.rfh}{', in public' if self.public else ''}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class RFHIssueCommentChanged(OfIssue, Event):
    """A comment on the issue was edited, or deleted."""

    text: Annotated[str, Personal, "The comment as it is now; empty when it was deleted"]
    comment_url: Annotated[str, "Its address"]
    deleted: Annotated[bool, "Whether it is gone"]

    def sentence(self) -> str:
        what = "was deleted" if self.deleted else f"says now: {self.text}"
        return f"A comment of {self.by} on {self.called} of RFH-{self.rfh} {what}"


@dataclass(frozen=True, kw_only=True)
class RFHIssueClosed(OfIssue, Event):
    """The issue was closed in the tracker; the request stays where it is until support says so."""

    def sentence(self) -> str:
        return f"{self.by} closed {self.called} of RFH-{self.rfh}"


@dataclass(frozen=True, kw_only=True)
class RFHIssueReopened(OfIssue, Event):
    """The issue was opened again in the tracker."""

    def sentence(self) -> str:
        return f"{self.by} reopened {self.called} of RFH-{self.rfh}"
