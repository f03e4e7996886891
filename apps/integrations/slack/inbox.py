"""Everything Slack sends, once it is known to be Slack's. Part of a door, so it reads the clock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import uuid_utils.compat as uuids
from django.utils import timezone
from slack_bolt import BoltRequest

from apps.integrations.slack.bolt import NOW, app
from apps.integrations.slack.incoming import BadPayload, read
from apps.trail.context import acting

JSON, TEXT = "application/json", "text/plain;charset=utf-8"

Response = tuple[int, str, str]
"""Status, content type, body."""


def dispatch(raw: bytes, headers: Mapping[str, str]) -> Response:
    """Answer a body whose signature was checked: 400 when it is nothing Slack sends, else what bolt says."""
    try:
        payload = read(raw, headers.get("Content-Type", ""))
    except BadPayload as refusal:
        return 400, JSON, json.dumps({"error": str(refusal)})
    return answer(payload)


def answer(payload: dict[str, Any]) -> Response:
    """Answer a payload, whichever way it came. What nobody listens to is 200: Slack sends anything else again."""
    try:
        # "socket_mode" is bolt's name for a body that is parsed already.
        request = BoltRequest(body=payload, mode="socket_mode", context={NOW: timezone.now()})  # noqa: TID251
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        return 400, JSON, json.dumps({"error": "The body is nothing Slack sends."})
    with acting(correlation=uuids.uuid7()):
        response = app().dispatch(request)
    if response.status == 404:
        return 200, TEXT, ""
    content_type = response.headers.get("content-type", [TEXT])[0]
    return response.status, content_type, response.body
