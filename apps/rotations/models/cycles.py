"""Rotations that run in cycles: how long, what is to be done in each, and the runs themselves."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.people.models import Channel
from apps.rotations.cycles.phases import Rules
from apps.rotations.models.rotation import Role, Rotation

WEEKDAYS = list(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))


class Phase(models.TextChoices):
    """What a run goes through, in this order."""

    START = "start", "Start"
    MONITOR = "monitor", "Monitor"
    HANDOVER = "handover", "Hand-over"


class Part(models.TextChoices):
    """Where a checklist's item belongs: to a phase, or to the short hand-over at mid-cycle, within Monitor."""

    START = "start", "Start"
    MONITOR = "monitor", "Monitor"
    SWAP = "swap", "Mid-cycle hand-over"
    HANDOVER = "handover", "Hand-over"


class Repeats(models.TextChoices):
    """How often within its phase an item is to be done."""

    ONCE = "once", "Once"
    DAILY = "daily", "Every working day"
    TWICE = "twice", "Twice every working day"
    WEEKLY = "weekly", "Every week, on the day of the hand-over"


class Cycle(models.Model):
    """How a rotation runs in cycles: cycle k (from 0) begins k × `weeks` weeks after its start on the zone's wall."""

    rotation = models.OneToOneField(Rotation, on_delete=models.CASCADE, related_name="cycle")
    start_date = models.DateField(help_text="The first cycle's first day.")
    start_time = models.TimeField(default=time(9), help_text="When cycles change, in the rotation's time zone.")
    weeks = models.PositiveSmallIntegerField(default=2, help_text="How many weeks a cycle lasts.")
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cycles_led",
        help_text="Empty: whoever is on in the role of the lead.",
    )
    lead_role = models.ForeignKey(
        Role,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whoever is on in it leads the cycle.",
    )
    handover_weekday = models.PositiveSmallIntegerField("hand-over on", choices=WEEKDAYS, default=4)
    handover_time = models.TimeField("hand-over by", default=time(17), help_text="In the rotation's time zone.")
    hands_over_mid_cycle = models.BooleanField(
        "short hand-over at mid-cycle", default=True, help_text="When primary and backup swap."
    )
    stakeholders = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="digests", help_text="Who gets the status digest in person."
    )
    channels = models.ManyToManyField(
        Channel, blank=True, related_name="digests", help_text="The Slack channels that get it."
    )
    runs_itself = models.BooleanField(
        "runs start by themselves",
        default=True,
        help_text="Off: the one that runs goes on to its end, and no other starts.",
    )

    managed_children = ("template",)

    class Meta:
        ordering = ["rotation__name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(weeks__gte=1, weeks__lte=26), name="cycle_of_one_to_26_weeks"),
            models.CheckConstraint(condition=Q(handover_weekday__lte=6), name="cycle_handover_on_a_weekday"),
        ]

    def __str__(self) -> str:
        return f"The cycle of {self.rotation}"

    @property
    def stream(self) -> str:
        return self.rotation.stream

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.rotation.time_zone)

    @property
    def start_local(self) -> datetime:
        """The first cycle's beginning, on the wall of the rotation's zone."""
        return datetime.combine(self.start_date, self.start_time)

    @property
    def rules(self) -> Rules:
        return Rules(
            zone=self.zone,
            start_local=self.start_local,
            weeks=self.weeks,
            weekday=self.handover_weekday,
            at=self.handover_time,
            mid_cycle=self.hands_over_mid_cycle,
        )


class ChecklistItem(models.Model):
    """An item of the template every run's checklist is made from; what is changed here counts from the next run on.

    `hours` are after the cycle begins for Start, after the day begins for what repeats, and before the hand-over is
    due for hand-overs.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="template")
    part = models.CharField("phase", max_length=10, choices=Part, default=Part.MONITOR)
    position = models.PositiveSmallIntegerField(default=1)
    text = models.CharField(max_length=300)
    repeats = models.CharField(max_length=10, choices=Repeats, default=Repeats.ONCE)
    hours = models.PositiveSmallIntegerField(
        "due",
        default=8,
        help_text="Hours: after the cycle begins, or the day for what repeats; before the hand-over is due for that.",
    )

    by_digest = models.BooleanField("ticked by a digest", default=False, help_text="Sending one is doing it.")
    by_handover = models.BooleanField(
        "ticked by the hand-over",
        default=False,
        help_text="Done once all have confirmed it: at mid-cycle the short one, else the one at the end.",
    )

    class Meta:
        ordering = ["cycle", "position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(hours__lte=24 * 14), name="checklist_item_due_within_two_weeks"),
            models.CheckConstraint(condition=Q(part="monitor") | Q(repeats="once"), name="checklist_monitor_repeats"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def stream(self) -> str:
        return self.cycle.stream


class CycleRun(models.Model):
    """One cycle of a rotation, half-open. Planned while `started_at` is empty, over once `ended_at` is said.

    `outgoing` are those who serve in it and hand over at its end, `incoming` those who take over: lists of
    {email, name, role}, as the resolver said when it began, and once more when its hand-over did.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="runs")
    number = models.PositiveIntegerField(help_text="Counted from 1.")
    starts_at = models.DateTimeField("start")
    mid_at = models.DateTimeField("mid-cycle", null=True, blank=True)
    ends_at = models.DateTimeField("end")
    phase = models.CharField(max_length=10, choices=Phase, default=Phase.START)
    started_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    outgoing = models.JSONField(default=list, editable=False)
    incoming = models.JSONField(default=list, editable=False)
    digests = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["cycle", "starts_at"]
        constraints = [
            # Two workers at once start it once.
            models.UniqueConstraint(fields=["cycle", "starts_at"], name="cycle_run_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="cycle_run_ends_after_it_starts"),
        ]
        indexes = [models.Index(fields=["ended_at", "starts_at"], name="cycle_run_due")]

    def __str__(self) -> str:
        return f"Cycle {self.number} of {self.cycle.rotation}"

    @property
    def stream(self) -> str:
        return self.cycle.stream

    @property
    def state(self) -> str:
        """planned, running, over, or missed: it was over before anybody could start it."""
        if self.ended_at is not None:
            return "over" if self.started_at else "missed"
        return "running" if self.started_at else "planned"


class RunItem(models.Model):
    """One thing to do in a run; done once `done_at` is said. What repeats is an item a day, or two."""

    run = models.ForeignKey(CycleRun, on_delete=models.CASCADE, related_name="items")
    template = models.ForeignKey(
        ChecklistItem, on_delete=models.SET_NULL, null=True, editable=False, related_name="items"
    )
    part = models.CharField("phase", max_length=10, choices=Part, default=Part.MONITOR)
    position = models.PositiveSmallIntegerField(default=1)
    text = models.CharField(max_length=300)
    repeats = models.CharField(max_length=10, choices=Repeats, default=Repeats.ONCE)
    due_at = models.DateTimeField("due")
    done_at = models.DateTimeField("done", null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="run_items"
    )
    note = models.CharField(max_length=1000, blank=True)
    nagged_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["run", "due_at", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "template", "due_at"], name="run_item_once"),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="run_item_open", condition=Q(done_at=None)),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def stream(self) -> str:
        return self.run.stream

    def is_overdue(self, now: datetime) -> bool:
        """Whether it should be done by now and is not."""
        return self.done_at is None and self.due_at <= now
