"""A modal of the preview, worked as Slack would work it: what it finds as somebody types, and what sending it says."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.dashboard import slack_modal, slack_payloads
from apps.dashboard.preview import Opened, ts_of
from apps.dashboard.slack_modal import Typed
from apps.dashboard.slack_payloads import Body
from apps.integrations.slack import inbox


def found(opened: Opened, *, user: str) -> dict[str, list[dict[str, Any]]]:
    """What each field that asks finds before anything is typed, by block."""
    groups = {}
    for block, action in slack_modal.asking(opened.view).items():
        body = slack_payloads.suggestion(opened.view, opened.view_id, user=user, block_id=block, action_id=action)
        groups[block] = list(_dispatched(body).get("option_groups", []))
    return groups


def sent(opened: Opened, typed: Typed, *, user: str, now: datetime) -> dict[str, Any]:
    """What Slack would be answered: nothing, `errors` by block, or the `view` it turns into."""
    values = slack_modal.state(opened.view, typed, timezone.get_current_timezone())
    return _dispatched(slack_payloads.submission(opened.view, opened.view_id, ts_of(now), user=user, values=values))


def _dispatched(body: Body) -> dict[str, Any]:
    raw, content_type = body
    _, _, answered = inbox.dispatch(raw, {"Content-Type": content_type})
    said = json.loads(answered) if answered else {}
    return said if isinstance(said, dict) else {}
