"""The trail's tables: events, the streams they are on, and the epochs of the database they were written in."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Q

from apps.trail import payloads
from apps.trail.events import Event, type_named


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
            read: Event = payloads.from_json(cls, self.payload)
        except (TypeError, ValueError, KeyError):
            return None
        return read

    @property
    def sentence(self) -> str:
        """What happened, for a person."""
        return self.event.sentence() if self.event else self.type

    @property
    def actor(self) -> str:
        """The actor's name as it was then."""
        return self.actor_label or self.actor_id or self.actor_kind

    def field(self, name: str) -> Any:
        """One field of the payload; None when it has none of that name."""
        return self.payload.get(name)


class Link(models.Model):
    """An event's place on a stream such as `ticket:4711`; only ever added."""

    pk = models.CompositePrimaryKey("stream", "event")
    stream = models.CharField(max_length=200)
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
