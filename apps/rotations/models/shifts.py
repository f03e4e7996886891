"""Shifts as people enter them."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class ShiftQuerySet(models.QuerySet["Shift"]):
    def at(self, now: datetime) -> ShiftQuerySet:
        """Those that hold `now`; half-open: who comes owns the instant of the handoff."""
        return self.filter(starts_at__lte=now, ends_at__gt=now)


class Shift(models.Model):
    """One agent's interval on support, or embedded in a product; it ends after it starts."""

    class Kind(models.TextChoices):
        SUPPORT = "support", "Support"
        EMBEDDED = "embedded", "Embedded in a product"

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shifts")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.SUPPORT)
    product = models.CharField(max_length=100, blank=True, help_text="Which product, when embedded.")
    starts_at = models.DateTimeField("start")
    ends_at = models.DateTimeField("end")

    objects = ShiftQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="shift_ends_after_it_starts",
                violation_error_message="The shift must end after it starts.",
            ),
        ]
        indexes = [models.Index(fields=["ends_at", "starts_at"], name="shift_now")]

    def __str__(self) -> str:
        what = f"embedded in {self.product}" if self.kind == self.Kind.EMBEDDED else "support"
        return f"{self.agent}, {what}"
