"""What we owe to say on issues is written: claim, commit, call, record."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime

from apps.rfhs.confidential import must_tell_nothing
from apps.rfhs.errors import PrivateText
from apps.rfhs.models import IssueComment
from apps.rfhs.services import issue_comments as comments
from apps.rfhs.services.issue_rows import patience
from apps.rfhs.tracker import IssueTracker, Remark, TrackerBusy, TrackerProblem, TrackerRefused, mark
from apps.rfhs.tracking import repositories
from apps.rfhs.tracking.making import HOLDS, PACE, SLACK

logger = logging.getLogger(__name__)


def say_all(tracker: IssueTracker, *, clock: Callable[[], datetime], pace: float = PACE) -> int:
    """How many comments were written of those that are due; ends early when the tracker asks to wait."""
    said, began = 0, clock()
    while clock() - began < HOLDS and repositories.paused(now=clock()) is None:
        owed = comments.claim_comment(now=clock())
        if owed is None:
            break
        if said:
            time.sleep(pace)
        said += _say_one(tracker, owed, clock)
    return said


def _say_one(tracker: IssueTracker, owed: IssueComment, clock: Callable[[], datetime]) -> bool:
    repository, by = owed.issue.repository, tracker.name
    try:
        remark = _call(tracker, owed)
    except PrivateText as private:
        comments.comment_delayed(owed, private.without_the_text, by=by, now=clock(), given_up=True)
        return False
    except TrackerRefused as refused:
        comments.comment_delayed(owed, str(refused), by=by, now=clock(), given_up=True)
        return False
    except TrackerProblem as problem:
        now = clock()
        until = now + patience(owed.attempts)
        if isinstance(problem, TrackerBusy):
            until = max(until, repositories.busy(repository, problem, now=now))
        else:
            repositories.failing(repository, str(problem), now=now)
        comments.comment_delayed(owed, str(problem), by=by, now=now, until=until)
        return False
    except Exception:
        logger.exception("The comment %s could not be written", owed.pk)
        now = clock()
        reason = "Something went wrong here; the worker's log says what."
        comments.comment_delayed(owed, reason, by=by, now=now, until=now + patience(owed.attempts))
        return False
    comments.comment_said(owed, remark, by=by, now=clock())
    repositories.answered(repository, now=clock())
    return True


def _call(tracker: IssueTracker, owed: IssueComment) -> Remark:
    issue, key = owed.issue, mark(owed.key)
    assert issue.number
    if owed.attempts > 1 and owed.first_tried_at:
        found = tracker.find_comment(issue.repository, issue.number, mark=key, since=owed.first_tried_at - SLACK)
        if found is not None:
            return found
    must_tell_nothing(issue, {"comment": owed.text})
    return tracker.comment(issue.repository, issue.number, body=f"{owed.text.rstrip()}\n\n{key}")
