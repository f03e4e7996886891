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
    # The private issue a public one was published from.
    twin_of = models.OneToOneField("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="public_twin")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    polled_at = models.DateTimeField(null=True, blank=True)

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

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.rfh}"
