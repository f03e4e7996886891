"""Work that is planned, and what was said of it."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from apps.incidents.models.components import Component, public_id


def a_day() -> timedelta:
    """How long before it begins subscribers hear once more."""
    return timedelta(days=1)


class Maintenance(models.Model):
    """Components are worked on between two instants. It begins and ends by itself, and silences nothing."""

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", "Scheduled"
        IN_PROGRESS = "in_progress", "In progress"
        VERIFYING = "verifying", "Verifying"
        COMPLETED = "completed", "Completed"
        CANCELLED = "cancelled", "Cancelled"

    title = models.CharField(max_length=200)
    public_text = models.TextField(blank=True, help_text="Markdown; everybody reads it once it is published.")
    internal_note = models.TextField(blank=True, help_text="For us alone.")
    components = models.ManyToManyField(Component, blank=True, related_name="maintenances")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    status = models.CharField(max_length=20, choices=Status, default=Status.SCHEDULED, editable=False)
    public = models.BooleanField("on the public page", default=True)
    remind_before = models.DurationField("remind subscribers before", default=a_day)
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)
    created_by = models.CharField(max_length=200, blank=True, editable=False)
    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    # What asked for it: asked twice, it is planned once.
    key = models.CharField(max_length=200, unique=True, null=True, editable=False)

    class Meta:
        ordering = ["-starts_at", "-pk"]
        verbose_name_plural = "maintenance"
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="maintenance_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(status__in=["completed", "cancelled"], ended_at__isnull=False)
                | (~Q(status__in=["completed", "cancelled"]) & Q(ended_at__isnull=True)),
                name="maintenance_ended_at_iff_over",
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at", "id"], name="maintenance_ahead", condition=Q(ended_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def stream(self) -> str:
        return f"maintenance:{self.pk}"

    @property
    def is_over(self) -> bool:
        """Whether it is completed or cancelled."""
        return self.ended_at is not None


class MaintenanceUpdate(models.Model):
    """One word on how planned work stands."""

    maintenance = models.ForeignKey(Maintenance, on_delete=models.CASCADE, related_name="updates")
    position = models.PositiveIntegerField()
    status = models.CharField(max_length=20, choices=Maintenance.Status)
    public_text = models.TextField(blank=True)
    internal_note = models.TextField(blank=True)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()
    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)

    class Meta:
        ordering = ["maintenance", "position"]
        constraints = [
            models.UniqueConstraint(fields=["maintenance", "position"], name="maintenance_update_position_once")
        ]

    def __str__(self) -> str:
        return f"update {self.position} of {self.maintenance}"
