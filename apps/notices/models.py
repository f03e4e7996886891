"""The outbox: messages owed, and how fast each channel may be spoken to."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Notice(models.Model):
    """One message owed to one recipient because of one event; sent at most once.

    waiting → sending → sent. `unsure` when nobody knows whether Slack took it: it is looked for there
    before it is sent again. `folded` when one message spoke for several. `outdated` when it waited until it was no
    longer true. `failed` when only a person can help.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Being sent"
        UNSURE = "unsure", "Perhaps sent"
        SENT = "sent", "Sent"
        FOLDED = "folded", "Said in a summary"
        OUTDATED = "outdated", "No longer true"
        FAILED = "failed", "Failed"

    OPEN = (State.WAITING, State.SENDING, State.UNSURE)

    class Kind(models.TextChoices):
        MESSAGE = "message", "Message"
        PRIVATE = "private", "Only one person sees it"
        # Said twice it is still the same message, so nobody needs to look whether it arrived.
        UPDATE = "update", "Shows a message anew"

    event_id = models.UUIDField()
    # Who is told: a thread (`C1/1690.1`), a channel (`C1`) or a person (`U1`, `C1/1690.1/U1` when private).
    recipient = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.MESSAGE)
    about = models.CharField(max_length=200, help_text="The stream it is about, such as ticket:4711.")
    summary = models.CharField(max_length=300, help_text="One line, for when several are folded into one message.")
    channel = models.CharField(max_length=20, help_text="Slack's id; a person's id means a direct message.")
    thread_ts = models.CharField(max_length=32, blank=True)
    user = models.CharField(max_length=20, blank=True, help_text="Who alone sees a private message.")
    text = models.TextField()
    blocks = models.JSONField(default=list)
    correlation_id = models.UUIDField()
    created_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    ready_at = models.DateTimeField(help_text="Not sent before.")
    claimed_at = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(max_length=64, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    slack_ts = models.CharField(max_length=32, blank=True)
    error = models.CharField(max_length=300, blank=True)
    replaces = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="replaced_by",
        help_text="The message whose text this one takes the place of.",
    )
    folded_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="folded")

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["event_id", "recipient", "kind"], name="notice_once"),
        ]
        indexes = [
            models.Index(
                fields=["channel", "ready_at", "id"],
                name="notice_open",
                condition=Q(state__in=("waiting", "sending", "unsure")),
            ),
            models.Index(fields=["state", "-created_at"], name="notice_by_state"),
            models.Index(fields=["channel", "thread_ts", "id"], name="notice_thread"),
        ]

    def __str__(self) -> str:
        return self.summary


class Lane(models.Model):
    """How soon a channel may be spoken to again: one message a second, or as long as Slack asked us to wait.

    The lane of all channels is there while nothing can be said to any of them, and alone knows since when and why.
    """

    class Why(models.TextChoices):
        TOKEN = "token", "Slack does not accept the token"
        UNREACHABLE = "unreachable", "Slack cannot be reached"

    channel = models.CharField(max_length=20, primary_key=True)
    next_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=20, choices=Why, blank=True)

    def __str__(self) -> str:
        return self.channel
