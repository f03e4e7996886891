"""The labels of issues follow the request: its priority, its team and its customer may change after it was filed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.rfhs.models import RFH, Issue
from apps.rfhs.selectors import RELATED
from apps.rfhs.services.filing import labels_for
from apps.rfhs.services.issue_rows import LEASE, LONGEST_ERROR, read
from apps.trail.later import enqueue

LABEL = "apps.rfhs.jobs.label_issues"
Making = Issue.Making


@transaction.atomic
def follow(number: int, *, now: datetime) -> None:
    """The issues of this request want the labels it asks for now; a job sees to those that are there."""
    rfh = RFH.objects.select_related(*RELATED).get(pk=number)
    for row in Issue.objects.select_for_update().filter(rfh=rfh).exclude(labels=[]):
        wanted = labels_for(rfh, row.tracker)
        if wanted == row.labels:
            continue
        row.labels_gone = [each for each in dict.fromkeys([*row.labels_gone, *row.labels]) if each not in wanted]
        row.labels = wanted
        # What nobody tried to make yet is made with them.
        if row.making != Making.WANTED or row.attempts:
            row.labels_due_at = now
            enqueue(LABEL)
        row.save(update_fields=["labels", "labels_gone", "labels_due_at"])


@transaction.atomic
def label_what_was_linked(number: int, *, now: datetime) -> None:
    """An issue that was there before gets the labels that ours have."""
    linked = Issue.objects.filter(rfh=number, making=Making.LINKED, tracker=Issue.Tracker.PRIVATE).exclude(labels=[])
    if linked.update(labels_due_at=now):
        enqueue(LABEL)


@transaction.atomic
def claim_labels(*, now: datetime) -> Issue | None:
    """An issue whose labels are to be set, leased to the caller; None when there is none."""
    row = (
        Issue.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(labels_due_at__lte=now, making__in=[Making.MADE, Making.LINKED])
        .order_by("labels_due_at", "pk")
        .first()
    )
    if row is None:
        return None
    Issue.objects.filter(pk=row.pk).update(labels_due_at=now + LEASE)
    return read(row.pk)


def labels_set(issue: Issue) -> None:
    """They are as they were read; what was wanted meanwhile is still due."""
    Issue.objects.filter(pk=issue.pk, labels=issue.labels, labels_gone=issue.labels_gone).update(
        labels_due_at=None, labels_gone=[]
    )


def labels_delayed(issue: Issue, why: str, *, until: datetime | None) -> None:
    """They were not set this time; None: only the next change tries again."""
    Issue.objects.filter(pk=issue.pk, labels=issue.labels, labels_gone=issue.labels_gone).update(
        labels_due_at=until, error=why[:LONGEST_ERROR]
    )
