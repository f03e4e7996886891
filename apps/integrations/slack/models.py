"""What Slack told us, and which channels are watched for tickets."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from apps.incidents.models import Incident
from apps.integrations.slack.pattern import InvalidPattern, check_pattern
from apps.people.models import Channel, Plan
from apps.tickets.models import Ticket


def valid_pattern(text: str) -> None:
    """Raise ValidationError unless the pattern compiles and names the ticket's number."""
    try:
        check_pattern(text)
    except InvalidPattern as error:
        raise ValidationError(str(error)) from error


def half_a_day() -> timedelta:
    """SLA Buddy's horizon: switching a watcher on does not page for history."""
    return timedelta(hours=12)


class WatchedChannel(models.Model):
    """A channel in which ticket messages appear. `cursor` is the newest message a scan has seen."""

    channel = models.OneToOneField(Channel, on_delete=models.PROTECT, related_name="watch")
    plan = models.ForeignKey(
        Plan,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text="Taken for tickets of this channel whose customer is not known.",
    )
    enabled = models.BooleanField(default=True)
    horizon = models.DurationField(default=half_a_day, help_text="Older messages open no ticket.")
    pattern = models.TextField(
        blank=True,
        validators=[valid_pattern],
        help_text="Only when your messages are of neither usual form: a regular expression with (?P<number>…).",
    )
    cursor = models.CharField(max_length=32, blank=True, editable=False)
    scanned_at = models.DateTimeField(null=True, blank=True, editable=False)
    # While a long backlog is read in several jobs, no scan begins anew; each of them says it is still there.
    reading_at = models.DateTimeField(null=True, blank=True, editable=False)
    error = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        ordering = ["channel__name"]

    def __str__(self) -> str:
        return str(self.channel)


class SlackEvent(models.Model):
    """A Slack event as it came, kept by its id so that it is worked once however often it is sent."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Worked"
        FAILED = "failed", "Failed"

    event_id = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=60)
    payload = models.JSONField()
    received_at = models.DateTimeField()
    correlation_id = models.UUIDField()
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["received_at"], name="slack_event_open", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"


class SlackMessage(models.Model):
    """A message that could be a ticket, with what became of it; one a (channel, ts)."""

    class Outcome(models.TextChoices):
        TICKET = "ticket", "Opened a ticket"
        KNOWN = "known", "Ticket was known"
        UNPARSED = "unparsed", "Not understood"
        TOO_OLD = "too_old", "Older than the channel's horizon"

    channel = models.CharField(max_length=20)
    ts = models.CharField(max_length=32)
    payload = models.JSONField()
    outcome = models.CharField(max_length=20, choices=Outcome)
    reason = models.CharField(max_length=300, blank=True)
    ticket = models.ForeignKey(Ticket, on_delete=models.SET_NULL, null=True, blank=True, related_name="slack_messages")
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = "message seen"
        verbose_name_plural = "messages seen"
        ordering = ["-seen_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["channel", "ts"], name="slack_message_once")]
        indexes = [models.Index(fields=["outcome", "-seen_at"], name="slack_message_outcome")]

    def __str__(self) -> str:
        return f"{self.channel} {self.ts}"


class Followed(models.Model):
    """A place in Slack that follows who is on duty, and what it was told last: a channel's topic, or a user group.

    `wanted` is what was to be said, `said` what was: of a topic our words, of a group its members' ids.
    """

    class Kind(models.TextChoices):
        TOPIC = "topic", "Topic"
        GROUP = "group", "User group"

    # The id in Slack; of a group Slack does not know, what was written in the role.
    place = models.CharField(max_length=81, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    wanted = models.TextField(blank=True)
    said = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    # Somebody changed it in Slack, and it was put right once since: a second time it is left to them.
    mended = models.BooleanField(default=False)
    notes = models.JSONField(default=list)
    error = models.CharField(max_length=400, blank=True)
    failing_since = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.place


class ChannelMembers(models.Model):
    """Who is in a channel, as Slack said at `read_at` (None: never); with an `error` it was asked since, in vain."""

    slack_id = models.CharField(max_length=20, unique=True)
    member_ids = ArrayField(models.CharField(max_length=20), default=list)
    read_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.slack_id


class IncidentRoom(models.Model):
    """A channel that an incident is to get: gone once Slack has made it, or will not.

    `asked_by` is a name; `asked_agent` the email of the agent who asked, if one did.
    """

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, related_name="+")
    asked_by = models.CharField(max_length=200)
    asked_agent = models.CharField(max_length=254, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"channel of {self.incident}"


class Invitation(models.Model):
    """Somebody was asked into a channel, once for each reason: a role in an incident, or a hand-over.

    A `note` says why Slack did not take it; nobody is asked twice for one reason, so whoever leaves may stay away.
    """

    channel = models.CharField(max_length=20)
    slack_id = models.CharField(max_length=20)
    because = models.CharField(max_length=60)
    at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "slack_id", "because"], name="invitation_once")]

    def __str__(self) -> str:
        return f"{self.slack_id} to {self.channel}"
