"""Who wants to hear of what the public reads, what there is to say, and what became of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from apps.incidents.models import Component
from apps.incidents.models.components import public_id


class Subscriber(models.Model):
    """Somebody outside who hears of incidents and maintenance once `confirmed_at` is set. Who leaves is forgotten.

    A webhook has an email too: that of whom to tell when it fails.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", "Email"
        WEBHOOK = "webhook", "Webhook"

    kind = models.CharField(max_length=10, choices=Kind)
    email = models.EmailField(max_length=200)
    url = models.CharField("address of the webhook", max_length=500, blank=True)
    components = models.ManyToManyField(
        Component, blank=True, related_name="subscribers", help_text="None chosen: all of them."
    )
    asked_at = models.DateTimeField(editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # An endpoint that failed for a day hears no more, until somebody says that it is mended.
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    disabled_at = models.DateTimeField(null=True, blank=True, editable=False)
    trouble = models.CharField(max_length=300, blank=True, editable=False)
    added_by = models.CharField(max_length=200, blank=True, editable=False)
    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(Lower("email"), condition=Q(kind="email"), name="subscriber_email_once"),
            models.UniqueConstraint(fields=["url"], condition=Q(kind="webhook"), name="subscriber_url_once"),
            models.CheckConstraint(
                condition=Q(kind="email", url="") | (Q(kind="webhook") & ~Q(url="")), name="subscriber_url_of_webhook"
            ),
        ]

    def __str__(self) -> str:
        return self.url if self.kind == self.Kind.WEBHOOK else self.email

    @property
    def stream(self) -> str:
        return f"subscriber:{self.pk}"


class Announcement(models.Model):
    """Something happened that the public may know; what it says is made of what the public may know then."""

    class Subject(models.TextChoices):
        INCIDENT = "incident", "Incident"
        MAINTENANCE = "maintenance", "Maintenance"

    event_id = models.UUIDField(unique=True)
    subject = models.CharField(max_length=20, choices=Subject)
    # The public id of the incident or maintenance, and of the updates that are new.
    about = models.CharField(max_length=12)
    updates = models.JSONField(default=list)
    # Why of maintenance: planned, changed, near, updated, began, completed, cancelled.
    why = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True)
    title = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    payloads = models.JSONField(default=list)

    class Meta:
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["created_at"], name="announcement_new", condition=Q(announced_at__isnull=True))]

    def __str__(self) -> str:
        return self.title or f"{self.subject} {self.about}"


class Delivery(models.Model):
    """One message to one subscriber: tried again until it is sent, given up, or no longer public."""

    class What(models.TextChoices):
        WORD = "word", "What happened"
        CONFIRM = "confirm", "Asks whether they want it"
        KNOWN = "known", "Says that they have it already"
        DISABLED = "disabled", "Says that a webhook hears no more"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        GIVEN_UP = "given_up", "Given up"
        OUTDATED = "outdated", "No longer public"

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="deliveries")
    what = models.CharField(max_length=10, choices=What, default=What.WORD)
    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, null=True, related_name="deliveries")
    # Which of the announcement's payloads; an email has one.
    part = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "announcement", "part"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(what="word", announcement__isnull=False) | (~Q(what="word") & Q(announcement__isnull=True)),
                name="delivery_says_something",
            ),
        ]
        indexes = [
            models.Index(fields=["ready_at"], name="delivery_due", condition=Q(state__in=["waiting", "sending"])),
            models.Index(
                fields=["subscriber", "id"], name="delivery_in_turn", condition=Q(state__in=["waiting", "sending"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} to {self.subscriber}"


class Mail(models.Model):
    """An email of a portal that sends none: what the demo shows in its place."""

    to = models.CharField(max_length=300)
    title = models.CharField("subject", max_length=300)
    text = models.TextField()
    headers = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "email"

    def __str__(self) -> str:
        return self.title
