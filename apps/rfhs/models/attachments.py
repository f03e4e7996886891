"""Screenshots, logs and events of the trail that come with a request."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

from apps.rfhs.models.rfh import RFH


class Attachment(models.Model):
    """A file of a request. It lives in the database, so that every web and worker process has it."""

    rfh = models.ForeignKey(RFH, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="In bytes.")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    by = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["rfh", "sha256", "name"], name="file_once_a_request")]

    def __str__(self) -> str:
        return self.name


class AttachedEvent(models.Model):
    """An event of the trail somebody asks to be explained."""

    rfh = models.ForeignKey(RFH, on_delete=models.CASCADE, related_name="attached_events")
    event = models.UUIDField()
    question = models.CharField(max_length=300, blank=True, help_text="Such as: explain why this happened.")
    by = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["rfh", "event"], name="event_once_a_request")]

    def __str__(self) -> str:
        return f"event {self.event} of {self.rfh}"


class AnsweredHere(models.Model):
    """A question that was answered where it was asked, in under an hour's work: recorded, no item."""

    team = models.ForeignKey("people.Team", on_delete=models.PROTECT, related_name="answered_here")
    question = models.TextField()
    answer = models.TextField(blank=True)
    by = models.ForeignKey("people.Agent", on_delete=models.SET_NULL, null=True, related_name="answered_here")
    source = models.CharField(max_length=20, choices=RFH.Source)
    url = models.URLField(max_length=500, blank=True)
    key = models.CharField(max_length=200, unique=True, null=True, editable=False)
    at = models.DateTimeField()
    search = models.GeneratedField(
        expression=SearchVector("question", "answer", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "questions answered here"
        indexes = [GinIndex(fields=["search"], name="answered_here_search")]

    def __str__(self) -> str:
        return self.question[:80]
