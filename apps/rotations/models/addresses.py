"""Secret addresses under which calendars are subscribed to."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.rotations.models.rotation import Rotation


class CalendarAddress(models.Model):
    """A rotation's calendar, or a person's own, at a secret address: whoever has it may read it. At most one of each.

    Only the secret's hash is stored, so nobody reads it here: one that was lost is made anew.
    """

    rotation = models.OneToOneField(
        Rotation, on_delete=models.CASCADE, null=True, blank=True, related_name="calendar_address"
    )
    agent = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="calendar_address"
    )
    hashed_token = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "calendar addresses"
        constraints = [
            models.CheckConstraint(
                condition=Q(rotation__isnull=False, agent__isnull=True) | Q(rotation__isnull=True, agent__isnull=False),
                name="calendar_address_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"The calendar of {self.rotation or self.agent}"
