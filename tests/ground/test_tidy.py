"""Housekeeping."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django_q.models import Task

from apps.integrations.slack.models import SlackEvent
from supportops import jobs

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def slack_event(name: str, *, days: int, state: str) -> None:
    SlackEvent.objects.create(
        event_id=name,
        kind="message",
        payload={},
        received_at=timezone.now() - days * DAY,
        correlation_id=uuid4(),
        state=state,
    )


def finished(name: str, *, days: int, success: bool) -> None:
    then = timezone.now() - days * DAY
    Task.objects.create(
        id=name * 32, name=name, func="math.floor", args=(1,), started=then, stopped=then, success=success
    )


def test_slack_events_worked_a_month_ago_are_forgotten_and_others_kept() -> None:
    slack_event("old", days=31, state="done")
    slack_event("young", days=29, state="done")
    slack_event("never worked", days=31, state="failed")

    done = jobs.tidy()

    assert done["Slack events"] == 1
    assert set(SlackEvent.objects.values_list("event_id", flat=True)) == {"young", "never worked"}


def test_finished_jobs_are_kept_a_week_and_failed_ones_three_months() -> None:
    finished("a", days=8, success=True)
    finished("b", days=6, success=True)
    finished("c", days=89, success=False)
    finished("d", days=91, success=False)

    done = jobs.tidy()

    assert done["finished jobs"] == 2
    assert set(Task.objects.values_list("name", flat=True)) == {"b", "c"}
