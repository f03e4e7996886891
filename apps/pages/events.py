"""What happens to pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from apps.trail.events import Event, Personal

PageId = Annotated[int, "The page's number"]
TeamSlug = Annotated[str, "The team's slug"]
TeamName = Annotated[str, "The team's name"]
Title = Annotated[str, Personal, "What it is about, in a line"]
By = Annotated[str, Personal, "Who it was, by name"]
ByEmail = Annotated[str, Personal, "Their email; empty when it was no agent"]

FROM = {"slack": "from Slack", "web": "in the portal", "api": "through the API", "mail": "by mail"}


@dataclass(frozen=True, kw_only=True)
class PageOpened(Event):
    """Somebody called for a team to act."""

    page: PageId
    team: TeamSlug
    team_name: TeamName
    title: Title
    message: Annotated[str, Personal, "What is wrong, in their words"]
    urgency: Annotated[str, "high climbs until it is acknowledged, low tells the first who is on duty"]
    origin: Annotated[str, "Through which door it came: slack, web, api or mail"]
    by: By

    def sentence(self) -> str:
        urgency = "" if self.urgency == "high" else f" ({self.urgency} urgency)"
        who = f"{self.by} paged" if self.by else "Somebody paged"
        return f"{who} {self.team_name}{urgency} {FROM.get(self.origin, '')}: {self.title}".replace("  ", " ")


@dataclass(frozen=True, kw_only=True)
class PageAcknowledged(Event):
    """Somebody took a page; it climbs no further."""

    page: PageId
    team: TeamSlug
    title: Title
    by: By
    email: ByEmail
    opened_at: Annotated[datetime, "When the page was sent"]

    def sentence(self) -> str:
        return f"{self.by} acknowledged page {self.page}: {self.title}"


@dataclass(frozen=True, kw_only=True)
class PagePassedOn(Event):
    """Somebody who was paged said that it is not theirs: the next step speaks at once."""

    page: PageId
    team: TeamSlug
    title: Title
    by: By
    email: ByEmail

    def sentence(self) -> str:
        return f"{self.by} said that page {self.page} is not theirs: the next is told at once"


@dataclass(frozen=True, kw_only=True)
class HelpAsked(Event):
    """Whoever acknowledged a page asked somebody on duty to join; it stays theirs."""

    page: PageId
    team: TeamSlug
    team_name: TeamName
    title: Title
    message: Annotated[str, Personal, "What is wrong, in the words of who paged"]
    by: By
    email: ByEmail
    role: Annotated[str, "The role of those who were asked"]
    people: Annotated[list[dict[str, Any]], Personal, "Who that is: name, email, slack_id, because"]

    def sentence(self) -> str:
        names = ", ".join(str(person["name"]) for person in self.people)
        return f"{self.by} asked {names} ({self.role}) to join in page {self.page}"


@dataclass(frozen=True, kw_only=True)
class PageResolved(Event):
    """What a page called for is done."""

    page: PageId
    team: TeamSlug
    title: Title
    by: By
    email: ByEmail

    def sentence(self) -> str:
        return f"{self.by} resolved page {self.page}: {self.title}"


@dataclass(frozen=True, kw_only=True)
class PageHandedOver(Event):
    """A page has another owner from now on, as when the people on duty change."""

    page: PageId
    team: TeamSlug
    title: Title
    before: Annotated[str, Personal, "Who owned it, by name; empty when nobody did"]
    to: Annotated[str, Personal, "Who owns it now, by name"]
    email: Annotated[str, Personal, "The new owner's email"]
    slack_id: Annotated[str, Personal, "Their Slack id; empty when they have none"] = ""
    by: By

    def sentence(self) -> str:
        source = f" from {self.before}" if self.before else ""
        return f"{self.by} handed page {self.page} over{source} to {self.to}"
