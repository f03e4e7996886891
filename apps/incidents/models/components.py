"""What can break, as the public knows it."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models.functions import Lower


def public_id() -> str:
    """A name by which the public knows a row: nobody can count from it what is hidden."""
    return secrets.token_hex(6)


class ComponentGroup(models.Model):
    """Components that the status page shows together."""

    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=0, help_text="Low numbers come first.")
    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["position", "name", "pk"]
        constraints = [models.UniqueConstraint(Lower("name"), name="component_group_name_once")]

    def __str__(self) -> str:
        return self.name


class Component(models.Model):
    """A part of what we run. How it is doing is no column: it follows from incidents and maintenance."""

    class Status(models.TextChoices):
        """Statuspage's words, from well to worst; maintenance is planned."""

        OPERATIONAL = "operational", "Operational"
        UNDER_MAINTENANCE = "under_maintenance", "Under maintenance"
        DEGRADED = "degraded_performance", "Degraded performance"
        PARTIAL = "partial_outage", "Partial outage"
        MAJOR = "major_outage", "Major outage"

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=60, unique=True, help_text="What integrations call it.")
    description = models.CharField(max_length=300, blank=True, help_text="Public, if the component is.")
    group = models.ForeignKey(
        ComponentGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="components"
    )
    position = models.PositiveIntegerField(default=0, help_text="Low numbers come first.")
    public = models.BooleanField(
        "on the public page", default=True, help_text="Off: nobody outside learns that it exists."
    )
    showcase = models.BooleanField("shows its uptime", default=True)
    only_show_if_degraded = models.BooleanField("only shown while something is wrong", default=False)
    start_date = models.DateField(
        "counted since",
        null=True,
        blank=True,
        help_text="Days before are shown as not known. Empty: since it was made.",
    )
    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["group__position", "group__name", "position", "name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def stream(self) -> str:
        return f"component:{self.pk}"

    @property
    def archived(self) -> bool:
        """Whether it is out of use."""
        return self.archived_at is not None
