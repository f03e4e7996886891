"""A saved pattern, and which events were part of a match that was told already."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from apps.trail.events import known_as, type_named
from apps.trail.patterns.matching import Rule

MOST_TYPES = 12


class Pattern(models.Model):
    """ "To settle such a case look whether X, Y and Z happened": X, Y and Z, and what to do then.

    A type is neither required and forbidden, nor one the watch itself records.
    """

    class Where(models.TextChoices):
        BETWEEN = "between", "Between the first and the last required event"
        ANYWHERE = "anywhere", "Anywhere in the story"

    name = models.CharField(max_length=100, unique=True)
    advice = models.TextField(max_length=2_000, help_text="What to do, or to tell the customer, when it is found.")
    required = ArrayField(models.CharField(max_length=100), size=MOST_TYPES)
    in_order = models.BooleanField("in this order", default=True)
    within = models.DurationField(null=True, blank=True)
    forbidden = ArrayField(models.CharField(max_length=100), size=MOST_TYPES, default=list, blank=True)
    forbidden_where = models.CharField(max_length=10, choices=Where, default=Where.BETWEEN)
    active = models.BooleanField(default=True, help_text="Archived patterns are neither checked nor watched for.")
    watch = models.BooleanField("watch for it", default=False)
    watched_kind = models.CharField("in each", max_length=40, default="ticket", blank=True)
    channel = models.CharField("tell the Slack channel", max_length=80, blank=True)
    # Only what is recorded after that is new to the watch.
    watched_since = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        app_label = "trail"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def rule(self) -> Rule:
        """What it looks for, by the types' present names."""
        return Rule(
            required=tuple(present_name(name) for name in self.required),
            in_order=self.in_order,
            within=self.within,
            forbidden=frozenset(present_name(name) for name in self.forbidden),
            anywhere=self.forbidden_where == self.Where.ANYWHERE,
        )

    @property
    def stored_names(self) -> tuple[str, ...]:
        """Every name under which events of its types may be stored."""
        return tuple(sorted({known for name in self.rule.types for known in known_as(name)}))

    def clean(self) -> None:
        both = sorted(set(self.required or ()) & set(self.forbidden or ()))
        if both:
            raise ValidationError({"forbidden": f"{both[0]} is required above; it cannot be forbidden as well."})
        if self.forbidden and len(self.required or ()) == 1 and self.forbidden_where == self.Where.BETWEEN:
            raise ValidationError(
                {"forbidden_where": "One required event has no between: choose “Anywhere in the story”."}
            )


def present_name(name: str) -> str:
    """What a type is called today."""
    cls = type_named(name)
    return cls.__name__ if cls else name


class MatchedEvent(models.Model):
    """An event on a stream that was part of a match; no later match of the pattern there rests on it again."""

    pattern = models.ForeignKey(Pattern, on_delete=models.CASCADE, related_name="+", db_index=False)
    stream = models.CharField(max_length=200)
    position = models.BigIntegerField()

    class Meta:
        app_label = "trail"
        constraints = [
            models.UniqueConstraint(fields=["pattern", "stream", "position"], name="trail_matched_once"),
        ]

    def __str__(self) -> str:
        return f"#{self.position} on {self.stream}"
