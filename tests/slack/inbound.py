"""What tests of Slack's messages to us share: signed posts, and the queue worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.http import HttpResponse
from django.test import Client

from apps.integrations.slack import jobs
from apps.integrations.slack.candidates import ts_of
from apps.integrations.slack.events import SlackAnswered
from apps.integrations.slack.models import SlackEvent, WatchedChannel
from apps.people.models import Agent
from apps.trail.models import StoredEvent
from tests import make
from tests.standins.slack_payloads import signed

SECRET = "s3cret"
HERE = "C100"


def post(body: str | bytes, *, secret: str = SECRET, client: Client | None = None, **headers: str) -> HttpResponse:
    """Post a body as Slack does, signed."""
    sent = {**signed(body, secret), **headers}
    raw = body.encode() if isinstance(body, str) else body
    return post_raw(raw, sent, client=client)


def post_raw(raw: bytes, headers: dict[str, str], *, client: Client | None = None) -> HttpResponse:
    content_type = headers.get("Content-Type", "application/json")
    response: Any = (client or Client(raise_request_exception=False)).post(
        "/slack/events", data=raw, content_type=content_type, headers=headers
    )
    return response


def work_everything() -> None:
    """What a worker does with the events that wait."""
    for pk in SlackEvent.objects.filter(state="waiting").order_by("pk").values_list("pk", flat=True):
        jobs.work(pk)


def heard(body: str) -> HttpResponse:
    """Post a body and work what came of it."""
    response = post(body)
    work_everything()
    return response


def watch(slack_id: str = HERE, **fields: Any) -> WatchedChannel:
    return WatchedChannel.objects.create(channel=make.channel(slack_id), **fields)


def ago(**delta: float) -> str:
    """The ts of so long ago."""
    return ts_of(datetime.now(UTC) - timedelta(**delta))


def answers() -> list[SlackAnswered]:
    """What the bot said, in order."""
    stored = StoredEvent.objects.filter(type="SlackAnswered").order_by("position")
    return [entry.event for entry in stored]  # type: ignore[misc]


def supporter(name: str = "Ana") -> Agent:
    """A support agent, with the rights of the role."""
    made = make.agent(name)
    role, _ = Group.objects.get_or_create(name="Agent")
    role.permissions.add(Permission.objects.get(codename="change_ticket"))
    made.groups.add(role)
    return made


def manager(name: str = "Mara") -> Agent:
    """A support manager, with the rights of the role."""
    made = make.agent(name)
    role, _ = Group.objects.get_or_create(name="Support manager")
    role.permissions.add(
        *Permission.objects.filter(
            codename__in=[
                "change_policy",
                "add_agent",
                "add_ticket",
                "view_slackmessage",
                "add_watchedchannel",
                "change_watchedchannel",
                "view_watchedchannel",
            ]
        )
    )
    made.groups.add(role)
    return made
