"""What Slack sends, read from its bytes. Pure.

bolt's own reading raises on malformed JSON, and takes a command whose text says "payload" for an interaction.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

MOST_FIELDS = 100
LONGEST_KEY = 200

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class BadPayload(ValueError):
    """The body is nothing Slack would send; the message says why."""


def read(raw: bytes, content_type: str) -> dict[str, Any]:
    """The payload in a body, JSON or form. Raises BadPayload."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadPayload("The body is not UTF-8.")
    if "json" in content_type.lower() or text.lstrip().startswith(("{", "[")):
        return checked(_parsed(text))
    try:
        form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise BadPayload("The form has too many fields.")
    return checked(_parsed(form["payload"]) if "payload" in form else form)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BadPayload("The body is not JSON.")


def checked(payload: Any) -> dict[str, Any]:
    """The payload, fit to be stored. Raises BadPayload when Slack would not send such a thing."""
    if not isinstance(payload, dict):
        raise BadPayload("The body is not a JSON object.")
    try:
        payload = storable(payload)
    except RecursionError:
        # What the parser took may be too deep for us.
        raise BadPayload("The body is nested too deeply.")
    if not payload.get("type") and not payload.get("command") and "ssl_check" not in payload:
        raise BadPayload("The body has no type.")
    _check_shape(payload)
    return dict(payload)


def _check_shape(payload: Mapping[str, Any]) -> None:
    """What bolt takes for granted of each type, and raises on."""
    match payload.get("type"):
        case "event_callback":
            if not isinstance(mapping(payload.get("event")).get("type"), str):
                raise BadPayload("The event has no type.")
            if not 0 < len(word(payload.get("event_id"))) <= LONGEST_KEY:
                raise BadPayload("The event has no event_id.")
        case "block_actions":
            actions = payload.get("actions")
            first = actions[0] if isinstance(actions, list) and actions else None
            if not word(mapping(first).get("action_id")):
                raise BadPayload("The interaction has no action.")
        case "block_suggestion":
            if not word(payload.get("action_id")):
                raise BadPayload("The field has no action_id.")
        case "message_action" | "shortcut":
            if not word(payload.get("callback_id")):
                raise BadPayload("The shortcut has no callback_id.")
        case "view_submission" | "view_closed":
            if not word(mapping(payload.get("view")).get("callback_id")):
                raise BadPayload("The view has no callback_id.")


def storable(value: Any) -> Any:
    """`value` without what PostgreSQL's jsonb refuses: NUL, lone surrogates, numbers that are not finite."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("�", value)
    if isinstance(value, dict):
        return {storable(name): storable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def mapping(value: Any) -> Mapping[str, Any]:
    """`value` when it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def word(value: Any) -> str:
    """`value` when it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def user_of(payload: Mapping[str, Any]) -> str:
    """The Slack id of who did it; empty when the payload names nobody."""
    event, user = mapping(payload.get("event")), payload.get("user")
    return word(event.get("user")) or word(mapping(user).get("id")) or word(payload.get("user_id"))
