"""What became of messages owed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from apps.trail.events import Event, Personal

NoticeId = Annotated[int, "The message's id in the outbox"]
Summary = Annotated[str, Personal, "The message in a line"]
Channel = Annotated[str, Personal, "The Slack channel's id; a person's id means a direct message"]


@dataclass(frozen=True, kw_only=True)
class NoticeSent(Event):
    """Slack took a message; `ts` in `channel` is where, `in_summary` the notice that spoke for it, if one did."""

    notice: NoticeId
    summary: Summary
    channel: Channel
    thread_ts: Annotated[str, "The message whose thread it is in; empty outside of threads"]
    ts: Annotated[str, "What Slack calls the message"]
    user: Annotated[str, Personal, "The Slack id of who alone sees it; empty when everybody in the channel does"] = ""
    in_summary: Annotated[int | None, "The message in the outbox that spoke for it, if one did"] = None
    attempts: Annotated[int, "How often Slack was asked"] = 1

    def sentence(self) -> str:
        if self.user:
            where = f"to {self.user} alone in {self.channel}"
        elif self.in_summary:
            where = f"in a summary in {self.channel}"
        else:
            where = f"in a thread of {self.channel}" if self.thread_ts else f"in {self.channel}"
        return f"Slack took “{self.summary}” {where}"


@dataclass(frozen=True, kw_only=True)
class NoticeFailed(Event):
    """A message will not be sent unless a person helps; `reason` says what to do."""

    notice: NoticeId
    summary: Summary
    channel: Channel
    reason: Annotated[str, "What went wrong, and what to do"]

    def sentence(self) -> str:
        return f"“{self.summary}” could not be sent: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class NoticeDropped(Event):
    """A message waited until it was no longer true, and was not said."""

    notice: NoticeId
    summary: Summary
    channel: Channel
    because: Annotated[str, "What had become of it meanwhile"]

    def sentence(self) -> str:
        return f"“{self.summary}” was not sent: {self.because}"


@dataclass(frozen=True, kw_only=True)
class NoticesFolded(Event):
    """More messages waited for a channel than it should be told one by one, so one speaks for all."""

    channel: Channel
    notices: Annotated[list[int], "The messages' ids in the outbox"]

    def sentence(self) -> str:
        return f"{len(self.notices)} messages waiting for {self.channel} became one"


@dataclass(frozen=True, kw_only=True)
class NoticeSentAgain(Event):
    """Somebody had a message tried anew that had failed, or that nobody knew the fate of."""

    notice: NoticeId
    summary: Summary
    channel: Channel
    before: Annotated[str, "The state it was in"]
    reason: Annotated[str, "Why it had not been sent; empty when nobody knew"]

    def sentence(self) -> str:
        return f"“{self.summary}” is tried again, after: {self.reason or self.before}"
