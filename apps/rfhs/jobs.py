"""The tracker's jobs: making issues, speaking on them, and reading what was said."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from apps.rfhs.tracker import IssueTracker
from apps.rfhs.tracking import labelling, making, reading, saying
from apps.trail.context import Actor, Context, acting

NOT_SET_UP = "no tracker is set up"


def make_issues() -> str:
    """Issues that are wanted are made, and those that are linked are read."""
    tracker = _tracker()
    with _acting(tracker):
        done = making.make(tracker, clock=timezone.now)
    return f"{done.made} made, {done.delayed} delayed"


def say_on_issues() -> str:
    """What we owe to say on issues is written."""
    tracker = _tracker()
    if tracker is None:
        return NOT_SET_UP
    with _acting(tracker):
        return f"{saying.say_all(tracker, clock=timezone.now)} said"


def label_issues() -> str:
    """Issues have the labels their requests ask for now."""
    tracker = _tracker()
    if tracker is None:
        return NOT_SET_UP
    with _acting(tracker):
        return f"{labelling.label_all(tracker, clock=timezone.now)} labelled"


def read_issues() -> str:
    """What happened on issues is heard."""
    tracker = _tracker()
    if tracker is None:
        return NOT_SET_UP
    with _acting(tracker):
        return f"{reading.read_all(tracker, clock=timezone.now)} repositories read"


def _tracker() -> IssueTracker | None:
    """The tracker the settings name; None when none can be asked."""
    tracker: IssueTracker | None = import_string(settings.ISSUE_TRACKER)()
    return tracker


def _acting(tracker: IssueTracker | None) -> AbstractContextManager[Context]:
    name = tracker.name if tracker else "GitHub"
    return acting(actor=Actor(kind="integration", id=name.lower(), label=name))
