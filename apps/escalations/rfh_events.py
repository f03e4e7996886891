"""What happens to the promises of a request for help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from apps.escalations.standing_events import TierPassedOver, TierSpoke
from apps.trail.events import Event, Personal

RFHNumber = Annotated[int, "The request's number, as in RFH-12"]


@dataclass(frozen=True, kw_only=True)
class RFHTierReached(TierSpoke, Event):
    """What a request was promised is in danger or overdue; `people` are told, each with the reason."""

    rfh: RFHNumber
    summary: Annotated[str, Personal, "What is needed, in a line"]
    team: Annotated[str, "The slug of the team that has it"]
    team_name: Annotated[str, "Its name"]
    customer: Annotated[str, Personal, "The customer's name; empty when unknown"]
    ticket: Annotated[str, "The ticket's number; empty when it is about none"]
    priority: Annotated[str, "p1 or p2"]
    level: Annotated[str, "L1 to L4; empty without one"]
    state: Annotated[str, "Where the request stood, such as filed"]
    owner: Annotated[str, Personal, "Who owns the work, by name; empty when nobody does"]
    accountable: Annotated[str, Personal, "Who answers to the customer, by name; empty when nobody does"]

    def sentence(self) -> str:
        return self.told(f"promised to RFH-{self.rfh}")


@dataclass(frozen=True, kw_only=True)
class RFHTierSkipped(TierPassedOver, Event):
    """A tier was due together with a higher one, so only the higher one spoke."""

    rfh: RFHNumber

    def sentence(self) -> str:
        return self.passed_over(f"promised to RFH-{self.rfh}")
