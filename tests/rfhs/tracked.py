"""An issue in GitHub, and the jobs as a test runs them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from apps.rfhs.models import RFH, Issue
from apps.rfhs.tracking import making, reading, saying
from apps.trail.models import StoredEvent
from tests import make
from tests.standins.github import StandInGitHub

LABELS = ["rfh", "customer/acme", "team/delivery"]


class Clock:
    """A clock a test turns."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def wanted(now: datetime, rfh: RFH | None = None, **fields: Any) -> Issue:
    """It has everything, and waits to be made, in the place of the one that filing wanted."""
    defaults: dict[str, Any] = {
        "tracker": "private",
        "title": "How does one move a board?",
        "body": "> It fails",
        "labels": LABELS,
    }
    asked = {**defaults, **fields}
    tracker = asked.pop("tracker")
    if rfh is None:
        rfh = make.filed_rfh(now)
        Issue.objects.filter(rfh=rfh).update(tracker=tracker)
    issue, _ = Issue.objects.update_or_create(rfh=rfh, tracker=tracker, defaults=asked)
    return issue


def made(clock: Clock, rfh: RFH | None = None, **fields: Any) -> Issue:
    """It is there."""
    issue = wanted(clock.at, rfh, **fields)
    make_all(clock)
    issue.refresh_from_db()
    assert issue.number, issue.error
    return issue


def make_all(clock: Clock) -> making.Made:
    return making.make(import_string(settings.ISSUE_TRACKER)(), clock=clock, pace=0)


def say_all(clock: Clock) -> int:
    return saying.say_all(import_string(settings.ISSUE_TRACKER)(), clock=clock, pace=0)


def read_all(clock: Clock) -> int:
    return reading.read_all(import_string(settings.ISSUE_TRACKER)(), clock=clock)


def told(rfh: RFH) -> list[str]:
    """What the trail says of the request's issues."""
    found = StoredEvent.objects.filter(about__contains=[rfh.stream], type__startswith="RFHIssue").order_by("position")
    return list(found.values_list("type", flat=True))


def later(clock: Clock, github: StandInGitHub, minutes: int = 20) -> None:
    """Ours and GitHub's clock go on."""
    clock.at += timedelta(minutes=minutes)
    github.shift += timedelta(minutes=minutes)
