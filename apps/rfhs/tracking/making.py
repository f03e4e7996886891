"""Issues that are wanted are made, or read to be linked: claim, commit, call, record."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.rfhs.confidential import must_tell_nothing
from apps.rfhs.errors import PrivateText
from apps.rfhs.models import Issue
from apps.rfhs.services import issues
from apps.rfhs.services.filing import read_by_all
from apps.rfhs.services.issue_rows import patience
from apps.rfhs.states import State
from apps.rfhs.tracker import IssueTracker, TrackedIssue, TrackerBusy, TrackerProblem, TrackerRefused, mark
from apps.rfhs.tracking import repositories

logger = logging.getLogger(__name__)

# A job is killed after 130 s, and one call takes its time.
HOLDS = timedelta(seconds=60)
# The tracker's clock and ours may differ.
SLACK = timedelta(minutes=10)
# GitHub's best practices: a second between two calls that write.
PACE = 1.0
NOT_SET_UP = "No tracker is set up: set GITHUB_TOKEN and {setting}; the issue is made as soon as they are."
SETTINGS = {"private": "RFH_PRIVATE_TRACKER", "public": "RFH_PUBLIC_TRACKER"}


@dataclass
class Made:
    """What came of a run."""

    made: int = 0
    delayed: int = 0


def make(tracker: IssueTracker | None, *, clock: Callable[[], datetime], pace: float = PACE) -> Made:
    """Every issue that is due is made, or why not is told; ends early when the tracker asks to wait."""
    done, began = Made(), clock()
    named = issues.repositories() if tracker is not None else {}
    done.delayed += _tell_not_set_up(named, now=began)
    if tracker is None:
        return done
    while clock() - began < HOLDS and repositories.paused(now=clock()) is None:
        issue = issues.claim(ready=set(named), now=clock())
        if issue is None:
            break
        if done.made:
            time.sleep(pace)
        if _make_one(tracker, issue, named[issue.tracker], clock):
            done.made += 1
        else:
            done.delayed += 1
    return done


def _make_one(tracker: IssueTracker, issue: Issue, repository: str, clock: Callable[[], datetime]) -> bool:
    try:
        found = _call(tracker, issue, repository)
    except PrivateText as private:
        issues.issue_delayed(issue, private.without_the_text, now=clock(), given_up=True, by=tracker.name)
        return False
    except TrackerRefused as refused:
        issues.issue_delayed(issue, str(refused), now=clock(), given_up=True, by=tracker.name)
        repositories.answered(repository, now=clock())
        return False
    except TrackerProblem as problem:
        now = clock()
        until = now + patience(issue.attempts)
        if isinstance(problem, TrackerBusy):
            until = max(until, repositories.busy(repository, problem, now=now))
        else:
            repositories.failing(repository, str(problem), now=now)
        issues.issue_delayed(issue, str(problem), until=until, now=now, by=tracker.name)
        return False
    except Exception:
        # Whatever it is, the request says so; the log says what.
        logger.exception("The issue %s could not be made", issue.pk)
        now = clock()
        reason = "Something went wrong here; the worker's log says what."
        issues.issue_delayed(issue, reason, until=now + patience(issue.attempts), now=now, by=tracker.name)
        return False
    issues.issue_made(issue, found, by=tracker.name, now=clock())
    repositories.answered(repository, now=clock())
    return True


def _call(tracker: IssueTracker, issue: Issue, repository: str) -> TrackedIssue:
    if issue.number is not None:
        return tracker.read(issue.repository, issue.number)
    key = mark(issue.key)
    if issue.attempts > 1 and issue.first_tried_at:
        found = tracker.find(repository, mark=key, since=issue.first_tried_at - SLACK)
        if found is not None:
            return found
    must_tell_nothing(issue, read_by_all(issue))
    body = f"{issue.body.rstrip()}\n\n{key}"
    return tracker.create(repository, title=issue.title, body=body, labels=issue.labels)


def _tell_not_set_up(named: dict[str, str], *, now: datetime) -> int:
    """Who waits for an issue nobody can make hears at once, and once."""
    waiting = Issue.objects.filter(making=Issue.Making.WANTED, delayed_at=None).exclude(tracker__in=named)
    waiting = waiting.exclude(rfh__state=str(State.WITHDRAWN))
    for issue in waiting.order_by("pk")[:100]:
        issues.issue_delayed(issue, NOT_SET_UP.format(setting=SETTINGS[issue.tracker]), now=now)
    return len(waiting)
