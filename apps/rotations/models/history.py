"""Who was on duty."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from apps.rotations.models.rotation import Rotation


class Served(models.Model):
    """Who was on duty in a role in an interval that is over; nobody when `people` is empty.

    In words, not in keys: it stays true when roles, layers and people go. `people` is a list of
    {email, name, because}. The rows of a role lie end to end up to the rotation's `kept_until`.
    """

    rotation = models.ForeignKey(Rotation, on_delete=models.CASCADE, related_name="served")
    role = models.CharField(max_length=50)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    people = models.JSONField(default=list)

    class Meta:
        ordering = ["rotation", "role", "starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["rotation", "role", "starts_at"], name="served_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="served_ends_after_it_starts"),
        ]
        indexes = [models.Index(fields=["rotation", "ends_at"], name="served_of_rotation")]

    def __str__(self) -> str:
        return f"{self.role}: {', '.join(person['name'] for person in self.people) or 'nobody'}"
