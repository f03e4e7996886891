"""What Slack would send for what is done in the preview: the same bodies, so that the same handlers work them. Pure.

Source: Slack's documentation, "Events API" and "Interaction payloads".
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

TEAM = "T0PREVIEW"
APP = "A0PREVIEW"
BOT_USER = "U0PREVIEWBOT"
# Zendesk's app, which announces tickets; not our own bot, whose messages are nobody's tickets.
ZENDESK = "B0ZENDESK"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"

Body = tuple[bytes, str]


def ticket(
    channel: str, ts: str, *, form: str, number: str, priority: str, type: str, subject: str = "", customer: str = ""
) -> Body:
    """A ticket message as Zendesk posts it: `form` is lines or fields."""
    named = {"Ticket ID": number, "Ticket Priority": priority, "Type": type}
    named |= {name: value for name, value in (("Subject", subject), ("Customer", customer)) if value}
    lines = [f"*{title}*: {escape(value)}" for title, value in named.items()]
    fields = [{"title": title, "value": escape(value), "short": True} for title, value in named.items()]
    shown: dict[str, Any] = {"fields": fields} if form == "fields" else {"text": "\n".join(lines)}
    attachment = {"id": 1, "fallback": f"Ticket {number}", "mrkdwn_in": ["text"], **shown}
    return event(
        {
            "type": "message",
            "subtype": "bot_message",
            "channel": channel,
            "channel_type": "channel",
            "bot_id": ZENDESK,
            "username": "Zendesk",
            "text": "",
            "attachments": [attachment],
            "ts": ts,
            "event_ts": ts,
        }
    )


def mention(channel: str, ts: str, *, thread_ts: str, user: str, text: str) -> Body:
    """Somebody mentions the bot in a thread."""
    return event(
        {
            "type": "app_mention",
            "channel": channel,
            "user": user,
            "text": f"<@{BOT_USER}> {escape(text)}".strip(),
            "ts": ts,
            "thread_ts": thread_ts,
            "event_ts": ts,
            "team": TEAM,
        }
    )


def press(channel: str, ts: str, *, thread_ts: str, message_ts: str, user: str, action_id: str, value: str) -> Body:
    """Somebody presses a button under one of the bot's messages, at `ts`."""
    message = {"type": "message", "ts": message_ts, "thread_ts": thread_ts, "text": "", "bot_id": "B0PREVIEW"}
    container = {
        "type": "message",
        "message_ts": message_ts,
        "thread_ts": thread_ts,
        "channel_id": channel,
        "is_ephemeral": False,
    }
    pressed = {"type": "button", "action_id": action_id, "block_id": "actions", "value": value, "action_ts": ts}
    payload = {
        "type": "block_actions",
        "team": {"id": TEAM, "domain": "preview"},
        "api_app_id": APP,
        "user": {"id": user, "username": user.lower(), "team_id": TEAM},
        "container": container,
        "trigger_id": f"{ts}.preview",
        "channel": {"id": channel, "name": "preview"},
        "message": {name: held for name, held in message.items() if held},
        "response_url": "",
        "actions": [pressed],
    }
    return urlencode({"payload": json.dumps(payload)}).encode(), FORM


def command(name: str, channel: str, ts: str, *, user: str, text: str) -> Body:
    """Somebody types a slash command in the channel, at `ts`."""
    typed = {
        "team_id": TEAM,
        "team_domain": "preview",
        "channel_id": channel,
        "channel_name": "preview",
        "user_id": user,
        "user_name": user.lower(),
        "command": name,
        "text": text,
        "api_app_id": APP,
        "response_url": "",
        "trigger_id": f"{ts}.preview",
    }
    return urlencode(typed).encode(), FORM


def shortcut(callback: str, channel: str, ts: str, *, user: str, message: dict[str, Any]) -> Body:
    """Somebody chooses a shortcut from the menu of a message, at `ts`."""
    payload = {
        "type": "message_action",
        "callback_id": callback,
        "action_ts": ts,
        "trigger_id": f"{ts}.preview",
        "team": {"id": TEAM, "domain": "preview"},
        "user": {"id": user, "name": user.lower(), "team_id": TEAM},
        "channel": {"id": channel, "name": "preview"},
        "message_ts": message.get("ts", ""),
        "message": message,
        "response_url": "",
    }
    return urlencode({"payload": json.dumps(payload)}).encode(), FORM


def submission(view: dict[str, Any], view_id: str, ts: str, *, user: str, values: dict[str, Any]) -> Body:
    """Somebody sends a modal, at `ts`; `values` as Slack nests them."""
    payload = {
        "type": "view_submission",
        "team": {"id": TEAM, "domain": "preview"},
        "api_app_id": APP,
        "user": {"id": user, "username": user.lower(), "team_id": TEAM},
        "trigger_id": f"{ts}.preview",
        "view": {**view, "id": view_id, "hash": ts, "state": {"values": values}},
        "response_urls": [],
    }
    return urlencode({"payload": json.dumps(payload)}).encode(), FORM


def suggestion(view: dict[str, Any], view_id: str, *, user: str, block_id: str, action_id: str) -> Body:
    """A field of a modal asks what it may find."""
    payload = {
        "type": "block_suggestion",
        "team": {"id": TEAM, "domain": "preview"},
        "api_app_id": APP,
        "user": {"id": user, "name": user.lower(), "team_id": TEAM},
        "container": {"type": "view", "view_id": view_id},
        "action_id": action_id,
        "block_id": block_id,
        "value": "",
        "view": {**view, "id": view_id},
    }
    return urlencode({"payload": json.dumps(payload)}).encode(), FORM


def event(inner: dict[str, Any]) -> Body:
    """The envelope of an event; its id is that of the message, as Slack sends each event once or several times."""
    ts = str(inner["event_ts"])
    envelope = {
        "team_id": TEAM,
        "api_app_id": APP,
        "event": inner,
        "type": "event_callback",
        "event_id": f"EvPREVIEW{ts.replace('.', '')}",
        "event_time": int(float(ts)),
        "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        "is_ext_shared_channel": False,
    }
    return json.dumps(envelope).encode(), JSON


def escape(text: str) -> str:
    """`text` as Slack sends what somebody typed."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
