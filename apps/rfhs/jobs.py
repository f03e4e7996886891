"""The tracker's jobs: making issues, speaking on them, and reading what was said."""

from __future__ import annotations

import logging

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from apps.rfhs.tracker import IssueTracker
from apps.rfhs.tracking import making
from apps.trail.context import Actor, acting

logger = logging.getLogger(__name__)


def make_issues() -> str:
    """Issues that are wanted are made, and those that are linked are read."""
    tracker = _tracker()
    with _acting(tracker):
        done = making.make(tracker, clock=timezone.now)
    return f"{done.made} made, {done.delayed} delayed"


def _tracker() -> IssueTracker | None:
    """The tracker the settings name; None when none can be asked."""
    tracker: IssueTracker | None = import_string(settings.ISSUE_TRACKER)()
    return tracker


def _acting(tracker: IssueTracker | None):  # type: ignore[no-untyped-def]
    name = tracker.name if tracker else "GitHub"
    return acting(actor=Actor(kind="integration", id=name.lower(), label=name))
