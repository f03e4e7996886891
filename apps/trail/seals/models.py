"""The chain of seals."""

from __future__ import annotations

from django.db import models

from apps.trail.order import Cursor
from apps.trail.seals import chain


class SealQuerySet(models.QuerySet["Seal"]):
    def bare(self) -> SealQuerySet:
        """Without what is kept for each event, which is most of a seal."""
        return self.defer("places", "leaves")


class Seal(models.Model):
    """A batch of the trail, up to and with its last place, vouched for. Never changed: the database refuses it.

    Seals are numbered from 1 without a gap, and each names the hash of the one before.
    """

    number = models.BigIntegerField(primary_key=True)
    # Which way of writing events as bytes the leaves were made by (canonical.py).
    form = models.PositiveSmallIntegerField()
    first_epoch = models.IntegerField()
    first_transaction = models.BigIntegerField()
    first_position = models.BigIntegerField()
    epoch = models.IntegerField()
    transaction = models.BigIntegerField()
    position = models.BigIntegerField()
    count = models.PositiveIntegerField()
    root = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32, unique=True)
    hash = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    # Of each event its place and its leaf: they say which event it is that differs. The root vouches for them.
    places = models.BinaryField()
    leaves = models.BinaryField()

    objects = SealQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        # Which seal covers an event: the first whose end is not before it.
        indexes = [models.Index(fields=["epoch", "transaction", "position"], name="trail_seal_by_end")]

    def __str__(self) -> str:
        return f"seal {self.number}"

    @property
    def first(self) -> Cursor:
        """The place of its first event."""
        return Cursor(self.first_epoch, self.first_transaction, self.first_position)

    @property
    def last(self) -> Cursor:
        """The place of its last event."""
        return Cursor(self.epoch, self.transaction, self.position)

    @property
    def own_hash(self) -> bytes:
        """What its hash must be, by what it says."""
        return chain.seal_hash(
            form=self.form,
            number=self.number,
            first=self.first,
            last=self.last,
            count=self.count,
            root=bytes(self.root),
            previous=bytes(self.previous),
            made_at=self.made_at,
        )

    @property
    def head(self) -> chain.Head:
        """What is kept of it outside, to know it again."""
        return chain.Head(self.number, bytes(self.hash))
