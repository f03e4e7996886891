"""What happens in Slack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from apps.integrations.slack.text import plain
from apps.trail.events import Event, Personal

# A story is read line by line.
LINE = 200


@dataclass(frozen=True, kw_only=True)
class SlackAnswered(Event):
    """Somebody asked the bot something, and this is what it says; `private` answers are seen by `user` alone."""

    asked: Annotated[str, "What was asked: a mention, a command or a button"]
    channel: Annotated[str, "The Slack channel's id; empty where there is none"]
    thread_ts: Annotated[str, "The message whose thread the answer belongs to; empty outside of threads"]
    user: Annotated[str, Personal, "The Slack id of who asked"]
    private: Annotated[bool, "Whether they alone see the answer"]
    text: Annotated[str, Personal, "The answer, in Slack's markup"]
    number: Annotated[str, "The number of the ticket it is about; empty when about none"] = ""
    blocks: Annotated[list[dict[str, Any]], Personal, "The answer laid out as Slack's blocks; empty for plain text"] = (
        field(default_factory=list)
    )

    def sentence(self) -> str:
        if self.private:
            return f"The bot answered “{self.asked}” to whoever asked alone"
        return f"The bot answered “{self.asked}”: {_in_a_line(plain(self.text))}"


def _in_a_line(text: str) -> str:
    """The first line, cut where it is long; the entry itself keeps every word."""
    first = text.strip().partition("\n")[0]
    return first if len(first) <= LINE else f"{first[: LINE - 1].rstrip()}…"


ChannelId = Annotated[str, "The Slack channel's id"]
ChannelName = Annotated[str, "What the channel is called"]
GroupId = Annotated[str, "The Slack user group's id; its handle where Slack knows none of that name"]
GroupHandle = Annotated[str, "The user group's handle, with the @"]
Mends = Annotated[bool, "Whether somebody had changed it in Slack, and this puts it right"]
Reason = Annotated[str, Personal, "Why, and what to do about it"]


@dataclass(frozen=True, kw_only=True)
class TopicSet(Event):
    """A channel's topic names who is on duty, or what is broken."""

    channel: ChannelId
    name: ChannelName
    said: Annotated[str, Personal, "Our words in the topic, beside what people wrote there"]
    mends: Mends = False
    replaced: Annotated[str, Personal, "What people had written where the whole topic is ours; empty when nothing"] = ""

    def sentence(self) -> str:
        again = "again, after somebody had changed it: " if self.mends else ""
        return f"The topic of {self.name} says {again}{' '.join(self.said.split())}"


@dataclass(frozen=True, kw_only=True)
class TopicNotSet(Event):
    """A channel's topic does not say what it should, and why; told once until it does."""

    channel: ChannelId
    name: ChannelName
    reason: Reason

    def sentence(self) -> str:
        return f"The topic of {self.name} could not be set: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class TopicLeft(Event):
    """What we said was taken out of a channel's topic: it is no rotation's, or not that of incidents, any more."""

    channel: ChannelId
    name: ChannelName

    def sentence(self) -> str:
        return f"The topic of {self.name} says nothing of ours any more"


@dataclass(frozen=True, kw_only=True)
class GroupFollowed(Event):
    """The members of a Slack user group are who is on duty."""

    group: GroupId
    handle: GroupHandle
    people: Annotated[list[str], Personal, "Who is in it now, by name"]
    left_out: Annotated[list[str], Personal, "Who is on duty and is not in it, by name: no Slack id, or Slack refused"]
    mends: Mends = False

    def sentence(self) -> str:
        without = f", without {', '.join(self.left_out)}" if self.left_out else ""
        again = " again, after somebody had changed it" if self.mends else ""
        return f"{self.handle} is {', '.join(self.people)}{without}{again}"


@dataclass(frozen=True, kw_only=True)
class GroupNotFollowed(Event):
    """A Slack user group keeps its former members, and why; told once until it follows again."""

    group: GroupId
    handle: GroupHandle
    reason: Reason

    def sentence(self) -> str:
        return f"{self.handle} keeps its former members: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class InvitedToChannel(Event):
    """People were asked into a channel in which incidents are spoken of."""

    channel: ChannelId
    name: ChannelName
    people: Annotated[list[str], Personal, "Who is in it from now on, by name"]
    left_out: Annotated[list[str], Personal, "Whom Slack did not take, by name and with its reason"]

    def sentence(self) -> str:
        who = f"{', '.join(self.people) or 'Nobody'} joined {self.name}"
        return f"{who}; Slack did not take {', '.join(self.left_out)}" if self.left_out else who
