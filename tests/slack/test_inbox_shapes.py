"""Every field of every payload, replaced by what it should not be: answered, never broken."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from apps.integrations.slack import inbox
from tests.slack.inbound import HERE, manager, watch
from tests.standins import slack_payloads as payloads

JUNK: tuple[Any, ...] = (None, 5, True, "x", [], {}, [5], [None], {"a": 1}, {"id": 5}, {"id": []})
MESSAGE = payloads.bot_message(HERE, "1.000100", attachments=payloads.ticket_lines("1"))
EDIT = {"type": "message", "subtype": "message_changed", "channel": HERE, "message": {"ts": "1.000100"}}
MODAL = {"within": {"value": payloads.typed("x")}}
BODIES = {
    "message": payloads.event_callback(MESSAGE),
    "edit": payloads.event_callback(EDIT),
    "mention": payloads.event_callback(payloads.app_mention(HERE, "1.1", user="U1", thread_ts="1.0")),
    "home": payloads.event_callback(payloads.app_home_opened("U1")),
    "button": payloads.block_actions("snooze_30", user="U1", channel=HERE, message_ts="1.0", value="1"),
    "modal": payloads.view_submission("sla_setup", MODAL, user="UMARA", private_metadata="{}"),
}


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*before, key)
        yield from paths(item, (*before, key))


@pytest.mark.django_db
@pytest.mark.parametrize("name", BODIES)
def test_no_field_of_a_payload_can_break_the_inbox(name: str) -> None:
    watch()
    manager()
    body = BODIES[name]
    whole = json.loads(body if body.startswith("{") else parse_qs(body)["payload"][0])
    broken = []

    for number, (path, junk) in enumerate((path, junk) for path in paths(whole) for junk in JUNK):
        changed = copy.deepcopy(whole)
        holder = changed
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = junk
        if path != ("event_id",) and "event_id" in changed:
            changed["event_id"] = f"Ev{number}"
        status, _, _ = inbox.dispatch(json.dumps(changed).encode(), {"Content-Type": "application/json"})
        if status not in (200, 400):
            broken.append((path, junk, status))

    assert broken == []


@pytest.mark.django_db
@pytest.mark.parametrize("depth", range(100, 1_000, 50))
def test_a_body_nested_too_deeply_is_refused(depth: int) -> None:
    watch()
    deep = "[" * depth + "]" * depth
    body = payloads.event_callback(MESSAGE).removesuffix("}") + f', "more": {deep}}}'

    status, _, _ = inbox.dispatch(body.encode(), {"Content-Type": "application/json"})

    assert status in (200, 400)
