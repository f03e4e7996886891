"""Slack's jobs."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.utils import timezone

from apps.escalations.holding import stopping
from apps.integrations.slack import membership, scanning, services, syncing, working
from apps.integrations.slack.following import Round
from apps.integrations.slack.gateway import Gateway, GatewayError
from apps.integrations.slack.incident_rooms import Round as Rooms
from apps.integrations.slack.models import SlackEvent, WatchedChannel
from apps.integrations.slack.scanning import Scan
from apps.notices import lanes
from apps.trail.context import Actor, acting
from apps.trail.later import enqueue

NOT_CONFIGURED = "not configured"
# An event that waited longer was not brought by the queue.
LEFT_OVER = timedelta(seconds=30)
LONGEST, BATCH = 20.0, 500


def work(pk: int) -> bool:
    """Work one Slack event."""
    return working.work(pk, now=timezone.now())


def work_left_over() -> str:
    """Work the events whose job was lost, or failed; oldest first, for at most 20 s."""
    began, worked = time.monotonic(), 0
    waiting = (
        SlackEvent.objects.filter(state=SlackEvent.State.WAITING, received_at__lt=timezone.now() - LEFT_OVER)
        .order_by("received_at", "pk")
        .values_list("pk", flat=True)[:BATCH]
    )
    for pk in list(waiting):
        if stopping.is_set() or time.monotonic() - began > LONGEST:
            break
        worked += working.work(pk, now=timezone.now())
    return f"{worked} worked"


def scan_channels() -> str:
    """Read every watched channel from where it was left."""
    if not Gateway.configured():
        return NOT_CONFIGURED
    scan = _scan()
    scan.everything()
    return f"{scan.read} read, {scan.kept} kept"


def continue_scan(pk: int, oldest: str, cursor: str, newest: str, ready_at: str = "") -> str:
    """Go on with a channel that had more messages than one job could read; not before Slack allows it."""
    watched = WatchedChannel.objects.select_related("channel", "plan").filter(pk=pk, enabled=True).first()
    if watched is None or not Gateway.configured():
        return NOT_CONFIGURED
    wait = (datetime.fromisoformat(ready_at) - timezone.now()).total_seconds() if ready_at else 0
    if wait > 0 and (stopping.wait(min(wait, LONGEST)) or wait > LONGEST):
        services.still_reading(watched, now=timezone.now())
        enqueue(scanning.CONTINUE, pk, oldest, cursor, newest, ready_at)
        return "waiting for Slack's limit"
    scan = _scan()
    scan.channel(watched, oldest=oldest, cursor=cursor, newest=newest)
    return f"{scan.read} read, {scan.kept} kept"


def sync_user_groups() -> str:
    """Know Slack's user groups and their members as they are now."""
    if not Gateway.configured():
        return NOT_CONFIGURED
    # As they were when they were asked for: who was put into one meanwhile stays known as in it.
    asked_at = timezone.now()
    try:
        groups = Gateway().user_groups()
    except GatewayError as error:
        return str(error)
    with acting(actor=Actor(kind="integration", id="slack", label="Slack")):
        return f"{syncing.user_groups(groups, now=asked_at)} groups"


def follow_duty() -> str:
    """Topics and user groups name who is on duty; while Slack is away, or does not know us, they wait."""
    if not Gateway.configured():
        return NOT_CONFIGURED
    if lanes.paused() is not None:
        return "Slack is away, or does not accept the token"
    around = Round(Gateway(), clock=timezone.now)
    with acting(actor=Actor(kind="job", id="follow-duty", label="On call in Slack")):
        around.everything()
    return f"{around.told} told, {around.failed} failed"


def look_after_incident_channels() -> str:
    """Make the channels that incidents are to get, and invite whoever is to be in one."""
    if not Gateway.configured():
        return NOT_CONFIGURED
    if lanes.paused() is not None:
        return "Slack is away, or does not accept the token"
    around = Rooms(Gateway(), clock=timezone.now)
    with acting(actor=Actor(kind="job", id="incident-channels", label="Incidents’ channels")):
        around.everything()
    return f"{around.opened} opened, {around.invited} invited"


def read_channel_members() -> str:
    """Know who is in the channels that incoming people of a hand-over must join."""
    if not Gateway.configured():
        return NOT_CONFIGURED
    wanted = membership.wanted(now=timezone.now())
    return f"{membership.read(wanted, Gateway(), clock=timezone.now)} of {len(wanted)} channels read"


def _scan() -> Scan:
    # Waiting ends early when the worker does.
    return Scan(Gateway(), clock=timezone.now, pause=stopping.wait)
