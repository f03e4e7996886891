"""What was rendered for the public."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Rendering(models.Model):
    """The bytes of one public path, as they are, and as they are once nobody knows whether they still hold."""

    path = models.CharField(max_length=200, unique=True)
    content_type = models.CharField(max_length=100)
    policy = models.CharField("Content-Security-Policy", max_length=500)
    # Of a family's member: a digest of what it was built from. Empty: it is built each time.
    made_of = models.CharField(max_length=64, blank=True)
    body = models.BinaryField()
    etag = models.CharField(max_length=40)
    unknown_body = models.BinaryField()
    unknown_etag = models.CharField(max_length=40)
    # The last time either became another.
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return self.path


class Edition(models.Model):
    """The one row that says which renderings are the newest, and how things stood when they were made."""

    number = models.PositiveBigIntegerField(default=0)
    rendered_at = models.DateTimeField(null=True)
    # PostgreSQL's name of the oldest transaction that was running then: it saw all that are older.
    saw = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="edition_is_one")]

    def __str__(self) -> str:
        return f"edition {self.number}"
