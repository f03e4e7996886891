"""Labels of issues that follow their request: claim, commit, call, record."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from apps.rfhs.models import Issue
from apps.rfhs.services import issue_labels
from apps.rfhs.services.issue_rows import patience
from apps.rfhs.tracker import IssueTracker, TrackerBusy, TrackerProblem, TrackerRefused
from apps.rfhs.tracking import repositories
from apps.rfhs.tracking.making import HOLDS, PACE


def label_all(tracker: IssueTracker, *, clock: Callable[[], datetime], pace: float = PACE) -> int:
    """How many issues got their labels; ends early when the tracker asks to wait."""
    done, began = 0, clock()
    while clock() - began < HOLDS and repositories.paused(now=clock()) is None:
        issue = issue_labels.claim_labels(now=clock())
        if issue is None:
            break
        if done:
            time.sleep(pace)
        done += _label_one(tracker, issue, clock)
    return done


def _label_one(tracker: IssueTracker, issue: Issue, clock: Callable[[], datetime]) -> bool:
    assert issue.number
    try:
        # Said twice they are the same labels, so nobody has to look first.
        tracker.label(issue.repository, issue.number, add=issue.labels, remove=issue.labels_gone)
    except TrackerRefused as refused:
        issue_labels.labels_delayed(issue, str(refused), until=None)
        return False
    except TrackerProblem as problem:
        now = clock()
        until = now + patience(1)
        if isinstance(problem, TrackerBusy):
            until = max(until, repositories.busy(issue.repository, problem, now=now))
        else:
            repositories.failing(issue.repository, str(problem), now=now)
        issue_labels.labels_delayed(issue, str(problem), until=until)
        return False
    issue_labels.labels_set(issue)
    repositories.answered(issue.repository, now=clock())
    return True
