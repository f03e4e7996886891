"""Hand-overs: who passes on to whom, who confirmed it, and what was passed on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.rotations.models.rotation import Rotation


class HandOver(models.Model):
    """What those who go off duty at an instant pass on to those who come; one for each change and kind.

    It is closed once everybody who confirms it has, or when people change; `settled_at` is when what nobody took had
    gone to the incoming lead.
    """

    class Kind(models.TextChoices):
        FULL = "full", "Hand-over"
        SHORT = "short", "Short hand-over"

    rotation = models.ForeignKey(Rotation, on_delete=models.CASCADE, related_name="handovers")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.FULL)
    changes_at = models.DateTimeField()
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    context = models.TextField(blank=True)
    nagged_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-changes_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["rotation", "kind", "changes_at"], name="handover_once_a_change"),
            models.CheckConstraint(
                condition=Q(settled_at=None) | Q(closed_at__isnull=False), name="handover_closed_before_settled"
            ),
        ]
        indexes = [models.Index(fields=["changes_at"], name="handover_unsettled", condition=Q(settled_at=None))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.rotation}"

    @property
    def stream(self) -> str:
        return f"handover:{self.pk}"

    @property
    def streams(self) -> list[str]:
        """Its own stream, and its rotation's."""
        return [self.stream, self.rotation.stream]

    @property
    def channel_id_in_slack(self) -> str:
        """Of the rotation's channel, else of its team's; empty where there is none."""
        channel = self.rotation.channel or self.rotation.team.channel
        return channel.slack_id if channel else ""


class HandOverPerson(models.Model):
    """Somebody on a side of a hand-over; of whoever `signs` it is confirmed once, by themselves or for them."""

    class Side(models.TextChoices):
        OUTGOING = "outgoing", "Outgoing"
        INCOMING = "incoming", "Incoming"

    handover = models.ForeignKey(HandOver, on_delete=models.CASCADE, related_name="people")
    side = models.CharField(max_length=10, choices=Side)
    place = models.PositiveSmallIntegerField()
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="handovers")
    role = models.CharField(max_length=50)
    signs = models.BooleanField(default=False)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="handovers_signed"
    )

    class Meta:
        ordering = ["side", "place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["handover", "side", "agent"], name="handover_person_once_a_side")
        ]

    def __str__(self) -> str:
        return str(self.agent)


class PassedOn(models.Model):
    """What is said of an item of a hand-over, and to whom it went: by somebody, or `left` to the incoming lead."""

    handover = models.ForeignKey(HandOver, on_delete=models.CASCADE, related_name="items")
    provider = models.CharField(max_length=50)
    item = models.CharField(max_length=100)
    title = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)
    before = models.CharField(max_length=200, blank=True)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="passed_on_to_them"
    )
    at = models.DateTimeField(null=True, blank=True)
    left = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["handover", "provider", "item"], name="passed_on_once")]

    def __str__(self) -> str:
        return self.title
