"""What became of messages owed."""

from __future__ import annotations

from dataclasses import dataclass

from apps.trail.events import Event


@dataclass(frozen=True, kw_only=True)
class NoticeSent(Event):
    """Slack took a message, as `ts` in `channel`; `in_summary` is the notice that spoke for it, if one did."""

    notice: int
    summary: str
    channel: str
    thread_ts: str
    ts: str
    user: str = ""
    in_summary: int | None = None
    attempts: int = 1

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

    notice: int
    summary: str
    channel: str
    reason: str

    def sentence(self) -> str:
        return f"“{self.summary}” could not be sent: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class NoticeDropped(Event):
    """A message waited until it was no longer true, and was not said."""

    notice: int
    summary: str
    channel: str
    because: str

    def sentence(self) -> str:
        return f"“{self.summary}” was not sent: {self.because}"


@dataclass(frozen=True, kw_only=True)
class NoticesFolded(Event):
    """More messages waited for a channel than it should be told one by one, so one speaks for all."""

    channel: str
    notices: list[int]

    def sentence(self) -> str:
        return f"{len(self.notices)} messages waiting for {self.channel} became one"


@dataclass(frozen=True, kw_only=True)
class NoticeSentAgain(Event):
    """Somebody had a message tried anew that had failed, or that nobody knew the fate of."""

    notice: int
    summary: str
    channel: str
    before: str
    reason: str

    def sentence(self) -> str:
        return f"“{self.summary}” is tried again, after: {self.reason or self.before}"
