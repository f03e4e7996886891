"""The table by which severities, levels and the page's words map to each other."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.incidents.models.components import Component

LEVELS = [("L1", "L1, critical"), ("L2", "L2, major"), ("L3", "L3, moderate"), ("L4", "L4, minor")]
SEVERITIES = [(f"sev-{number}", f"sev-{number}") for number in range(1, 6)]


class Impact(models.TextChoices):
    """Statuspage's words for how bad an incident is."""

    NONE = "none", "None"
    MINOR = "minor", "Minor"
    MAJOR = "major", "Major"
    CRITICAL = "critical", "Critical"


class Severity(models.Model):
    """What one of sev-1 … sev-5 means: in levels, on the page, and in the words of Crashbot and Statuspage.

    A level that several rows name stands for the first of them.
    """

    severity = models.CharField(max_length=5, unique=True, choices=SEVERITIES, editable=False)
    level = models.CharField(max_length=2, choices=LEVELS)
    impact = models.CharField("impact on the page", max_length=10, choices=Impact)
    meaning = models.CharField(max_length=200, help_text="Crashbot's words, shown where somebody chooses.")
    banner = models.CharField(
        "words of the page's banner",
        max_length=60,
        help_text="Statuspage's words while it is open, such as: Major Service Outage.",
    )
    component_status = models.CharField(
        "state of affected components",
        max_length=30,
        choices=Component.Status,
        default=Component.Status.DEGRADED,
        help_text="When nobody says another.",
    )

    class Meta:
        ordering = ["severity"]
        verbose_name_plural = "severities"
        constraints = [
            models.CheckConstraint(
                condition=~Q(component_status="under_maintenance"), name="severity_is_no_maintenance"
            )
        ]

    def __str__(self) -> str:
        return f"{self.severity}, {self.meaning}"
