"""Promises that are running, their checks, and the snoozes that moved them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.escalations.ladder import Step
from apps.incidents.models import Incident
from apps.pages.models import Page
from apps.rfhs.models import RFH
from apps.sla.audiences import Audience
from apps.sla.models import Policy, Promise
from apps.tickets.models import Ticket

Subject = Ticket | Page | RFH | Incident
SUBJECTS = ("ticket", "page", "rfh", "incident")


def _only(name: str) -> Q:
    return Q(**{f"{each}__isnull": each != name for each in SUBJECTS})


class Clock(models.Model):
    """A promise running for one subject. A breach is a moment in its life, not its end.

    Exactly one subject is set, and a subject has at most one running clock a promise.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        MET = "met", "Met"
        MISSED = "missed", "Missed"
        CANCELLED = "cancelled", "Cancelled"

    # Nullable because each is one of several kinds; the constraint keeps it to exactly one.
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, null=True, related_name="clocks")
    page = models.ForeignKey(Page, on_delete=models.CASCADE, null=True, related_name="clocks")
    rfh = models.ForeignKey(RFH, on_delete=models.CASCADE, null=True, related_name="clocks")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, null=True, related_name="clocks")
    policy = models.ForeignKey(Policy, on_delete=models.SET_NULL, null=True, related_name="clocks")
    policy_name = models.CharField(max_length=100)
    promise = models.CharField(max_length=20, choices=Promise.Kind)
    within = models.DurationField()
    state = models.CharField(max_length=20, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)
    snoozed = models.DurationField(default=timedelta)
    # The next instant at which the sweep has something to do here; NULL when only a reply can move it.
    next_at = models.DateTimeField(null=True, blank=True)
    looks = models.PositiveSmallIntegerField(default=0, help_text="How often it was asked about after its last tier.")
    # What the checks' events belong to: the chain that started the clock.
    correlation_id = models.UUIDField()
    started_event = models.UUIDField()

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=_only("ticket") | _only("page") | _only("rfh") | _only("incident"),
                name="clock_has_one_subject",
            ),
            models.UniqueConstraint(fields=["ticket", "promise"], condition=Q(state="running"), name="clock_runs_once"),
            models.UniqueConstraint(
                fields=["page", "promise"], condition=Q(state="running"), name="clock_of_a_page_runs_once"
            ),
            models.UniqueConstraint(
                fields=["rfh", "promise"], condition=Q(state="running"), name="clock_of_a_request_runs_once"
            ),
            models.UniqueConstraint(
                fields=["incident", "promise"], condition=Q(state="running"), name="clock_of_an_incident_runs_once"
            ),
            models.CheckConstraint(
                condition=Q(state="running", stopped_at__isnull=True)
                | (~Q(state="running") & Q(stopped_at__isnull=False)),
                name="clock_stopped_at_iff_stopped",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], name="clock_next", condition=Q(state="running")),
            models.Index(fields=["due_at", "id"], name="clock_due", condition=Q(state="running")),
            models.Index(fields=["policy", "id"], name="clock_policy_running", condition=Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"{self.get_promise_display()} of {self.subject}"

    @property
    def subject(self) -> Subject:
        """Whatever it was promised to."""
        found = self.ticket or self.page or self.rfh or self.incident
        assert found is not None
        return found

    @subject.setter
    def subject(self, subject: Subject) -> None:
        match subject:
            case Ticket():
                self.ticket = subject
            case Page():
                self.page = subject
            case RFH():
                self.rfh = subject
            case Incident():
                self.incident = subject

    @property
    def number(self) -> str:
        """What the subject is called in a sentence, after its kind."""
        if self.incident_id:
            return f"{settings.INCIDENT_PREFIX}-{self.incident_id}"
        return self.ticket.number if self.ticket else str(self.page_id or self.rfh_id)

    @property
    def kind(self) -> str:
        """ticket, page, rfh or incident."""
        return next(each for each in SUBJECTS if getattr(self, f"{each}_id"))


class Check(models.Model):
    """One tier of one clock, with its instant; reached at most once."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        REACHED = "reached", "Reached"
        SKIPPED = "skipped", "Skipped"
        CANCELLED = "cancelled", "Cancelled"

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="checks")
    tier = models.PositiveSmallIntegerField()
    # A page climbs its tiers several times; its steps go on counting.
    round = models.PositiveSmallIntegerField(default=1, db_default=1)
    after = models.DurationField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    settled_at = models.DateTimeField(null=True, blank=True)
    # Copied from the tier: it may be edited or deleted while the clock runs.
    audience_json = models.JSONField(db_column="audience")
    message = models.TextField(blank=True)

    class Meta:
        ordering = ["clock", "tier"]
        constraints = [
            # What was said keeps the number it had then; a policy edited since may give it to another tier.
            models.UniqueConstraint(fields=["clock", "tier"], condition=Q(state="waiting"), name="check_waits_once")
        ]
        indexes = [models.Index(fields=["clock", "due_at"], name="check_waiting", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"tier {self.tier} of {self.clock}"

    @property
    def audience(self) -> Audience:
        """Whom it will tell."""
        return Audience.from_json(self.audience_json)

    @property
    def step(self) -> Step:
        """The check as the ladder sees it."""
        return Step(
            tier=self.tier,
            due_at=self.due_at,
            state=self.state,  # type: ignore[arg-type]
            after=self.after,
            audience=self.audience,
        )


class Snooze(models.Model):
    """The waiting checks of a ticket or an incident were pushed; `key` makes one mention count once.

    Of an incident it says who did it and why.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, null=True, related_name="snoozes")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, null=True, related_name="snoozes")
    by = models.DurationField()
    because = models.CharField(max_length=300, blank=True)
    who = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(condition=Q(by__gt=timedelta(0)), name="snooze_positive"),
            models.CheckConstraint(
                condition=Q(ticket__isnull=False, incident__isnull=True)
                | (Q(ticket__isnull=True, incident__isnull=False) & ~Q(because="")),
                name="snooze_of_one_and_of_an_incident_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by} for {self.ticket or self.incident}"


class Beat(models.Model):
    """The latest sign of life of a part of the worker: `worker`, or a job that holds and its token."""

    name = models.CharField(max_length=50, primary_key=True)
    token = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
