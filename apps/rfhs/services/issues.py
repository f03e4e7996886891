"""The issues of requests, as the database knows them: wanted, made, delayed, linked, spoken on, listened to.

Nothing here calls the tracker: jobs claim a row, commit, call, and record what came of it.
"""

from __future__ import annotations

import re
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from apps.people.acting import Acting
from apps.rfhs.errors import BadRFH
from apps.rfhs.models import RFH, Issue, IssueComment, Note
from apps.rfhs.services.issue_comments import SAY, is_ours
from apps.rfhs.services.issue_comments import say as say
from apps.rfhs.services.issue_rows import LEASE, LONGEST_ERROR, lock, moved, read, told_of
from apps.rfhs.services.writing import locked, record
from apps.rfhs.states import State
from apps.rfhs.tracker import Remark, TrackedIssue, is_repository
from apps.rfhs.tracking.events import (
    RFHIssueClosed,
    RFHIssueCommentChanged,
    RFHIssueCommented,
    RFHIssueDelayed,
    RFHIssueLinkAsked,
    RFHIssueOpened,
    RFHIssueReopened,
    RFHIssueTried,
)
from apps.trail.later import enqueue

MAKE = "apps.rfhs.jobs.make_issues"
LONGEST_COMMENT = 20_000
GONE = "(This comment was deleted.)"
_REFERENCE = re.compile(r"(?:https?://[^/\s]+/)?([^/\s#]+/[^/\s#]+?)(?:/issues/|#)([1-9][0-9]{0,8})/?(?:[?#]\S*)?")

Making = Issue.Making


def repositories() -> dict[str, str]:
    """The trackers that are set up, each with its repository."""
    named = {Issue.Tracker.PRIVATE: settings.RFH_PRIVATE_TRACKER, Issue.Tracker.PUBLIC: settings.RFH_PUBLIC_TRACKER}
    return {str(tracker): repository for tracker, repository in named.items() if is_repository(repository)}


@transaction.atomic
def claim(*, ready: set[str], now: datetime) -> Issue | None:
    """An issue that is wanted and due, leased to the caller and to nobody else; None when there is none.

    `ready`: the trackers that are set up. Who dies meanwhile loses the lease, and the next looks first whether the
    issue was made.
    """
    due = Q(next_at=None) | Q(next_at__lte=now)
    # What was withdrawn before anybody tried needs no issue, unless it is reopened.
    needed = ~Q(rfh__state=str(State.WITHDRAWN)) | Q(attempts__gt=0)
    row = (
        Issue.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(due, needed, making=Making.WANTED, tracker__in=ready)
        .order_by(F("next_at").asc(nulls_first=True), "pk")
        .first()
    )
    if row is None:
        return None
    Issue.objects.filter(pk=row.pk).update(
        attempts=F("attempts") + 1,
        next_at=now + LEASE,
        first_tried_at=Coalesce("first_tried_at", now),
        # What waits without a reason is on its way: see `_must_not_be_on_its_way`.
        error="",
    )
    return read(row.pk)


@transaction.atomic
def issue_made(issue: Issue, found: TrackedIssue, *, by: str, now: datetime) -> bool:
    """The issue has its number and address; whether this call was the first to say so."""
    row = lock(issue.pk)
    linked = row.number is not None
    if row.making != Making.WANTED or (linked and row.number != found.number):
        return False
    row.making = Making.LINKED if linked else Making.MADE
    row.repository, row.number, row.url, row.state = found.repository, found.number, found.url[:500], found.state
    row.made_at, row.heard_at, row.next_at, row.error = now, found.updated_at, None, ""
    if linked:
        row.title = found.title[:300]
    elif missing := sorted({label.lower() for label in row.labels} - {label.lower() for label in found.labels}):
        # GitHub's reference, "Create an issue": labels of who may not push are dropped silently.
        row.error = f"GitHub left out the labels {', '.join(missing)}: the token may not set them."[:LONGEST_ERROR]
    row.save()
    event = RFHIssueOpened(**told_of(row, by), title=row.title, linked=linked, state=row.state)
    record(row.rfh, event, now=now)
    if linked and row.tracker == Issue.Tracker.PRIVATE and row.body.strip():
        # Who reads the linked issue must know what is asked, and of whom.
        say(row, row.body, now=now)
    elif row.comments.filter(saying=IssueComment.Saying.WANTED).exists():
        enqueue(SAY)
    return True


@transaction.atomic
def issue_delayed(
    issue: Issue, why: str, *, now: datetime, until: datetime | None = None, given_up: bool = False, by: str = "GitHub"
) -> None:
    """It was not made this time; the first time the team hears, without a link.

    `until`: when it is tried again (None: as soon as it can be). `given_up`: only when somebody says so.
    """
    row = lock(issue.pk)
    if row.making != Making.WANTED or row.attempts != issue.attempts:
        return
    row.error, row.next_at = why[:LONGEST_ERROR], until
    if given_up:
        row.making, row.next_at = Making.FAILED, None
    first, row.delayed_at = row.delayed_at is None, row.delayed_at or now
    row.save()
    if first or given_up:
        record(row.rfh, RFHIssueDelayed(**told_of(row, by), why=row.error, given_up=given_up), now=now)


@transaction.atomic
def try_again(issue: Issue, *, by: Acting, now: datetime, anew: bool = False) -> None:
    """What failed is wanted again; a first attempt that may have worked after all is looked for.

    `anew`: what was to be linked is made instead, in the private tracker. Raises BadRFH.
    """
    row = lock(issue.pk)
    if row.is_there:
        raise BadRFH("issue", f"{row} is there already.")
    _must_not_be_on_its_way(row, now=now)
    if anew and row.number is not None:
        if row.tracker == Issue.Tracker.PUBLIC:
            # Nobody has looked yet whether the public may read what it would say.
            raise BadRFH("anew", "In the public tracker an issue is made by publishing the private one.")
        row.number, row.repository, row.attempts, row.first_tried_at = None, "", 0, None
        row.body = row.body or row.rfh.description
    row.making, row.next_at, row.error = Making.WANTED, None, ""
    row.save()
    record(row.rfh, RFHIssueTried(**told_of(row, by.label, by.email)), now=now)
    enqueue(MAKE)


@transaction.atomic
def link(rfh: RFH, reference: str, *, by: Acting, now: datetime) -> Issue:
    """An issue that is there already becomes the request's, once a job has read it.

    `reference`: its address, or owner/repo#12. Raises BadRFH for another repository than the two trackers, and when
    the request has an issue there.
    """
    said = _REFERENCE.fullmatch(reference.strip())
    if said is None:
        raise BadRFH("issue", "Give the issue's address, such as https://github.com/acme/support/issues/12.")
    known = {repository.lower(): tracker for tracker, repository in repositories().items()}
    if not known:
        raise BadRFH("issue", "No tracker is set up: RFH_PRIVATE_TRACKER names the repository.")
    tracker = known.get(said[1].lower())
    if tracker is None:
        raise BadRFH("issue", f"Only issues of {' or '.join(sorted(repositories().values()))} can be linked.")
    held = locked(rfh)
    row = Issue.objects.select_for_update().filter(rfh=held, tracker=tracker).first() or Issue(
        rfh=held, tracker=tracker
    )
    if row.is_there:
        raise BadRFH("issue", f"{held} has its {tracker} issue already: {row}.")
    _must_not_be_on_its_way(row, now=now)
    row.repository, row.number = repositories()[tracker], int(said[2])
    row.making, row.next_at, row.error, row.attempts = Making.WANTED, None, "", 0
    row.title = row.title or held.summary
    row.save()
    record(held, RFHIssueLinkAsked(**told_of(row, by.label, by.email)), now=now)
    enqueue(MAKE)
    return row


@transaction.atomic
def issue_state_heard(issue: Issue, state: str, *, by: str, at: datetime, now: datetime) -> None:
    """The tracker says how the issue stands as of `at`, by its own clock; what is older than we know is nothing."""
    row = lock(issue.pk)
    if not row.is_there or state not in {"open", "closed"} or (row.heard_at and at < row.heard_at):
        return
    before, row.state, row.heard_at = row.state, state, at
    row.save(update_fields=["state", "heard_at"])
    if before != state:
        moved(row, now=now)
        kind = RFHIssueClosed if state == "closed" else RFHIssueReopened
        record(row.rfh, kind(**told_of(row, by)), now=now)


@transaction.atomic
def comment_heard(issue: Issue, remark: Remark, *, now: datetime) -> None:
    """Somebody wrote, or edited what they wrote; told twice it is one, and our own words are no news."""
    row = lock(issue.pk)
    if not row.is_there or is_ours(row, remark):
        return
    text = remark.text.replace("\x00", "").strip()[:LONGEST_COMMENT]
    key = _note_key(row, remark.id)
    note = Note.objects.select_for_update().filter(key=key).first()
    public = row.tracker == Issue.Tracker.PUBLIC
    if note is None:
        Note.objects.create(
            rfh=row.rfh,
            issue=row,
            kind=Note.Kind.COMMENT,
            text=text,
            by=remark.by[:200],
            at=remark.at,
            url=remark.url[:500],
            key=key,
            public=public,
            edited_at=remark.updated_at,
        )
        moved(row, now=now)
        event = RFHIssueCommented(
            **told_of(row, remark.by), text=text, comment_url=remark.url, public=public, said_at=remark.at
        )
        record(row.rfh, event, now=now)
    elif (
        note.deleted_at is None and note.text != text and (note.edited_at is None or note.edited_at < remark.updated_at)
    ):
        note.text, note.edited_at = text, remark.updated_at
        note.save(update_fields=["text", "edited_at"])
        record(row.rfh, _changed(row, note), now=now)


@transaction.atomic
def comment_gone(issue: Issue, remark: Remark, *, now: datetime) -> None:
    """The comment was deleted; its place is kept, so that a late word of it does not bring it back."""
    row = lock(issue.pk)
    note = Note.objects.select_for_update().filter(key=_note_key(row, remark.id), deleted_at=None).first()
    if note is not None:
        note.text, note.deleted_at = GONE, now
        note.save(update_fields=["text", "deleted_at"])
        record(row.rfh, _changed(row, note), now=now)


def _must_not_be_on_its_way(row: Issue, *, now: datetime) -> None:
    """A second who made it while the first asks the tracker would make two. Raises BadRFH."""
    if row.pk and row.making == Making.WANTED and row.next_at and row.next_at > now and not row.error:
        raise BadRFH("issue", f"The {row.tracker} issue is being made just now. Look again in a minute.")


def _note_key(row: Issue, comment: str) -> str:
    # One issue may be linked to two requests, and each has the comment.
    return f"issue:{row.pk}:{comment}"[:200]


def _changed(row: Issue, note: Note) -> RFHIssueCommentChanged:
    deleted = note.deleted_at is not None
    text = "" if deleted else note.text
    return RFHIssueCommentChanged(**told_of(row, note.by), text=text, comment_url=note.url, deleted=deleted)
