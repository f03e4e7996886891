"""What happens to requests for help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from apps.trail.events import Event, Personal


@dataclass(frozen=True, kw_only=True)
class OfRFH:
    """What every event of a request says of it."""

    rfh: Annotated[int, "The request's number, as in RFH-12"]
    summary: Annotated[str, Personal, "What is needed, in a line"]
    by: Annotated[str, Personal, "Who it was, by name"]
    email: Annotated[str, Personal, "Their email; empty when it was no agent"]


@dataclass(frozen=True, kw_only=True)
class RFHOpened(OfRFH, Event):
    """Somebody began a request for help; it is a draft, or an item that a team has at once."""

    ticket: Annotated[str, "The ticket's number; empty when it is about none"]
    customer: Annotated[str, Personal, "The customer's slug; empty when unknown"]
    kind: Annotated[str, "question, help, defect or feature"]
    priority: Annotated[str, "p1 or p2"]
    source: Annotated[str, "ticket, page, channel, board, ask_rnd, slack or api"]

    def sentence(self) -> str:
        about = f" about ticket {self.ticket}" if self.ticket else ""
        return f"{self.by} began RFH-{self.rfh}{about}: {self.summary or 'no summary yet'}"


@dataclass(frozen=True, kw_only=True)
class RFHChanged(OfRFH, Event):
    """What a request says was changed."""

    changes: Annotated[dict[str, list[Any]], Personal, "Field to its value before and after"]

    def sentence(self) -> str:
        names = ", ".join(name.replace("_", " ") for name in self.changes)
        return f"{self.by} changed the {names} of RFH-{self.rfh}"


@dataclass(frozen=True, kw_only=True)
class TeammatesAsked(OfRFH, Event):
    """Support's own people are asked first."""

    description: Annotated[str, Personal, "What happens, and what was tried"]
    ticket: Annotated[str, "The ticket's number; empty when it is about none"]

    def sentence(self) -> str:
        return f"{self.by} asked teammates about RFH-{self.rfh}: {self.summary}"


@dataclass(frozen=True, kw_only=True)
class SolvedByTeammate(OfRFH, Event):
    """A teammate knew; engineering was not needed."""

    answer: Annotated[str, Personal, "What solved it"]
    answered_by: Annotated[str, Personal, "Which teammate, by name"]

    def sentence(self) -> str:
        return f"{self.answered_by or 'A teammate'} solved RFH-{self.rfh}: engineering was not needed"


@dataclass(frozen=True, kw_only=True)
class RFHFiled(OfRFH, Event):
    """A team was asked; from now on it owes an acknowledgement."""

    ticket: Annotated[str, "The ticket's number; empty when it is about none"]
    customer: Annotated[str, Personal, "The customer's slug; empty when unknown"]
    kind: Annotated[str, "question, help, defect or feature"]
    priority: Annotated[str, "p1 or p2"]
    team: Annotated[str, "The team's slug"]
    team_name: Annotated[str, "The team's name"]
    area: Annotated[str, "The area's slug; empty when somebody chose the team alone"]
    engineering: Annotated[bool, "Whether it counts as engineering's help and makes an issue"]
    tracker: Annotated[str, "private or public; empty when it makes no issue"]
    skipped_teammates_because: Annotated[str, Personal, "Why teammates were not waited for; empty when they were"]
    proposed_area: Annotated[str, "What the table proposed; empty when nothing matched"]
    completeness: Annotated[int, "How complete the context was, in percent"]

    def sentence(self) -> str:
        return f"{self.by} asked {self.team_name} for help ({self.priority}): {self.summary}"


@dataclass(frozen=True, kw_only=True)
class RFHPublished(OfRFH, Event):
    """A defect gets a public issue beside its private one, without the customer."""

    team: Annotated[str, "The slug of the team that has the request; empty while none has"]
    private_url: Annotated[str, "The private issue's address; empty while there is none"]
    title: Annotated[str, "What everybody will read it is called"]

    def sentence(self) -> str:
        return f"{self.by} publishes the defect of RFH-{self.rfh}: {self.title}"


@dataclass(frozen=True, kw_only=True)
class RFHAcknowledged(OfRFH, Event):
    """Somebody of the team took the request."""

    team: Annotated[str, "The team's slug"]
    filed_at: Annotated[datetime, "When the team was asked"]

    def sentence(self) -> str:
        return f"{self.by} acknowledged RFH-{self.rfh}: {self.summary}"


@dataclass(frozen=True, kw_only=True)
class RFHStarted(OfRFH, Event):
    """Somebody of the team works on it."""

    team: Annotated[str, "The team's slug"]

    def sentence(self) -> str:
        return f"{self.by} works on RFH-{self.rfh}: {self.summary}"


@dataclass(frozen=True, kw_only=True)
class RFHHandedOver(OfRFH, Event):
    """Another team has it from now on; who had it before may keep the duty to tell how it goes."""

    from_team: Annotated[str, "The slug of the team that had it"]
    from_team_name: Annotated[str, "Its name"]
    team: Annotated[str, "The slug of the team that has it now"]
    team_name: Annotated[str, "Its name"]
    note: Annotated[str, Personal, "What the new owners must know"]
    communicator: Annotated[str, "The slug of the team that goes on telling everybody; empty when none does"]
    incident_channel: Annotated[str, "The Slack channel they should join; empty when there is none"]
    engineering: Annotated[bool, "Whether the new team's help counts as engineering's"]

    def sentence(self) -> str:
        kept = f"; {self.from_team_name} goes on telling how it goes" if self.communicator else ""
        return f"{self.by} handed RFH-{self.rfh} over from {self.from_team_name} to {self.team_name}{kept}"


@dataclass(frozen=True, kw_only=True)
class RFHAssigned(OfRFH, Event):
    """Somebody owns the work from now on."""

    team: Annotated[str, "The team's slug; empty while no team has it"]
    before: Annotated[str, Personal, "Who owned it, by name; empty when nobody did"]
    to: Annotated[str, Personal, "Who owns it now, by name"]
    to_email: Annotated[str, Personal, "Their email"]
    because: Annotated[str, "Why, such as: primary on shift, taken over, the hand-over"]
    before_email: Annotated[str, Personal, "The email of who owned it until now; empty when nobody did"] = ""

    def sentence(self) -> str:
        source = f" from {self.before}" if self.before else ""
        why = f" ({self.because})" if self.because else ""
        return f"RFH-{self.rfh} went{source} to {self.to}{why}"


@dataclass(frozen=True, kw_only=True)
class RFHTellingAssigned(OfRFH, Event):
    """A team handed it over and goes on telling how it goes; who of it does so changed."""

    team: Annotated[str, "The slug of the team that goes on telling"]
    before: Annotated[str, Personal, "Who told until now, by name; empty when nobody did"]
    to: Annotated[str, Personal, "Who tells from now on, by name"]
    to_email: Annotated[str, Personal, "Their email"]
    because: Annotated[str, "Why, such as: the hand-over"]

    def sentence(self) -> str:
        return f"{self.to} tells from now on how RFH-{self.rfh} goes{f', before {self.before}' if self.before else ''}"


@dataclass(frozen=True, kw_only=True)
class RFHUpdatePosted(OfRFH, Event):
    """Everybody was told how it stands."""

    team: Annotated[str, "The team's slug; empty while no team has it"]
    text: Annotated[str, Personal, "How it stands"]

    def sentence(self) -> str:
        return f"{self.by} on RFH-{self.rfh}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class RFHReplied(OfRFH, Event):
    """Somebody said something in the request's thread."""

    among: Annotated[str, "Whose thread: teammates, team, or source for the message it was made of"]
    text: Annotated[str, Personal, "What they said"]

    def sentence(self) -> str:
        return f"{self.by} on RFH-{self.rfh}, in Slack: {self.text}"


@dataclass(frozen=True, kw_only=True)
class RFHNudged(OfRFH, Event):
    """Nothing moved for days, and somebody asked how it stands."""

    team: Annotated[str, "The team's slug; empty while no team has it"]
    text: Annotated[str, Personal, "What they asked"]
    to_email: Annotated[str, Personal, "Whom: the owner's email; empty for the whole team"]

    def sentence(self) -> str:
        return f"{self.by} asked how RFH-{self.rfh} stands: {self.text}"


@dataclass(frozen=True, kw_only=True)
class RFHAnswered(OfRFH, Event):
    """The team gave its answer."""

    team: Annotated[str, "The team's slug"]
    answer: Annotated[str, Personal, "The answer"]
    filed_at: Annotated[datetime | None, "When the team was asked"]

    def sentence(self) -> str:
        return f"{self.by} answered RFH-{self.rfh}: {self.answer}"


@dataclass(frozen=True, kw_only=True)
class RFHResolved(OfRFH, Event):
    """The customer is served, and what was learned is written down."""

    solved_by: Annotated[str, "engineering, support or customer"]
    answer: Annotated[str, Personal, "The answer"]
    learned: Annotated[str, Personal, "What we learned"]

    def sentence(self) -> str:
        return f"{self.by} resolved RFH-{self.rfh}, solved by {self.solved_by}: {self.learned}"


@dataclass(frozen=True, kw_only=True)
class RFHRerouted(OfRFH, Event):
    """It is a feature, or a bug of low urgency: its owner plans it, and our part ends."""

    to: Annotated[str, "Who plans it now: product, or a team's name"]
    note: Annotated[str, Personal, "What they should know"]

    def sentence(self) -> str:
        return f"{self.by} re-routed RFH-{self.rfh} to {self.to}"


@dataclass(frozen=True, kw_only=True)
class RFHWithdrawn(OfRFH, Event):
    """Help is not needed any more."""

    because: Annotated[str, Personal, "Why"]

    def sentence(self) -> str:
        return f"{self.by} withdrew RFH-{self.rfh}: {self.because or 'no reason given'}"


@dataclass(frozen=True, kw_only=True)
class RFHReopened(OfRFH, Event):
    """It was not over after all."""

    to: Annotated[str, "The state it is in now: filed or draft"]
    because: Annotated[str, Personal, "Why"]

    def sentence(self) -> str:
        return f"{self.by} reopened RFH-{self.rfh}: {self.because or 'no reason given'}"


@dataclass(frozen=True, kw_only=True)
class IncidentNeeded(OfRFH, Event):
    """Its level is L1 or L2, so an incident is needed; it asks once as long as the need lasts."""

    level: Annotated[str, "L1 or L2"]
    customer: Annotated[str, Personal, "The customer's slug; empty when unknown"]
    ticket: Annotated[str, "The ticket's number; empty when it is about none"]

    def sentence(self) -> str:
        return f"RFH-{self.rfh} is {self.level}: an incident is needed"


@dataclass(frozen=True, kw_only=True)
class ItemWithoutOwner(OfRFH, Event):
    """A SET item came while nobody was primary on shift, so nobody owns it yet."""

    team: Annotated[str, "The team's slug"]
    team_name: Annotated[str, "The team's name"]

    def sentence(self) -> str:
        return f"Nobody is primary on shift for {self.team_name}, so nobody owns RFH-{self.rfh} yet"


@dataclass(frozen=True, kw_only=True)
class RFHPlaced(OfRFH, Event):
    """A hand put a request before or after others on the board, or gave it back the place of its rank."""

    above: Annotated[int, "The number of the request it stands directly after; 0 when it is the first"]
    below: Annotated[int, "The number of the request it stands directly before; 0 when it is the last"]
    by_hand: Annotated[bool, "Off: it stands where the priority of work puts it again"]

    def sentence(self) -> str:
        if not self.by_hand:
            return f"{self.by} gave RFH-{self.rfh} back the place of its rank"
        if not self.above:
            return f"{self.by} moved RFH-{self.rfh} to the top of the board by hand"
        return f"{self.by} moved RFH-{self.rfh} by hand, to below RFH-{self.above}"


@dataclass(frozen=True, kw_only=True)
class QuestionAnsweredHere(Event):
    """A question was answered where it was asked, in under an hour's work; there is no item."""

    team: Annotated[str, "The slug of the team that was asked"]
    team_name: Annotated[str, "Its name"]
    question: Annotated[str, Personal, "What was asked"]
    answer: Annotated[str, Personal, "The answer; empty when it stands where it was asked alone"]
    by: Annotated[str, Personal, "Who answered, by name"]
    email: Annotated[str, Personal, "Their email"]
    source: Annotated[str, "ticket, page, channel, board, ask_rnd, slack or api"]
    url: Annotated[str, "Where it was asked; empty when unknown"]

    def sentence(self) -> str:
        return f"{self.by} answered where it was asked, so {self.team_name} has no item: {self.question}"
