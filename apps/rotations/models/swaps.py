"""Asking others to take a shift."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.rotations.models.rotation import Role, Rotation


class SwapRequestQuerySet(models.QuerySet["SwapRequest"]):
    """Requests, by when the first of what changes hands begins."""

    def begun(self, now: datetime) -> SwapRequestQuerySet:
        """What nobody can take whole any more."""
        return self.filter(Q(starts_at__lte=now) | Q(back_starts_at__lte=now))

    def to_come(self, now: datetime) -> SwapRequestQuerySet:
        """What can still be taken."""
        return self.filter(Q(back_starts_at=None) | Q(back_starts_at__gt=now), starts_at__gt=now)


class SwapRequest(models.Model):
    """Somebody asks that another is on for them in an interval, for one of the other's in return or for nothing.

    It is open until somebody takes it, whoever was asked declines, it is withdrawn, or it begins: one of these is how
    it ends, for good.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        TAKEN = "taken", "Taken"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"
        EXPIRED = "expired", "Expired"

    rotation = models.ForeignKey(Rotation, on_delete=models.CASCADE, related_name="swap_requests")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField("start")
    ends_at = models.DateTimeField("end")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="swap_requests", verbose_name="whose shift"
    )
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="who is asked",
        help_text="Empty: anyone in the roster.",
    )
    # What the person takes in return; only of somebody who is asked by name.
    back_role = models.ForeignKey(Role, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    back_starts_at = models.DateTimeField("start in return", null=True, blank=True)
    back_ends_at = models.DateTimeField("end in return", null=True, blank=True)
    message = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State, default=State.OPEN)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = SwapRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = "swap request"
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="swap_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(back_role__isnull=True, back_starts_at__isnull=True, back_ends_at__isnull=True)
                | Q(
                    to__isnull=False,
                    back_role__isnull=False,
                    back_starts_at__isnull=False,
                    back_ends_at__gt=F("back_starts_at"),
                ),
                name="swap_in_return_is_whole_and_of_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="swap_is_open_or_closed",
            ),
            models.CheckConstraint(
                condition=Q(state="taken", taken_by__isnull=False) | (~Q(state="taken") & Q(taken_by__isnull=True)),
                name="swap_is_taken_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["starts_at"], name="swap_open", condition=Q(state="open"))]

    def __str__(self) -> str:
        return f"{self.person}'s {self.role} in {self.rotation}"

    @property
    def stream(self) -> str:
        return f"swap:{self.pk}"

    @property
    def in_return(self) -> bool:
        return self.back_role_id is not None

    def is_open(self, now: datetime) -> bool:
        """Whether somebody may still take it; what has begun is over, also before a job says so."""
        begins_at = min(self.starts_at, self.back_starts_at or self.starts_at)
        return self.state == self.State.OPEN and begins_at > now


class Invited(models.Model):
    """Somebody who may take it: the one who is asked by name, or everybody of the roster who could."""

    request = models.ForeignKey(SwapRequest, on_delete=models.CASCADE, related_name="invited")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="swaps_asked")
    declined_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["agent__first_name", "agent__last_name", "pk"]
        constraints = [models.UniqueConstraint(fields=["request", "agent"], name="swap_asks_once")]

    def __str__(self) -> str:
        return str(self.agent)
