"""The GitHub issues of a request, and what was said there."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from apps.rfhs.models.rfh import RFH


class Issue(models.Model):
    """One issue in a tracker. It is made once: `key` stands in its body, so that a lost answer finds it again."""

    class Tracker(models.TextChoices):
        PRIVATE = "private", "Private"
        PUBLIC = "public", "Public"

    class Making(models.TextChoices):
        WANTED = "wanted", "Wanted"
        MADE = "made", "Made"
        LINKED = "linked", "Linked by hand"
        FAILED = "failed", "Failed"

    rfh = models.ForeignKey(RFH, on_delete=models.CASCADE, related_name="issues")
    tracker = models.CharField(max_length=10, choices=Tracker)
    making = models.CharField(max_length=10, choices=Making, default=Making.WANTED)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    repository = models.CharField(max_length=200, blank=True, help_text="owner/repo")
    number = models.PositiveIntegerField(null=True, blank=True)
    url = models.URLField(max_length=500, blank=True)
    state = models.CharField(max_length=20, blank=True, help_text="open or closed, as the tracker last said.")
    title = models.CharField(max_length=300)
    body = models.TextField()
    labels = models.JSONField(default=list)
    # Those of ours it had before and should not have any more; and when somebody has to see to it.
    labels_gone = models.JSONField(default=list, editable=False)
    labels_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The private issue a public one was published from.
    twin_of = models.OneToOneField("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="public_twin")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    # Since when it may be there, though nobody told us: what was made from then on is looked through.
    first_tried_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When everybody was told that there is none yet.
    delayed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The tracker's instant of the newest state we heard of: what comes late does not undo it.
    heard_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["rfh", "tracker"], name="one_issue_a_tracker"),
            models.CheckConstraint(
                condition=~Q(making__in=["made", "linked"]) | Q(number__isnull=False), name="made_issue_has_its_number"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="issue_wanted", condition=Q(making="wanted")),
            models.Index(fields=["repository", "number"], name="issue_by_number"),
        ]

    def __str__(self) -> str:
        return (
            f"{self.repository}#{self.number}" if self.number else f"{self.get_tracker_display()} issue of {self.rfh}"
        )

    @property
    def is_there(self) -> bool:
        """Whether it has its number and address."""
        return self.making in {self.Making.MADE, self.Making.LINKED}

    @property
    def can_be_reworded(self) -> bool:
        """Whether it failed before anybody could read it."""
        return self.making == self.Making.FAILED and self.number is None


class IssueComment(models.Model):
    """What we owe to say on an issue: once, found again by `key` when the tracker's answer was lost."""

    class Saying(models.TextChoices):
        WANTED = "wanted", "Wanted"
        SAID = "said", "Said"
        FAILED = "failed", "Failed"

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="comments")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    text = models.TextField()
    saying = models.CharField(max_length=10, choices=Saying, default=Saying.WANTED)
    at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    next_at = models.DateTimeField(null=True, blank=True, editable=False)
    first_tried_at = models.DateTimeField(null=True, blank=True, editable=False)
    error = models.CharField(max_length=300, blank=True, editable=False)
    # The tracker's id of it.
    comment = models.CharField(max_length=40, blank=True)
    url = models.URLField(max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["next_at"], name="comment_wanted", condition=Q(saying="wanted"))]

    def __str__(self) -> str:
        return f"comment on {self.issue}"


class TrackedRepository(models.Model):
    """A repository of issues: how far it was read, and whether it answers."""

    name = models.CharField(max_length=200, primary_key=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    # The tracker asked us to wait.
    paused_until = models.DateTimeField(null=True, blank=True)
    # Where reading goes on, by the tracker's own clock, and the tag that says whether there is anything new.
    issues_since = models.DateTimeField(null=True, blank=True)
    issues_tag = models.CharField(max_length=200, blank=True)
    remarks_since = models.DateTimeField(null=True, blank=True)
    remarks_tag = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "tracked repositories"

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    """Something that was said about a request: an update, a comment of its issue, or a word among us."""

    class Kind(models.TextChoices):
        UPDATE = "update", "Update"
        COMMENT = "comment", "Comment on the issue"
        NUDGE = "nudge", "Nudge"
        TEAMMATE = "teammate", "Teammate"

    rfh = models.ForeignKey(RFH, on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.UPDATE)
    text = models.TextField()
    by = models.CharField(max_length=200, blank=True)
    agent = models.ForeignKey("people.Agent", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    url = models.URLField(max_length=500, blank=True)
    # The comment's id at the tracker; told twice it is one.
    key = models.CharField(max_length=200, unique=True, null=True, editable=False)
    issue = models.ForeignKey(
        Issue, on_delete=models.SET_NULL, null=True, blank=True, related_name="notes", editable=False
    )
    public = models.BooleanField("everybody can read it", default=False)
    # By the tracker's clock: an older wording that comes late does not undo a newer one.
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.rfh}"
