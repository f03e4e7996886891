"""What is said in the thread of a request becomes a note of it, so that the portal shows the whole conversation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from apps.integrations.slack import selectors, services
from apps.integrations.slack.candidates import instant, ourselves_in
from apps.integrations.slack.incoming import mapping, word
from apps.integrations.slack.messages import permalink
from apps.integrations.slack.models import SlackEvent
from apps.integrations.slack.parsing import is_from_bot
from apps.integrations.slack.wording import readable, with_files
from apps.people.acting import Acting
from apps.rfhs.models import RFH
from apps.rfhs.services.hearing import hear

REPLY = "rfh_reply"
# A reply is told to the channel as well, or comes with a file; every other subtype is Slack's own remark.
_SUBTYPES = ("", "thread_broadcast", "file_share")


def worth_keeping(payload: Mapping[str, Any]) -> bool:
    """Whether an event's message is somebody's reply in the thread of an open request.

    Reads at most one row: it is asked before Slack is answered.
    """
    message = mapping(payload.get("event"))
    ts, thread = word(message.get("ts")), word(message.get("thread_ts"))
    if not thread or thread == ts or instant(ts) is None or not word(message.get("user")):
        return False
    if word(message.get("subtype")) not in _SUBTYPES or is_from_bot(message) or ourselves_in(payload).said(message):
        return False
    return _of_thread(word(message.get("channel")), thread).exists()


def on_reply(event: SlackEvent, now: datetime) -> None:
    """The reply is a note of its request, once; what was said is kept there alone."""
    message = event.payload["event"]
    channel, ts, thread = word(message.get("channel")), word(message.get("ts")), word(message.get("thread_ts"))
    rfh = _of_thread(channel, thread).first()
    text = with_files(readable(word(message.get("text"))), message)
    if rfh is not None and text:
        agent = selectors.agent_of(word(message.get("user")))
        hear(
            rfh,
            text=text,
            by=Acting(agent, name="Somebody in Slack"),
            among=_among(rfh, channel, thread),
            at=instant(ts) or now,
            url=permalink(channel, ts, thread),
            key=f"slack:{channel}:{ts}",
            now=now,
        )
    services.finish(event, forget=True)


def _of_thread(channel: str, thread: str) -> QuerySet[RFH]:
    asked = Q(teammates_channel=channel, teammates_thread_ts=thread)
    told = Q(team_channel=channel, team_thread_ts=thread)
    # An item that was made of a message is talked about below it.
    made = Q(source_key=f"{channel}:{thread}")
    return RFH.objects.filter(asked | told | made, ended_at=None)


def _among(rfh: RFH, channel: str, thread: str) -> str:
    if (rfh.teammates_channel, rfh.teammates_thread_ts) == (channel, thread):
        return "teammates"
    return "team" if (rfh.team_channel, rfh.team_thread_ts) == (channel, thread) else "source"
