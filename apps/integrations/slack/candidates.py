"""Which messages of a channel could announce a ticket. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.integrations.slack.incoming import mapping, word
from apps.integrations.slack.parsing import is_from_bot

# Joins, topics, deletions and the like are messages to Slack, and to nobody else.
_SUBTYPES = ("", "bot_message", "file_share", "me_message")


@dataclass(frozen=True)
class Ourselves:
    """What our own bot is called, as far as it is known; what it says is never a ticket."""

    user_ids: frozenset[str] = frozenset()
    bot_ids: frozenset[str] = frozenset()
    app_id: str = ""

    def said(self, message: Mapping[str, Any]) -> bool:
        """Whether the message is our own bot's."""
        app = word(message.get("app_id")) or word(mapping(message.get("bot_profile")).get("app_id"))
        return (
            word(message.get("user")) in self.user_ids
            or word(message.get("bot_id")) in self.bot_ids
            or bool(app and app == self.app_id)
        )


def ourselves_in(payload: Mapping[str, Any]) -> Ourselves:
    """Our bot, as an event's envelope names it."""
    entries = payload.get("authorizations")
    users = {
        word(mapping(entry).get("user_id"))
        for entry in (entries if isinstance(entries, list) else ())
        if mapping(entry).get("is_bot", True)
    }
    return Ourselves(user_ids=frozenset(users - {""}), app_id=word(payload.get("api_app_id")))


def could_be_ticket(message: Mapping[str, Any], us: Ourselves) -> bool:
    """Whether an app posted the message in the channel itself, and it is neither ours nor Slack's own remark.

    What people say to each other is none of our business, even where it reads like a ticket: a colleague who quotes
    one must not start a promise (SLA Buddy: a ticket message is a bot's).
    """
    ts, thread = word(message.get("ts")), word(message.get("thread_ts"))
    if instant(ts) is None or (thread and thread != ts):
        return False
    return is_from_bot(message) and word(message.get("subtype")) in _SUBTYPES and not us.said(message)


def message_in(event: Mapping[str, Any]) -> tuple[str, Mapping[str, Any], bool]:
    """(channel, message, whether it was edited) of a message event; of an edit, the message as it is now."""
    channel = word(event.get("channel"))
    if event.get("subtype") == "message_changed":
        return channel, mapping(event.get("message")), True
    return channel, event, False


def instant(ts: str) -> datetime | None:
    """When a message was posted: Slack's `ts` is Unix time; None when this is no ts."""
    whole, dot, rest = ts.partition(".")
    if not (dot and len(ts) <= 32 and ts.isascii() and whole.isdecimal() and rest.isdecimal() and len(whole) <= 10):
        return None
    return datetime.fromtimestamp(int(whole), UTC) + timedelta(microseconds=int((rest + "000000")[:6]))


def ts_of(at: datetime) -> str:
    """`at` as Slack writes it; such texts sort as the instants do."""
    whole, micro = divmod(round(at.timestamp() * 1_000_000), 1_000_000)
    return f"{whole:010d}.{micro:06d}"


def posted_by(message: Mapping[str, Any]) -> tuple[str, str]:
    """(id, name) of who posted the message: a person, or an app by the name it goes by."""
    profile = mapping(message.get("bot_profile"))
    poster = word(message.get("user")) or word(message.get("bot_id"))
    return poster, word(message.get("username")) or word(profile.get("name")) or poster
