"""One call to Slack and how it ended. HTTP only: these run on threads that never touch the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from apps.integrations.slack.gateway import Gateway, GatewayError, Unsure

# Our clock and Slack's may differ; what we look for was not there before it was owed, give or take this.
SKEW = timedelta(minutes=5)


class Doing(Enum):
    """What a call is for: say it, look whether it was said, or ask whether Slack knows us again."""

    SAY = "say"
    LOOK = "look"
    PROBE = "probe"


@dataclass(frozen=True)
class Call:
    """What to ask of Slack; everything a thread needs, so that it needs no row."""

    doing: Doing
    channel: str
    notice: int = 0
    mark: str = ""
    private: bool = False
    thread_ts: str = ""
    user: str = ""
    text: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    oldest: datetime | None = None
    # The ts of the message that is to say this now.
    updates: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a call ended at `at`: the ts of the message, or None where none was found; or the error."""

    call: Call
    at: datetime
    ts: str | None = None
    error: GatewayError | None = None


def perform(gateway: Gateway, call: Call, clock: Callable[[], datetime]) -> Outcome:
    """Make the call; whatever it raises becomes its outcome."""
    try:
        ts = _ask(gateway, call)
    except GatewayError as error:
        return Outcome(call, clock(), error=error)
    except Exception as error:
        # A fault of ours in the middle of a call leaves open whether it was made.
        return Outcome(call, clock(), error=Unsure(f"{type(error).__name__}: {error}"[:200]))
    return Outcome(call, clock(), ts=ts)


def _ask(gateway: Gateway, call: Call) -> str | None:
    if call.doing is Doing.PROBE:
        gateway.who_am_i()
        return None
    if call.doing is Doing.LOOK:
        assert call.oldest is not None
        return gateway.find(call.channel, call.thread_ts, call.mark, call.oldest - SKEW)
    if call.updates:
        gateway.update(call.channel, call.updates, call.text, call.blocks)
        return call.updates
    if call.private:
        return gateway.post_private(call.channel, call.user, call.text, call.blocks, call.thread_ts)
    return gateway.post(call.channel, call.text, call.blocks, call.thread_ts, call.mark)
