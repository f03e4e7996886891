"""What happens when engineer, customer and account manager work together on a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from apps.rfhs.events import OfRFH
from apps.trail.events import Event, Personal


@dataclass(frozen=True, kw_only=True)
class RFHAccountableChanged(OfRFH, Event):
    """Somebody else answers to the customer from now on, whoever works on it."""

    before: Annotated[str, Personal, "Who was accountable, by name; empty when nobody was"]
    before_email: Annotated[str, Personal, "Their email; empty when nobody was"]
    to: Annotated[str, Personal, "Who is accountable now, by name"]
    to_email: Annotated[str, Personal, "Their email"]
    because: Annotated[str, Personal, "Why; empty when nobody said"]

    def sentence(self) -> str:
        source = f" instead of {self.before}" if self.before else ""
        why = f": {self.because}" if self.because else ""
        return f"{self.to} is accountable for RFH-{self.rfh}{source}{why}"


@dataclass(frozen=True, kw_only=True)
class EngineerAskedToJoin(OfRFH, Event):
    """Whoever works on it was asked whether they want to work with the customer directly."""

    team: Annotated[str, "The team's slug"]
    to_email: Annotated[str, Personal, "Whom: the owner's email; empty for the whole team"]

    def sentence(self) -> str:
        return f"{self.by} asked whether engineering works on RFH-{self.rfh} with the customer directly"


@dataclass(frozen=True, kw_only=True)
class EngineerJoinedCustomer(OfRFH, Event):
    """An engineer works with the customer directly; support stays accountable."""

    engineer: Annotated[str, Personal, "Who, by name"]
    engineer_email: Annotated[str, Personal, "Their email"]
    ticket: Annotated[str, "The ticket's number; empty when it is about none"]
    origin: Annotated[str, "How the ticket came: email, slack, web, api or helpdesk"]
    way: Annotated[str, "How they are added: cc on the ticket, or mention in the customer's thread; empty for neither"]
    channel: Annotated[str, "The Slack channel of the customer's thread; empty when they are added by cc"]
    thread_ts: Annotated[str, "That thread"]
    to_do: Annotated[str, Personal, "What somebody must do so that they are in"]

    def sentence(self) -> str:
        return f"{self.engineer} works on RFH-{self.rfh} with the customer directly"


@dataclass(frozen=True, kw_only=True)
class EngineerBroughtIn(OfRFH, Event):
    """The engineer who works with the customer was added to the ticket, or brought together with them otherwise."""

    engineer: Annotated[str, Personal, "Who, by name; empty when nobody works on it any more"]

    def sentence(self) -> str:
        return f"{self.by} brought {self.engineer or 'the engineer'} of RFH-{self.rfh} and the customer together"


@dataclass(frozen=True, kw_only=True)
class EngineerStaysBehind(OfRFH, Event):
    """Engineering does not work with the customer directly; support goes on telling them."""

    team: Annotated[str, "The team's slug"]

    def sentence(self) -> str:
        return f"{self.by} leaves the customer of RFH-{self.rfh} to support"


@dataclass(frozen=True, kw_only=True)
class EstimateAsked(OfRFH, Event):
    """The team was asked by when it might know more."""

    team: Annotated[str, "The team's slug"]
    to_email: Annotated[str, Personal, "Whom: the owner's email; empty for the whole team"]

    def sentence(self) -> str:
        return f"{self.by} asked for an estimate on RFH-{self.rfh}"


@dataclass(frozen=True, kw_only=True)
class EstimateGiven(OfRFH, Event):
    """The team said what it expects; that is no promise."""

    team: Annotated[str, "The team's slug"]
    estimate: Annotated[str, Personal, "What they expect, in their words"]

    def sentence(self) -> str:
        return f"{self.by} expects of RFH-{self.rfh}, which is no promise: {self.estimate}"


@dataclass(frozen=True, kw_only=True)
class AccountManagerFollows(OfRFH, Event):
    """The customer's account manager hears updates from now on, or no more."""

    account_manager: Annotated[str, Personal, "Who, by name"]
    account_manager_email: Annotated[str, Personal, "Their email"]
    follows: Annotated[bool, "Whether they hear updates from now on"]

    def sentence(self) -> str:
        return f"{self.account_manager} {'follows' if self.follows else 'does not follow'} RFH-{self.rfh}"
