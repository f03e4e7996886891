"""A page, and who was told of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.incidents.models import Incident
from apps.people.models import Team


class Page(models.Model):
    """A call for somebody of a team to act. It climbs while it is open; whoever acknowledges it first owns it."""

    class Urgency(models.TextChoices):
        HIGH = "high", "High"
        LOW = "low", "Low"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        RESOLVED = "resolved", "Resolved"

    class Origin(models.TextChoices):
        SLACK = "slack", "Slack"
        WEB = "web", "Web"
        API = "api", "API"
        MAIL = "mail", "Mail"

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="pages")
    message = models.TextField(help_text="What is wrong, and what you need.")
    subject = models.CharField(max_length=200, blank=True, help_text="In a few words; empty: the message's first line.")
    urgency = models.CharField(
        max_length=10,
        choices=Urgency,
        default=Urgency.HIGH,
        help_text="High climbs until somebody acknowledges it. Low tells the first on duty, and no more.",
    )
    state = models.CharField(max_length=20, choices=State, default=State.OPEN)
    origin = models.CharField(max_length=10, choices=Origin)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=200, blank=True, help_text="Who sent it, by name.")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="pages"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    # By name, since an integration is nobody's colleague and people leave.
    acknowledged_by = models.CharField(max_length=200, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=200, blank=True)
    # Of what is broken, where its text names an incident: it is told in that one's story.
    incident = models.ForeignKey(
        Incident, on_delete=models.SET_NULL, null=True, blank=True, related_name="pages", editable=False
    )
    # What it came by, such as a mail's Message-Id: sent twice, it is one page.
    key = models.CharField(max_length=255, unique=True, null=True, editable=False)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", acknowledged_at__isnull=True, resolved_at__isnull=True)
                | Q(state="acknowledged", acknowledged_at__isnull=False, resolved_at__isnull=True)
                | Q(state="resolved", acknowledged_at__isnull=False, resolved_at__isnull=False),
                name="page_state_has_its_instants",
            ),
        ]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="page_newest"),
            models.Index(fields=["team", "-opened_at"], name="page_unresolved", condition=~Q(state="resolved")),
        ]

    def __str__(self) -> str:
        return f"Page {self.pk}"

    @property
    def stream(self) -> str:
        return f"page:{self.pk}"

    @property
    def streams(self) -> list[str]:
        """Its own stream, its team's, and that of the incident it names."""
        own = [self.stream, f"team:{self.team.slug}"]
        return [*own, f"incident:{self.incident_id}"] if self.incident_id else own

    @property
    def title(self) -> str:
        """What it is about, in a line."""
        return self.subject or next(iter(self.message.strip().splitlines()), "")[:200]


class Paged(models.Model):
    """Somebody was told of a page, or its team's channel was when nobody was on duty (then there is no agent)."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="paged")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="paged"
    )
    step = models.PositiveSmallIntegerField(help_text="The step that told them; 0: somebody asked them to join.")
    role = models.CharField(max_length=50, blank=True)
    because = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["page", "step", "agent"], nulls_distinct=False, name="paged_once_a_step"),
        ]

    def __str__(self) -> str:
        return str(self.agent) if self.agent else "The team's channel"
