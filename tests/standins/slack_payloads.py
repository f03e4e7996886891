"""What Slack sends us: signed headers, Events API callbacks, commands and interactions."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from typing import Any
from urllib.parse import urlencode

TEAM = "T0STANDIN"
BOT_USER = "U0BOT"
BOT = "B0BOT"
TICKET_BOT = "B0ZENDESK"

Parts = list[dict[str, Any]]

_numbers = itertools.count(1)


def signed(body: str | bytes, secret: str, timestamp: int | None = None, *, form: bool | None = None) -> dict[str, str]:
    """The headers a real request of Slack's carries with `body`; JSON or form is seen from the body."""
    raw = body.encode() if isinstance(body, str) else body
    stamp = str(int(time.time()) if timestamp is None else timestamp)
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    if form is None:
        form = not raw.lstrip().startswith((b"{", b"["))
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
        "Content-Type": "application/x-www-form-urlencoded" if form else "application/json",
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
    }


def url_verification(challenge: str = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P") -> str:
    return json.dumps({"token": "unused", "challenge": challenge, "type": "url_verification"})


def event_callback(
    event: dict[str, Any], event_id: str | None = None, *, event_time: int | None = None, external: bool | None = False
) -> str:
    """The JSON body that carries `event`; each has an event_id of its own unless one is given."""
    return json.dumps(
        {
            "token": "unused",
            "team_id": TEAM,
            "api_app_id": "A0STANDIN",
            "event": event,
            "type": "event_callback",
            "event_id": event_id or f"Ev{next(_numbers):010d}",
            "event_time": event_time if event_time is not None else int(float(event.get("event_ts", time.time()))),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": TEAM,
                    "user_id": BOT_USER,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
        }
        # Whether somebody from another company is in the channel; None: Slack does not say.
        | ({} if external is None else {"is_ext_shared_channel": external})
    )


def ticket_lines(number: str, priority: str = "urgent", type: str = "problem", **more: str) -> list[dict[str, Any]]:
    """Attachments that name the ticket in lines of text: `*Ticket ID*: 4711`."""
    lines = [f"*Ticket ID*: {number}", f"*Ticket priority*: {priority}", f"*Type*: {type}"]
    lines += [f"*{name.capitalize()}*: {value}" for name, value in more.items()]
    return [
        {
            "id": 1,
            "color": "d63638",
            "fallback": "\n".join(lines),
            "text": "\n".join(lines),
            "mrkdwn_in": ["text"],
        }
    ]


def ticket_fields(number: str, priority: str = "urgent", type: str = "problem", **more: str) -> list[dict[str, Any]]:
    """Attachments that name the ticket in fields with titles, as Zendesk's trigger does."""
    named = {"Ticket ID": number, "Ticket Priority": priority, "Type": type}
    named |= {name.capitalize(): value for name, value in more.items()}
    fields = [{"title": title, "value": value, "short": True} for title, value in named.items()]
    return [{"id": 1, "fallback": f"Ticket {number}", "fields": fields}]


def ticket_blocks(number: str, priority: str = "urgent", type: str = "problem", **more: str) -> list[dict[str, Any]]:
    """Blocks that name the ticket in a section's fields, label above value."""
    named = {"Ticket ID": number, "Priority": priority, "Type": type}
    named |= {name.capitalize(): value for name, value in more.items()}
    fields = [{"type": "mrkdwn", "text": f"*{title}:*\n{value}"} for title, value in named.items()]
    return [{"type": "section", "fields": fields}]


def message(channel: str, ts: str, text: str = "", *, user: str = "U0CUSTOMER", **more: Any) -> dict[str, Any]:
    """A person's message as an event."""
    return {
        "type": "message",
        "channel": channel,
        "channel_type": "channel",
        "user": user,
        "text": text,
        "ts": ts,
        "event_ts": ts,
        "team": TEAM,
        **more,
    }


def bot_message(
    channel: str,
    ts: str,
    *,
    attachments: list[dict[str, Any]] | None = None,
    text: str = "",
    bot_id: str = TICKET_BOT,
    **more: Any,
) -> dict[str, Any]:
    """An app's message as an event: this is how a ticket is announced."""
    return {
        "type": "message",
        "subtype": "bot_message",
        "channel": channel,
        "channel_type": "channel",
        "bot_id": bot_id,
        "username": "Zendesk",
        "text": text,
        "attachments": attachments or [],
        "ts": ts,
        "event_ts": ts,
        **more,
    }


def app_mention(
    channel: str, ts: str, *, user: str, thread_ts: str | None = None, text: str | None = None
) -> dict[str, Any]:
    event = {
        "type": "app_mention",
        "channel": channel,
        "user": user,
        "text": f"<@{BOT_USER}> on it" if text is None else text,
        "ts": ts,
        "event_ts": ts,
        "team": TEAM,
    }
    return event if thread_ts is None else event | {"thread_ts": thread_ts}


def link_shared(channel: str, ts: str, *urls: str, user: str, source: str = "conversations_history") -> dict[str, Any]:
    """Somebody posted links to our domain, or (in the composer) is about to."""
    composing = source == "composer"
    unfurl_id = f"{channel}.{ts}.{'0' * 32}"
    return {
        "type": "link_shared",
        "channel": "COMPOSER" if composing else channel,
        "is_bot_user_member": False,
        "user": user,
        "message_ts": unfurl_id if composing else ts,
        "unfurl_id": unfurl_id,
        "source": source,
        "links": [{"domain": url.partition("://")[2].partition("/")[0], "url": url} for url in urls],
        "event_ts": f"{time.time():.6f}",
    }


def app_home_opened(user: str, tab: str = "home") -> dict[str, Any]:
    return {
        "type": "app_home_opened",
        "user": user,
        "channel": "D0HOME",
        "tab": tab,
        "event_ts": f"{time.time():.6f}",
    }


def slash_command(command: str, *, user: str, channel: str, text: str = "", trigger_id: str | None = None) -> str:
    """The form-encoded body of a slash command."""
    return urlencode(
        {
            "token": "unused",
            "team_id": TEAM,
            "team_domain": "standin",
            "channel_id": channel,
            "channel_name": "support",
            "user_id": user,
            "user_name": "somebody",
            "command": command,
            "text": text,
            "api_app_id": "A0STANDIN",
            "response_url": "http://127.0.0.1:9/commands/unused",
            "trigger_id": trigger_id or new_trigger_id(),
        }
    )


def block_actions(
    action_id: str,
    *,
    user: str,
    channel: str,
    message_ts: str,
    value: str = "",
    thread_ts: str | None = None,
    block_id: str = "actions",
    trigger_id: str | None = None,
    action_ts: str | None = None,
) -> str:
    """The form-encoded body of a pressed button."""
    pressed = {"type": "message", "ts": message_ts, "text": "", "bot_id": BOT}
    container = {"type": "message", "message_ts": message_ts, "channel_id": channel, "is_ephemeral": False}
    if thread_ts is not None:
        pressed["thread_ts"] = container["thread_ts"] = thread_ts
    return _interaction(
        {
            "type": "block_actions",
            "user": {"id": user, "username": "somebody", "team_id": TEAM},
            "container": container,
            "trigger_id": trigger_id or new_trigger_id(),
            "channel": {"id": channel, "name": "support"},
            "message": pressed,
            "response_url": "http://127.0.0.1:9/actions/unused",
            "actions": [
                {
                    "type": "button",
                    "action_id": action_id,
                    "block_id": block_id,
                    "value": value,
                    "action_ts": action_ts or f"{time.time():.6f}",
                }
            ],
        }
    )


def message_action(
    callback_id: str,
    *,
    user: str,
    channel: str,
    ts: str,
    text: str = "",
    author: str = "U0CUSTOMER",
    thread_ts: str | None = None,
    trigger_id: str | None = None,
    **more: Any,
) -> str:
    """The form-encoded body of a message's shortcut; `more` is of the message."""
    message = {"type": "message", "user": author, "ts": ts, "text": text, **more}
    return _interaction(
        {
            "type": "message_action",
            "callback_id": callback_id,
            "action_ts": f"{time.time():.6f}",
            "trigger_id": trigger_id or new_trigger_id(),
            "user": {"id": user, "name": "somebody", "team_id": TEAM},
            "channel": {"id": channel, "name": "support"},
            "message_ts": ts,
            "message": message if thread_ts is None else message | {"thread_ts": thread_ts},
            "response_url": "http://127.0.0.1:9/shortcuts/unused",
        }
    )


def view_submission(
    callback_id: str,
    values: dict[str, dict[str, dict[str, Any]]],
    *,
    user: str,
    private_metadata: str = "",
    view_id: str = "V0STANDIN",
) -> str:
    """The form-encoded body of a submitted modal; `values` as Slack nests them: block, action, state."""
    return _interaction(
        {
            "type": "view_submission",
            "user": {"id": user, "username": "somebody", "team_id": TEAM},
            "trigger_id": new_trigger_id(),
            "view": {
                "id": view_id,
                "team_id": TEAM,
                "type": "modal",
                "callback_id": callback_id,
                "private_metadata": private_metadata,
                "hash": "1.standin",
                "blocks": [],
                "state": {"values": values},
            },
            "response_urls": [],
        }
    )


def block_suggestion(block_id: str, value: str = "", *, user: str, action_id: str = "value") -> str:
    """The form-encoded body of what somebody types into a field that asks us what it may find."""
    return _interaction(
        {
            "type": "block_suggestion",
            "user": {"id": user, "name": "somebody", "team_id": TEAM},
            "container": {"type": "view", "view_id": "V0STANDIN"},
            "action_id": action_id,
            "block_id": block_id,
            "value": value,
        }
    )


def pinned(
    channel: str, message: dict[str, Any], *, user: str, removed: bool = False, event_ts: str = ""
) -> dict[str, Any]:
    """Somebody pinned a message, or took the pin off."""
    return {
        "type": "pin_removed" if removed else "pin_added",
        "user": user,
        "channel_id": channel,
        "item": {"type": "message", "channel": channel, "message": message, "created": 1, "created_by": user},
        "item_user": message.get("user"),
        "event_ts": event_ts or f"{time.time():.6f}",
    }


def typed(value: str) -> dict[str, Any]:
    """What a plain text input holds in `view_submission`."""
    return {"type": "plain_text_input", "value": value}


def picked(value: str) -> dict[str, Any]:
    """What a select or radio buttons hold in `view_submission`."""
    return {"type": "static_select", "selected_option": {"value": value}}


def ticked(*values: str) -> dict[str, Any]:
    """What checkboxes hold in `view_submission`."""
    return {"type": "checkboxes", "selected_options": [{"value": value} for value in values]}


def picked_user(user: str) -> dict[str, Any]:
    """What a user picker holds in `view_submission`."""
    return {"type": "users_select", "selected_user": user}


def new_trigger_id() -> str:
    """A trigger of this moment; the stand-in refuses it after three seconds, as Slack does."""
    return f"{next(_numbers)}.{int(time.time() * 1000)}.standin"


def _interaction(payload: dict[str, Any]) -> str:
    of_all = {"token": "unused", "team": {"id": TEAM, "domain": "standin"}, "api_app_id": "A0STANDIN"}
    return urlencode({"payload": json.dumps(of_all | payload)})
