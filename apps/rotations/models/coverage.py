"""What people were told of the days ahead."""

from __future__ import annotations

from django.db import models

from apps.rotations.models.rotation import Rotation


class Coverage(models.Model):
    """How far a rotation's days ahead were looked at: the local day, the Monday whose week was told, what was told.

    `told` is a list of {kind, role, start, end, person, label}, so that nobody hears of one thing twice.
    """

    rotation = models.OneToOneField(Rotation, on_delete=models.CASCADE, related_name="coverage")
    looked_on = models.DateField(null=True)
    week_of = models.DateField(null=True)
    told = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"Coverage of {self.rotation}"
