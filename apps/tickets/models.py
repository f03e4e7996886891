"""What customers asked, and the replies we know of."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from apps.people.models import Customer, Plan, valid_channel_id
from apps.sla.models import SEVERITIES, TICKET_TYPES

LONGEST_URL = 500
valid_thread = RegexValidator(
    r"^\d+\.\d+\Z", "A Slack thread is its first message's ts: digits around a point, such as 1773824400.000100."
)


class Ticket(models.Model):
    """One request of a customer, known by its number in the help desk. Status moves only by services."""

    class Status(models.TextChoices):
        NEW = "new", "New"
        OPEN = "open", "Open"
        PENDING = "pending", "Pending"
        SOLVED = "solved", "Solved"
        CLOSED = "closed", "Closed"

    class Origin(models.TextChoices):
        EMAIL = "email", "Email"
        SLACK = "slack", "Slack"
        WEB = "web", "Web"
        API = "api", "API"
        HELPDESK = "helpdesk", "Help desk"

    ENDED = (Status.SOLVED, Status.CLOSED)

    number = models.CharField(max_length=64, unique=True)
    # A Slack message brings only number, severity and type; the rest may follow.
    subject = models.CharField(max_length=500, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets")
    severity = models.CharField(max_length=20, choices=SEVERITIES, default="normal")
    type = models.CharField(max_length=20, choices=TICKET_TYPES, default="question")
    status = models.CharField(max_length=20, choices=Status, default=Status.NEW)
    origin = models.CharField(max_length=20, choices=Origin, default=Origin.API)
    opened_at = models.DateTimeField()
    # When it last came back from solved or closed: a promise of its new life starts then, not at its opening.
    reopened_at = models.DateTimeField(null=True, blank=True)
    first_response_at = models.DateTimeField(null=True, blank=True)
    last_customer_message_at = models.DateTimeField(null=True, blank=True)
    channel = models.CharField(
        "Slack channel", max_length=20, blank=True, validators=[valid_channel_id], help_text="The channel's id."
    )
    thread_ts = models.CharField("Slack thread", max_length=32, blank=True, validators=[valid_thread])
    url = models.URLField("address in the help desk", max_length=LONGEST_URL, blank=True)
    search = models.GeneratedField(
        expression=SearchVector("number", "subject", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["-opened_at", "-pk"]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="ticket_newest"),
            models.Index(fields=["status", "-opened_at", "-id"], name="ticket_by_status"),
            models.Index(fields=["severity", "-opened_at", "-id"], name="ticket_by_severity"),
            models.Index(fields=["plan", "-opened_at", "-id"], name="ticket_by_plan"),
            models.Index(fields=["channel", "thread_ts"], name="ticket_thread", condition=~Q(thread_ts="")),
            GinIndex(fields=["search"], name="ticket_search"),
        ]

    def __str__(self) -> str:
        return f"Ticket {self.number}"

    @property
    def stream(self) -> str:
        return f"ticket:{self.number}"

    @property
    def streams(self) -> list[str]:
        """The ticket's own stream, and its customer's when known."""
        return [self.stream, self.customer.stream] if self.customer else [self.stream]

    @property
    def awaits_since(self) -> datetime:
        """When its life as an open ticket began: its opening, or the last time it was opened again."""
        return self.reopened_at or self.opened_at

    @property
    def is_open(self) -> bool:
        """Whether somebody may still owe an answer."""
        return self.status not in self.ENDED


class Reply(models.Model):
    """A message in a ticket, by an agent or the customer; told twice it is still one."""

    class Author(models.TextChoices):
        AGENT = "agent", "Agent"
        CUSTOMER = "customer", "Customer"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="replies")
    author = models.CharField(max_length=20, choices=Author)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["ticket", "author", "at"], name="reply_once")]

    def __str__(self) -> str:
        return f"{self.get_author_display()} in {self.ticket}"


class ReplySourceHealth(models.Model):
    """Whether the help desk answered when last asked; one row a source."""

    name = models.CharField(max_length=50, primary_key=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.name
