"""What happens to incidents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from apps.trail.events import Event, Personal


@dataclass(frozen=True, kw_only=True)
class OfIncident:
    """What every event of an incident says of it."""

    incident: Annotated[int, "The incident's key"]
    number: Annotated[str, "What people call it, as in INC-7"]
    title: Annotated[str, Personal, "What is broken, in a line"]
    severity: Annotated[str, "sev-1 to sev-5"]
    level: Annotated[str, "L1 to L4"]
    by: Annotated[str, Personal, "Who it was, by name"]
    email: Annotated[str, Personal, "Their email; empty when it was no agent"]


@dataclass(frozen=True, kw_only=True)
class IncidentDeclared(OfIncident, Event):
    """Something is broken, and somebody said so."""

    description: Annotated[str, Personal, "What happens, for us alone"]
    reported_at: Annotated[datetime, "When it began, as far as known"]
    source: Annotated[str, "admin, slack, api, ticket or rfh"]
    point: Annotated[str, Personal, "The email of who works on it; empty when nobody is named"]
    contact: Annotated[str, Personal, "The email of whom everybody asks; empty when nobody is named"]
    lead: Annotated[str, Personal, "The email of who leads; empty when nobody is named or on duty"]
    tickets: Annotated[list[str], "The numbers of the tickets it is about"]
    rfhs: Annotated[list[int], "The numbers of the requests for help it is about"]

    def sentence(self) -> str:
        return f"{self.by} declared {self.number}, {self.severity}: {self.title}"


@dataclass(frozen=True, kw_only=True)
class IncidentAcknowledged(OfIncident, Event):
    """Somebody looks at it; the time to acknowledge is counted to here."""

    reported_at: Annotated[datetime, "When it began"]

    def sentence(self) -> str:
        return f"{self.by} acknowledged {self.number}: {self.title}"


@dataclass(frozen=True, kw_only=True)
class IncidentUpdated(OfIncident, Event):
    """Something was said of how it stands, in public, among ourselves, or both."""

    update: Annotated[int, "Which update of the incident it is, from 1"]
    before: Annotated[str, "Its status until now"]
    status: Annotated[str, "investigating, identified, monitoring, resolved or invalid"]
    public_text: Annotated[str, Personal, "What the public reads once it is published; empty when nothing"]
    internal_note: Annotated[str, Personal, "What is for us alone; empty when nothing"]
    published: Annotated[bool, "Whether the public reads it from now on"]
    awaiting: Annotated[bool, "Whether it waits for somebody who may publish"]
    components: Annotated[list[dict[str, Any]], "Each component that changed, with name, old and new"]

    def sentence(self) -> str:
        said = self.public_text or self.internal_note or f"it is {self.status}"
        return f"{self.by} on {self.number}: {said}"


@dataclass(frozen=True, kw_only=True)
class IncidentChanged(OfIncident, Event):
    """What is known of an incident was changed."""

    changes: Annotated[dict[str, list[Any]], Personal, "Field to its value before and after"]

    def sentence(self) -> str:
        names = ", ".join(name.replace("_", " ") for name in self.changes)
        return f"{self.by} changed the {names} of {self.number}"


@dataclass(frozen=True, kw_only=True)
class IncidentClosed(OfIncident, Event):
    """It is over."""

    reported_at: Annotated[datetime, "When it began"]
    closed_at: Annotated[datetime, "When it ended"]

    def sentence(self) -> str:
        return f"{self.by} closed {self.number}: {self.title}"


@dataclass(frozen=True, kw_only=True)
class IncidentReopened(OfIncident, Event):
    """It was not over after all."""

    because: Annotated[str, Personal, "Why"]

    def sentence(self) -> str:
        return f"{self.by} reopened {self.number}: {self.because}"


@dataclass(frozen=True, kw_only=True)
class IncidentInvalidated(OfIncident, Event):
    """It was no incident; no figure counts it, and the public page forgets it."""

    because: Annotated[str, Personal, "Why"]
    was_public: Annotated[bool, "Whether the public could read it until now"]

    def sentence(self) -> str:
        return f"{self.by} marked {self.number} as invalid: {self.because}"


@dataclass(frozen=True, kw_only=True)
class IncidentPublished(OfIncident, Event):
    """The public reads it from now on, or reads what waited."""

    first: Annotated[bool, "Whether the public hears of it for the first time"]
    updates: Annotated[list[int], "Which of its updates the public reads from now on"]

    def sentence(self) -> str:
        return f"{self.by} {'published' if self.first else 'published what is new of'} {self.number}: {self.title}"


@dataclass(frozen=True, kw_only=True)
class IncidentUnpublished(OfIncident, Event):
    """The public page forgets it."""

    because: Annotated[str, Personal, "Why"]

    def sentence(self) -> str:
        return f"{self.by} took {self.number} off the public page: {self.because}"


@dataclass(frozen=True, kw_only=True)
class PublicationWanted(OfIncident, Event):
    """Somebody who may not publish wrote what the public should read; it waits for somebody who may."""

    public_text: Annotated[str, Personal, "What the public should read"]

    def sentence(self) -> str:
        return f"{self.by} asks that what is new of {self.number} be published"


@dataclass(frozen=True, kw_only=True)
class PublicationDeclined(OfIncident, Event):
    """What waited for the public page does not go there."""

    because: Annotated[str, Personal, "Why"]

    def sentence(self) -> str:
        return f"{self.by} declined to publish what waited of {self.number}: {self.because}"


@dataclass(frozen=True, kw_only=True)
class IncidentLinked(OfIncident, Event):
    """It is about these tickets and requests from now on, or no longer."""

    tickets: Annotated[list[str], "The tickets that were linked, by number"]
    rfhs: Annotated[list[int], "The requests that were linked"]
    tickets_removed: Annotated[list[str], "The tickets it is about no longer"]
    rfhs_removed: Annotated[list[int], "The requests it is about no longer"]

    def sentence(self) -> str:
        linked = [f"ticket {number}" for number in self.tickets] + [f"RFH-{number}" for number in self.rfhs]
        gone = [f"ticket {number}" for number in self.tickets_removed]
        gone += [f"RFH-{number}" for number in self.rfhs_removed]
        said = [f"linked {', '.join(linked)}"] if linked else []
        said += [f"removed {', '.join(gone)}"] if gone else []
        return f"{self.by} {' and '.join(said)}: {self.number}"


@dataclass(frozen=True, kw_only=True)
class IncidentChannelAsked(OfIncident, Event):
    """Somebody wants the incident to have a channel of its own; Slack is asked to make one."""

    def sentence(self) -> str:
        return f"{self.by} asked for a channel of {self.number}"


@dataclass(frozen=True, kw_only=True)
class IncidentChannelOpened(OfIncident, Event):
    """The incident has a channel of its own, and is spoken of there."""

    channel: Annotated[str, "The channel's id in Slack"]
    channel_name: Annotated[str, "What the channel is called"]

    def sentence(self) -> str:
        return f"{self.number} is spoken of in #{self.channel_name}, for which {self.by} had asked"


@dataclass(frozen=True, kw_only=True)
class IncidentChannelRefused(OfIncident, Event):
    """Slack makes no channel for the incident; it is spoken of in its thread."""

    because: Annotated[str, "What Slack said, and what to do about it"]

    def sentence(self) -> str:
        return f"{self.number} gets no channel, for which {self.by} had asked: {self.because}"


@dataclass(frozen=True, kw_only=True)
class RCALinked(OfIncident, Event):
    """Why it happened can be read."""

    url: Annotated[str, "Where"]
    public: Annotated[bool, "Whether the public may follow it"]

    def sentence(self) -> str:
        return f"{self.by} linked the RCA of {self.number}"


@dataclass(frozen=True, kw_only=True)
class IncidentUpdateEdited(OfIncident, Event):
    """What an update says was put right; what it said before stays here."""

    update: Annotated[int, "Which update of the incident it is, from 1"]
    changes: Annotated[dict[str, list[Any]], Personal, "Field to its value before and after"]
    published: Annotated[bool, "Whether the public reads it"]

    def sentence(self) -> str:
        return f"{self.by} corrected update {self.update} of {self.number}"


@dataclass(frozen=True, kw_only=True)
class MessagePinned(OfIncident, Event):
    """A message was pinned in Slack where the incident is spoken of, and belongs to its timeline."""

    channel: Annotated[str, "Its Slack channel"]
    ts: Annotated[str, "Slack's name of the message in the channel"]
    author: Annotated[str, Personal, "Who wrote it; empty when Slack does not say"]
    text: Annotated[str, Personal, "What it says"]
    url: Annotated[str, "Where it can be read; empty when Slack does not say"]
    said_at: Annotated[datetime, "When it was written"]

    def sentence(self) -> str:
        return f"{self.by} pinned a message{f' of {self.author}' if self.author else ''} to {self.number}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class MessageUnpinned(OfIncident, Event):
    """A message is pinned no longer, and left the timeline."""

    channel: Annotated[str, "Its Slack channel"]
    ts: Annotated[str, "Slack's name of the message in the channel"]
    text: Annotated[str, Personal, "What it says"]

    def sentence(self) -> str:
        return f"{self.by} unpinned a message of {self.number}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class RCAStarted(OfIncident, Event):
    """Somebody began to write why it happened."""

    def sentence(self) -> str:
        return f"{self.by} began the RCA of {self.number}"


@dataclass(frozen=True, kw_only=True)
class RCAChanged(OfIncident, Event):
    """What the RCA says was changed."""

    changes: Annotated[dict[str, list[Any]], Personal, "Part of it to what it said before and after"]

    def sentence(self) -> str:
        return f"{self.by} changed the {', '.join(self.changes)} in the RCA of {self.number}"


@dataclass(frozen=True, kw_only=True)
class RCAFinished(OfIncident, Event):
    """The RCA is written."""

    actions: Annotated[list[str], Personal, "What is to be done, each with by whom and until when"]

    def sentence(self) -> str:
        return f"{self.by} finished the RCA of {self.number}"


@dataclass(frozen=True, kw_only=True)
class RCATakenUp(OfIncident, Event):
    """A finished RCA is written on."""

    def sentence(self) -> str:
        return f"{self.by} writes on in the RCA of {self.number}"


@dataclass(frozen=True, kw_only=True)
class RCAActionDone(OfIncident, Event):
    """Something that the RCA asks for was done, or turned out not to be."""

    action: Annotated[str, Personal, "What was to be done"]
    done: Annotated[bool, "Whether it is done"]

    def sentence(self) -> str:
        return f"{self.by} says of the RCA of {self.number}: {'done' if self.done else 'not done'}: {self.action}"
