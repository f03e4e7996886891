"""How late a check is reached, and its message accepted by a Slack on loopback, with a real worker."""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta

import django
from django.db import connection
from django.utils import timezone

from bench import ground

RUNNING = 10_000
MINUTES = 3
A_MINUTE = 60
CHANNELS = 20


def main() -> None:
    # The stand-in runs in this process, so that both ends are measured by one clock.
    from tests.standins.slack import StandInSlack

    with ground.home() as folder, StandInSlack() as slack:
        env = ground.environment(folder, slack.api_url)
        ground.manage("migrate", env=env)
        os.environ.update(env, DJANGO_SETTINGS_MODULE="supportops.settings")
        django.setup()
        measure(env, slack)
        connection.close()


def measure(env: dict[str, str], slack: object) -> None:
    # After setup: models.
    from apps.trail.models import StoredEvent
    from bench import data

    now = timezone.now()
    policy = data.organisation(now)
    data.running(policy, [now + timedelta(hours=5)] * RUNNING, prefix="rest", channels=CHANNELS)
    ground.manage("sync", env=env)
    worker = ground.spawn(sys.executable, "manage.py", "worker", env=env)
    try:
        time.sleep(10)
        start = timezone.now() + timedelta(seconds=5)
        gap = timedelta(minutes=1) / A_MINUTE
        dues = [start + n * gap for n in range(MINUTES * A_MINUTE)]
        data.running(policy, dues, prefix="due", channels=CHANNELS)
        time.sleep((dues[-1] - timezone.now()).total_seconds() + 10)
    finally:
        ground.end(worker)
    reached = list(
        StoredEvent.objects.filter(type="EscalationReached").values_list("event_id", "payload", "recorded_at")
    )
    accepted = accepted_at(slack)
    late, sent, whole, lost = [], [], [], 0
    for event_id, payload, recorded_at in reached:
        due = timezone.datetime.fromisoformat(payload["check_due_at"])
        late.append((recorded_at - due).total_seconds())
        at = accepted.get(str(event_id))
        if at is None:
            lost += 1
            continue
        sent.append(at - recorded_at.timestamp())
        whole.append(at - due.timestamp())
    ground.say(
        f"checks due / reached / messages not accepted ({RUNNING:,} clocks running)",
        f"{len(dues)} / {len(reached)} / {lost}",
    )
    for name, times in (
        ("due to recorded", late),
        ("recorded to accepted by Slack (p99 at most 2 s)", sent),
        ("due to accepted by Slack", whole),
    ):
        shown = ", ".join(f"p{percent} {ground.percentile(times, percent) * 1000:.0f} ms" for percent in (50, 99))
        ground.say(name, f"{shown}, max {max(times) * 1000:.0f} ms")


def accepted_at(slack: object) -> dict[str, float]:
    """When the stand-in took each message, by the event it is about."""
    from apps.notices.models import Notice

    by_ts = {notice.slack_ts: str(notice.event_id) for notice in Notice.objects.exclude(slack_ts="")}
    # The stand-in's ts is the time at which it took the message.
    return {event: float(ts) for ts, event in by_ts.items()}
