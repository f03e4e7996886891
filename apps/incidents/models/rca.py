"""Why it happened, and what is done about it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.incidents.models.incident import Incident


class RCA(models.Model):
    """The root cause analysis of an incident, written here; for us alone."""

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, related_name="rca")
    summary = models.TextField(blank=True)
    impact = models.TextField(blank=True)
    timeline = models.TextField(blank=True)
    causes = models.TextField(blank=True)
    started_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)
    updated_by = models.CharField(max_length=200, blank=True, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "RCA"
        verbose_name_plural = "RCAs"

    def __str__(self) -> str:
        return f"RCA of {self.incident}"


class Action(models.Model):
    """Something to be done so that it does not happen again, by whom and until when."""

    rca = models.ForeignKey(RCA, on_delete=models.CASCADE, related_name="actions")
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="rca_actions"
    )
    due_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["rca", "pk"]

    def __str__(self) -> str:
        return self.text
