"""What we owe to say on issues: an outbox, claimed, written by a job, and told."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from apps.rfhs.models import Issue, IssueComment
from apps.rfhs.services.issue_rows import LEASE, LONGEST_ERROR, read, told_of
from apps.rfhs.services.writing import record
from apps.rfhs.tracker import Remark, key_in
from apps.rfhs.tracking.events import RFHIssueTold, RFHIssueUntold
from apps.trail.later import enqueue

SAY = "apps.rfhs.jobs.say_on_issues"
LONGEST_SAID = 60_000

Saying = IssueComment.Saying


def say(issue: Issue, text: str, *, now: datetime) -> IssueComment:
    """We owe this comment; a job writes it, once the issue is there."""
    owed = IssueComment.objects.create(issue=issue, text=text[:LONGEST_SAID], at=now)
    enqueue(SAY)
    return owed


@transaction.atomic
def claim_comment(*, now: datetime) -> IssueComment | None:
    """A comment that is owed and due, leased to the caller; None when there is none. An issue hears in order."""
    earlier = IssueComment.objects.filter(issue=OuterRef("issue"), saying=Saying.WANTED, pk__lt=OuterRef("pk"))
    row = (
        IssueComment.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(
            Q(next_at=None) | Q(next_at__lte=now),
            ~Exists(earlier),
            saying=Saying.WANTED,
            issue__making__in=[Issue.Making.MADE, Issue.Making.LINKED],
        )
        .order_by("pk")
        .first()
    )
    if row is None:
        return None
    IssueComment.objects.filter(pk=row.pk).update(
        attempts=F("attempts") + 1, next_at=now + LEASE, first_tried_at=Coalesce("first_tried_at", now)
    )
    return IssueComment.objects.select_related("issue").get(pk=row.pk)


@transaction.atomic
def comment_said(owed: IssueComment, remark: Remark, *, by: str, now: datetime) -> bool:
    """It stands on the issue; whether this call was the first to say so."""
    said = IssueComment.objects.filter(pk=owed.pk, saying=Saying.WANTED).update(
        saying=Saying.SAID, comment=remark.id, url=remark.url[:500], error="", next_at=None
    )
    if said:
        issue = read(owed.issue_id)
        record(issue.rfh, RFHIssueTold(**told_of(issue, by), text=owed.text, comment_url=remark.url), now=now)
        enqueue(SAY)
    return bool(said)


@transaction.atomic
def comment_delayed(
    owed: IssueComment, why: str, *, by: str, now: datetime, until: datetime | None = None, given_up: bool = False
) -> None:
    """It was not written this time; `given_up`: and it will not be."""
    values = {"error": why[:LONGEST_ERROR], "next_at": until}
    if given_up:
        values["saying"] = Saying.FAILED
    mine = IssueComment.objects.filter(pk=owed.pk, saying=Saying.WANTED, attempts=owed.attempts)
    if mine.update(**values) and given_up:
        issue = read(owed.issue_id)
        event = RFHIssueUntold(**told_of(issue, by), text=owed.text, why=why[:LONGEST_ERROR])
        record(issue.rfh, event, now=now)


def owed_in(text: str) -> IssueComment | None:
    """The comment of ours whose mark the text ends with."""
    key = key_in(text)
    return IssueComment.objects.filter(key=UUID(key)).first() if key else None


def is_ours(issue: Issue, remark: Remark) -> bool:
    """Did we write it? One who copies our words, mark and all, is somebody else."""
    owed = owed_in(remark.text)
    if owed is not None and owed.comment in {"", remark.id}:
        return True
    return IssueComment.objects.filter(issue=issue, comment=remark.id).exists()
