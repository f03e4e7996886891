"""An incident, and where it stands."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q

from apps.incidents import states
from apps.incidents.models.components import public_id
from apps.incidents.models.severities import LEVELS, SEVERITIES, Impact
from apps.rfhs.models import RFH
from apps.tickets.models import Ticket

STATES = [(str(state), name) for state, name in states.NAMES.items()]


class Incident(models.Model):
    """Something is broken. State moves only by services.

    `title`, `status` and the like are what we know; the public_ ones are what the public was last told, and are empty
    until `published_at`. `description` never leaves the house.
    """

    class Source(models.TextChoices):
        ADMIN = "admin", "Portal"
        SLACK = "slack", "Slack"
        API = "api", "API"
        TICKET = "ticket", "Ticket"
        RFH = "rfh", "Request for help"

    title = models.CharField(max_length=200, help_text="Public once the incident is published.")
    description = models.TextField(blank=True, help_text="For us alone: what happens, and what was tried.")
    severity = models.CharField(max_length=5, choices=SEVERITIES, default="sev-1")
    level = models.CharField(max_length=2, choices=LEVELS, editable=False)
    impact = models.CharField(max_length=10, choices=Impact, editable=False)
    status = models.CharField(max_length=20, choices=STATES, default=str(states.State.INVESTIGATING))
    source = models.CharField(max_length=10, choices=Source, default=Source.ADMIN, editable=False)
    # What it came by, such as rfh:12: told twice, it is one incident.
    source_key = models.CharField(max_length=200, unique=True, null=True, editable=False)

    point = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="incidents_pointed",
        help_text="Who works on it.",
    )
    contact = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="incidents_contacted",
        help_text="Whom everybody asks, and who owes the updates.",
    )
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="incidents_led",
        help_text="Who leads; from the rotation unless somebody says another.",
    )
    declared_by = models.CharField(max_length=200, editable=False)
    acknowledged_by = models.CharField(max_length=200, blank=True, editable=False)
    tickets = models.ManyToManyField(Ticket, blank=True, related_name="incidents")
    rfhs = models.ManyToManyField(RFH, blank=True, related_name="incidents", verbose_name="requests for help")

    # When it began; MTTA and MTTR count from here.
    reported_at = models.DateTimeField()
    declared_at = models.DateTimeField(editable=False)
    # The first time; figures are made of it.
    acknowledged_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Whatever was written, and the last word to everybody: when the next update is owed.
    modified_at = models.DateTimeField(editable=False)
    modified_by = models.CharField(max_length=200, blank=True, editable=False)
    updated_at = models.DateTimeField(editable=False)
    rca_url = models.URLField("RCA", max_length=500, blank=True)
    rca_public = models.BooleanField("the RCA is public", default=False)

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Something waits for somebody who may publish, since then.
    awaiting_since = models.DateTimeField(null=True, blank=True, editable=False)
    public_title = models.CharField(max_length=200, blank=True, editable=False)
    public_status = models.CharField(max_length=20, choices=STATES, blank=True, editable=False)
    public_impact = models.CharField(max_length=10, choices=Impact, blank=True, editable=False)
    public_severity = models.CharField(max_length=5, choices=SEVERITIES, blank=True, editable=False)
    public_reported_at = models.DateTimeField(null=True, blank=True, editable=False)
    public_closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The last time anything public changed.
    public_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Where it is spoken of: a channel of its own, or a thread of #crash.
    slack_channel = models.CharField(max_length=20, blank=True, editable=False)
    thread_channel = models.CharField(max_length=20, blank=True, editable=False)
    thread_ts = models.CharField(max_length=32, blank=True, editable=False)
    # Somebody wants it to have a channel of its own; empty again if it could not be opened.
    channel_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    # One more with every write, so that a second writer sees what happened.
    version = models.PositiveIntegerField(default=1, editable=False)

    search = models.GeneratedField(
        expression=SearchVector("title", "description", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["-reported_at", "-pk"]
        permissions = [("publish_incident", "Can publish and close incidents")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=sorted(states.OVER), closed_at__isnull=False)
                | (~Q(status__in=sorted(states.OVER)) & Q(closed_at__isnull=True)),
                name="incident_closed_at_iff_over",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | ~Q(public_title="") & ~Q(public_status=""),
                name="incident_published_says_something",
            ),
        ]
        indexes = [
            models.Index(fields=["-reported_at", "-id"], name="incident_newest"),
            models.Index(fields=["severity", "reported_at"], name="incident_open", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["-published_at"], name="incident_published", condition=Q(published_at__isnull=False)),
            GinIndex(fields=["search"], name="incident_search"),
        ]

    def __str__(self) -> str:
        return f"{settings.INCIDENT_PREFIX}-{self.pk}"

    @property
    def number(self) -> str:
        """What people call it, such as INC-7."""
        return str(self)

    @property
    def stream(self) -> str:
        return f"incident:{self.pk}"

    @property
    def streams(self) -> list[str]:
        """Its own, and those of the tickets and requests it is about."""
        found = [self.stream]
        found += [ticket.stream for ticket in self.tickets.all()]
        found += [rfh.stream for rfh in self.rfhs.all()]
        return found

    @property
    def at(self) -> states.State:
        """Where it stands."""
        return states.State(self.status)

    @property
    def is_over(self) -> bool:
        """Whether nobody owes it anything any more."""
        return self.at in states.OVER

    @property
    def is_public(self) -> bool:
        """Whether the public may know of it."""
        return self.published_at is not None and self.at != states.State.INVALID
