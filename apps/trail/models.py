"""The trail's tables: events, the streams they are on, their epochs, who follows, and what is audited."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Func, Q

from apps.trail import payloads
from apps.trail.events import Event, in_words, type_named, upcast
from apps.trail.order import START, Cursor
from apps.trail.patterns.models import MatchedEvent as MatchedEvent
from apps.trail.patterns.models import Pattern as Pattern
from apps.trail.seals.models import Seal as Seal
from apps.trail.telling.models import ToldType as ToldType


class StoredEvent(models.Model):
    """One event. Never updated, never deleted: the database refuses both.

    Readers go by (epoch, transaction, position) below the snapshot's horizon: positions are drawn before
    the commit, so going by position alone can pass over an event that commits late.
    """

    position = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField("id", unique=True, db_column="id")
    # A dump restored into a new cluster starts transaction ids anew, so they are compared within an epoch.
    epoch = models.IntegerField(db_default=Func(function="trail_current_epoch", output_field=models.IntegerField()))
    # xid8 arrives as text, hence the cast.
    transaction = models.BigIntegerField(
        db_default=Func(template="(pg_current_xact_id()::text::bigint)", output_field=models.BigIntegerField())
    )
    type = models.CharField(max_length=100)
    version = models.PositiveSmallIntegerField()
    payload = models.JSONField()
    about = ArrayField(models.CharField(max_length=200))
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=200, blank=True)
    actor_label = models.CharField(max_length=200, blank=True)
    correlation_id = models.UUIDField()
    causation_id = models.UUIDField(null=True)
    metadata = models.JSONField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Func(function="clock_timestamp", output_field=models.DateTimeField()))

    class Meta:
        verbose_name = "event"
        permissions = [("export_trail", "Can export the trail")]
        indexes = [
            models.Index(fields=["epoch", "transaction", "position"], name="trail_read_order"),
            models.Index(fields=["type", "epoch", "transaction", "position"], name="trail_by_type"),
            models.Index(fields=["actor_kind", "actor_id", "epoch", "transaction", "position"], name="trail_by_actor"),
            models.Index(fields=["occurred_at", "position"], name="trail_by_time"),
            models.Index(fields=["correlation_id"], name="trail_correlation"),
            models.Index(fields=["causation_id"], name="trail_causation", condition=Q(causation_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.type} #{self.position}"

    @cached_property
    def event(self) -> Event | None:
        """The typed event; None when the code no longer knows the type or cannot read this version."""
        cls = type_named(self.type)
        if cls is None:
            return None
        try:
            read: Event = payloads.from_json(cls, upcast(cls, self.version, self.payload))
        except (TypeError, ValueError, KeyError):
            return None
        return read

    @property
    def sentence(self) -> str:
        """What happened, for a person."""
        return self.event.sentence() if self.event else in_words(self.type)

    @property
    def cursor(self) -> Cursor:
        """Its place in the order readers go by."""
        return Cursor(self.epoch, self.transaction, self.position)

    @property
    def actor(self) -> str:
        """The actor's name as it was then."""
        return self.actor_label or self.actor_id or self.actor_kind

    def field(self, name: str) -> Any:
        """One field of the payload; None when it has none of that name."""
        return self.payload.get(name)


class Link(models.Model):
    """An event's place on a stream such as `ticket:4711`; only ever added.

    It repeats the event's epoch and transaction, so that a stream is read in the trail's order from its own index.
    """

    pk = models.CompositePrimaryKey("stream", "epoch", "transaction", "event")
    stream = models.CharField(max_length=200)
    epoch = models.IntegerField()
    transaction = models.BigIntegerField()
    event = models.ForeignKey(
        StoredEvent,
        on_delete=models.DO_NOTHING,
        db_column="position",
        db_constraint=False,
        db_index=False,
        related_name="links",
    )

    def __str__(self) -> str:
        return f"{self.stream} #{self.event_id}"


class Epoch(models.Model):
    """A database cluster the trail has lived in; transaction ids of two epochs are not comparable."""

    number = models.IntegerField(primary_key=True)
    system_identifier = models.BigIntegerField(unique=True)
    started_at = models.DateTimeField(db_default=Func(function="clock_timestamp", output_field=models.DateTimeField()))

    def __str__(self) -> str:
        return f"epoch {self.number}"


class Follower(models.Model):
    """A named reader of the trail: how far it has read, and which process reads for it now.

    It has seen everything up to its cursor at least once, and nothing beyond that for good.
    """

    name = models.CharField(max_length=100, primary_key=True)
    epoch = models.IntegerField(default=0)
    transaction = models.BigIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    lease = models.CharField(max_length=64, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True)
    # Since when it has been failing on the event after its cursor; it tries again, and nothing is passed over.
    failing_since = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def cursor(self) -> Cursor:
        """The last event it has seen."""
        return Cursor(self.epoch, self.transaction, self.position)


class Words(models.Model):
    """What an event can be found by, kept apart from it: a follower fills it, so recording costs nothing more."""

    pk = models.CompositePrimaryKey("epoch", "transaction", "event")
    epoch = models.IntegerField()
    transaction = models.BigIntegerField()
    event = models.OneToOneField(
        StoredEvent,
        on_delete=models.DO_NOTHING,
        db_column="position",
        db_constraint=False,
        related_name="words",
    )
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="trail_by_words")]

    def __str__(self) -> str:
        return f"words of #{self.event_id}"


class AuditType(models.Model):
    """A type of event that managers chose for the audit log; its past events are put on it from the oldest on.

    Everything of the type up to its cursor is on the logs of the customers it belongs to; once `filled_at` is set,
    the follower sees to the rest.
    """

    type = models.CharField(max_length=100, unique=True)
    shown = models.BooleanField(
        "on the audit log",
        default=True,
        help_text="When off, the audit log no longer tells of such events; what is on the trail stays there.",
    )
    chosen_at = models.DateTimeField(editable=False)
    epoch = models.IntegerField(default=0, editable=False)
    transaction = models.BigIntegerField(default=0, editable=False)
    position = models.BigIntegerField(default=0, editable=False)
    # How many there were when filling began, how many of them were looked at, and how many belong to a customer.
    past = models.BigIntegerField(null=True, editable=False)
    seen = models.BigIntegerField(default=0, editable=False)
    linked = models.BigIntegerField(default=0, editable=False)
    filled_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["type"]
        verbose_name = "audited type"

    def __str__(self) -> str:
        return in_words(self.type)

    @property
    def cursor(self) -> Cursor:
        """Up to where its past events are on the audit log."""
        return Cursor(self.epoch, self.transaction, self.position)

    @property
    def progress(self) -> int:
        """How much of its past was gone through, in whole per cent; 100 only when it is whole."""
        if self.filled_at is not None:
            return 100
        return min(99, self.seen * 100 // self.past) if self.past else 0

    def start_anew(self, now: datetime) -> None:
        """It is chosen from `now` on, and its past events are gone through from the beginning; saving is up to you."""
        self.shown, self.chosen_at = True, now
        self.epoch, self.transaction, self.position = START
        self.past, self.seen, self.linked, self.filled_at = None, 0, 0, None
