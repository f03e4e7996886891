"""Which types of the allow-list are told to customers."""

from __future__ import annotations

from django.db import models


class ToldType(models.Model):
    """A type customers can be told of, and whether they are. A type without a row is told."""

    type = models.CharField(max_length=100, unique=True)
    told = models.BooleanField(
        "customers are told", default=True, help_text="Off: nobody can choose such events for a customer any more."
    )

    class Meta:
        app_label = "trail"
        ordering = ["type"]
        verbose_name = "type customers are told of"
        verbose_name_plural = "types customers are told of"

    def __str__(self) -> str:
        return self.type
