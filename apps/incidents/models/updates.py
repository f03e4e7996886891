"""What was said of an incident, what it did to components, and what Slack pinned."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.incidents.models.components import Component, public_id
from apps.incidents.models.incident import STATES, Incident


class Update(models.Model):
    """One word on how an incident stands. What is said to the public and among ourselves are two fields, always.

    `position` counts from 1 within the incident. The public reads it once `published_at` is set; `awaiting` means that
    somebody who may not publish wants it to.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="updates")
    position = models.PositiveIntegerField()
    status = models.CharField(max_length=20, choices=STATES)
    public_text = models.TextField(blank=True, help_text="Markdown; everybody reads it once it is published.")
    internal_note = models.TextField(blank=True, help_text="For us alone.")
    # [{"component": public id, "name", "old", "new"}] as they were changed by it.
    components = models.JSONField(default=list, blank=True)
    by = models.CharField(max_length=200)
    by_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    awaiting = models.BooleanField(default=False)
    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    # A form or button that is sent twice says it once.
    key = models.CharField(max_length=200, unique=True, null=True, editable=False)

    class Meta:
        ordering = ["incident", "position"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "position"], name="update_position_once"),
            models.CheckConstraint(
                condition=Q(awaiting=False) | Q(published_at__isnull=True), name="update_awaits_or_is_published"
            ),
        ]

    def __str__(self) -> str:
        return f"update {self.position} of {self.incident}"


class ImpactChange(models.Model):
    """From `since` on the incident leaves a component so; until the next of its changes, or its end.

    Intervals follow from these, so none can overlap or be left open by mistake. `public` ones alone count outside.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="impacts")
    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="impacts")
    status = models.CharField(max_length=30, choices=Component.Status)
    since = models.DateTimeField()
    public = models.BooleanField(default=False)

    class Meta:
        ordering = ["incident", "component", "since", "pk"]
        indexes = [models.Index(fields=["component", "since"], name="impact_of_component")]
        constraints = [
            models.CheckConstraint(condition=~Q(status="under_maintenance"), name="impact_is_no_maintenance")
        ]

    def __str__(self) -> str:
        return f"{self.component} {self.get_status_display()} by {self.incident}"


class Pin(models.Model):
    """A message that somebody pinned in the incident's channel or thread: an entry of its timeline."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="pins")
    channel = models.CharField(max_length=20)
    ts = models.CharField(max_length=32)
    author = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    url = models.URLField(max_length=500, blank=True)
    said_at = models.DateTimeField()
    pinned_by = models.CharField(max_length=200, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["said_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["incident", "channel", "ts"], name="pin_once")]

    def __str__(self) -> str:
        return f"pinned message of {self.incident}"
