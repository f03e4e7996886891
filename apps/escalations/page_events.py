"""What happens to a page while it climbs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from apps.escalations.events import CheckId, ClockId, PolicyName
from apps.pages.events import PageId, TeamName, TeamSlug, Title
from apps.trail.events import Event, Personal

Step = Annotated[int, "The step's position, 1 first; each time anew it goes on counting"]
Role = Annotated[str, "The role that the step means, such as primary; else what its audience is called"]


@dataclass(frozen=True, kw_only=True)
class PageStepReached(Event):
    """A step of a page was reached; `people` were on duty at that instant and are told, each with the reason."""

    check: CheckId
    clock: ClockId
    page: PageId
    team: TeamSlug
    team_name: TeamName
    title: Title
    message: Annotated[str, Personal, "What is wrong, in the words of who paged"]
    words: Annotated[str, Personal, "The tier's own words, as a manager wrote them; empty without any"]
    urgency: Annotated[str, "high or low"]
    by: Annotated[str, Personal, "Who paged, by name"]
    policy: PolicyName
    step: Step
    round: Annotated[int, "How often the page has climbed, 1 at first"]
    role: Role
    people: Annotated[list[dict[str, Any]], Personal, "Who that is: name, email, slack_id, because, until"]
    mentions: Annotated[list[str], "Slack user groups that are told as well"]
    channels: Annotated[list[str], "Slack channels that are told as well"]
    notes: Annotated[list[str], Personal, "Why these hear, and not others"]
    opened_at: Annotated[datetime, "When the page was sent"]
    check_due_at: Annotated[datetime, "When the step was due"]
    next_step: Annotated[dict[str, Any] | None, Personal, "Who hears next, and when; nothing after the last step"]

    def sentence(self) -> str:
        names = [str(person["name"]) for person in self.people] + [f"#{channel}" for channel in self.channels]
        whom = ", ".join([*names, *self.mentions]) or "nobody"
        text = f"Step {self.step} of page {self.page} ({self.role}) told {whom}"
        return f"{text} ({' '.join(self.notes)})" if self.notes else text


@dataclass(frozen=True, kw_only=True)
class PageStepSkipped(Event):
    """A step of a page had nobody to tell, so the next one speaks at once."""

    check: CheckId
    clock: ClockId
    page: PageId
    team: TeamSlug
    step: Step
    role: Role
    because: Annotated[str, Personal, "Why nobody could be told"]

    def sentence(self) -> str:
        return f"Step {self.step} of page {self.page} ({self.role}) was passed over: {self.because}"


@dataclass(frozen=True, kw_only=True)
class PageWentUnheard(Event):
    """Nobody of a whole round could be told, so the page went to the team's channel, where there is one."""

    clock: ClockId
    page: PageId
    team: TeamSlug
    team_name: TeamName
    title: Title
    message: Annotated[str, Personal, "What is wrong, in the words of who paged"]
    by: Annotated[str, Personal, "Who paged, by name"]
    round: Annotated[int, "How often the page has climbed, 1 at first"]
    channel: Annotated[str, "The team's Slack channel; empty when it has none"]
    because: Annotated[list[str], Personal, "Why nobody could be told, step by step"]
    opened_at: Annotated[datetime, "When the page was sent"]
    next_at: Annotated[datetime | None, "When it climbs anew; nothing when it does not"]

    def sentence(self) -> str:
        where = "the team's channel was told" if self.channel else "the team has no channel either"
        why = "; ".join(each.rstrip(".") for each in self.because)
        return f"Nobody of {self.team_name} could be told of page {self.page}, so {where}: {why}"
