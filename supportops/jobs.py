"""Housekeeping of the project as a whole."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django_q.models import Task

from apps.api import services as api
from apps.integrations.slack.models import SlackEvent
from apps.people.signing_in import forget_failed

KEEP_SLACK_EVENTS = timedelta(days=30)
KEEP_FINISHED_JOBS = timedelta(days=7)
KEEP_FAILED_JOBS = timedelta(days=90)
BATCH = 10_000


def tidy() -> dict[str, int]:
    """Forget what nobody will ask for again; how many of each. The trail is never tidied."""
    now = timezone.now()
    return {
        "idempotent requests": api.forget_old_requests(now),
        "failed sign-ins": forget_failed(now),
        "Slack events": forget_slack_events(now),
        "finished jobs": forget_jobs(now),
    }


def forget_slack_events(now: datetime) -> int:
    """Events worked long ago are gone: Slack sends an event again for an hour or so, not for a month."""
    old = SlackEvent.objects.filter(state=SlackEvent.State.DONE, received_at__lt=now - KEEP_SLACK_EVENTS).values("pk")
    return SlackEvent.objects.filter(pk__in=old[:BATCH]).delete()[0]


def forget_jobs(now: datetime) -> int:
    """Rows of finished jobs are gone after a week, of failed ones after three months."""
    finished = Task.objects.filter(success=True, stopped__lt=now - KEEP_FINISHED_JOBS)
    failed = Task.objects.filter(success=False, stopped__lt=now - KEEP_FAILED_JOBS)
    return int(finished.delete()[0]) + int(failed.delete()[0])
