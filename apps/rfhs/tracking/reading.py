"""What happened on issues is read, for where no webhook tells of it, and for what a webhook lost."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Min, QuerySet

from apps.rfhs.models import Issue, TrackedRepository
from apps.rfhs.services import issue_comments as comments
from apps.rfhs.services import issues
from apps.rfhs.tracker import Bookmark, Changes, IssueTracker, Remark, TrackedIssue, TrackerBusy, TrackerProblem, key_in
from apps.rfhs.tracking import repositories

logger = logging.getLogger(__name__)

# Reading begins a little before the first issue: the tracker's clock and ours may differ.
BEFORE = timedelta(minutes=10)


def read_all(tracker: IssueTracker, *, clock: Callable[[], datetime]) -> int:
    """How many repositories were read; ends when the tracker asks to wait."""
    done = 0
    for name in dict.fromkeys(issues.repositories().values()):
        if repositories.paused(now=clock()) is not None:
            break
        first = _there(name).aggregate(first=Min("made_at"))["first"]
        if first is not None:
            done += _read_one(tracker, name, first - BEFORE, clock)
    return done


def _read_one(tracker: IssueTracker, name: str, first: datetime, clock: Callable[[], datetime]) -> bool:
    row, _ = TrackedRepository.objects.get_or_create(name=name)
    try:
        changes = tracker.changes(
            name,
            issues=Bookmark(row.issues_since or first, row.issues_tag),
            remarks=Bookmark(row.remarks_since or first, row.remarks_tag),
        )
    except TrackerBusy as problem:
        repositories.busy(name, problem, now=clock())
        return False
    except TrackerProblem as problem:
        repositories.failing(name, str(problem), now=clock())
        return False
    # What could not be recorded is read again.
    if _record(changes, name, by=tracker.name, now=clock()):
        repositories.read_to(name, changes)
    repositories.answered(name, now=clock())
    return True


def _record(changes: Changes, name: str, *, by: str, now: datetime) -> bool:
    whole = True
    known = _by_number(name, {each.number for each in changes.issues} | {each.number for each in changes.remarks})
    for found in changes.issues:
        who = found.closed_by or by
        for issue in known.get(found.number, ()):
            heard = partial(issues.issue_state_heard, issue, found.state, by=who, at=found.updated_at, now=now)
            whole &= _try(heard)
    for remark in changes.remarks:
        for issue in known.get(remark.number, ()):
            whole &= _try(partial(issues.comment_heard, issue, remark, now=now))
    return whole


def _try(write: Callable[[], object]) -> bool:
    try:
        write()
    except Exception:
        logger.exception("What was read of an issue could not be recorded")
        return False
    return True


def issue_told(found: TrackedIssue, *, by: str, now: datetime) -> int:
    """The tracker says that an issue was made, changed, closed or opened again; how many of ours it is."""
    key = key_in(found.body)
    waiting = Issue.objects.filter(key=key, making=Issue.Making.WANTED, number=None).first() if key else None
    # Ours, made though its answer was lost; in another repository it is a copy.
    if waiting and issues.repositories().get(waiting.tracker, "").lower() == found.repository.lower():
        issues.issue_made(waiting, found, by=by, now=now)
    known = _by_number(found.repository, {found.number}).get(found.number, ())
    for issue in known:
        issues.issue_state_heard(issue, found.state, by=by, at=found.updated_at, now=now)
    return len(known)


def remark_told(remark: Remark, *, gone: bool, by: str, now: datetime) -> int:
    """The tracker says that somebody commented, or edited or deleted that; on how many of our issues."""
    known = _by_number(remark.repository, {remark.number}).get(remark.number, ())
    for issue in known:
        owed = comments.owed_in(remark.text)
        if gone:
            issues.comment_gone(issue, remark, now=now)
        elif owed and owed.issue_id == issue.pk and not owed.comment:
            # Ours, written though its answer was lost.
            comments.comment_said(owed, remark, by=by, now=now)
        else:
            issues.comment_heard(issue, remark, now=now)
    return len(known)


def _there(name: str) -> QuerySet[Issue]:
    return Issue.objects.filter(repository__iexact=name, making__in=[Issue.Making.MADE, Issue.Making.LINKED])


def _by_number(name: str, numbers: set[int]) -> dict[int, Sequence[Issue]]:
    found: dict[int, list[Issue]] = {}
    for issue in _there(name).filter(number__in=numbers):
        found.setdefault(issue.number or 0, []).append(issue)
    return dict(found)
