"""Calendars of elsewhere, and the copy of what is in them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.people.models import Team, valid_time_zone
from apps.rotations.calendars.rules import Rules

# Read every five minutes; one that was not for so long may be wrong about who is there.
STALE = timedelta(hours=1)


class Calendar(models.Model):
    """A calendar that says who is on shift, or who is away. A failed reading leaves the last good copy as it is."""

    class Source(models.TextChoices):
        GOOGLE = "google", "Google Calendar"
        ICALENDAR = "icalendar", "An iCalendar address"

    class Purpose(models.TextChoices):
        SHIFTS = "shifts", "Who is on shift"
        LEAVE = "leave", "Who is away"

    name = models.CharField(max_length=100, unique=True)
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, related_name="calendars", help_text="Whose calendar it is; its leads change it."
    )
    source = models.CharField(max_length=20, choices=Source, default=Source.GOOGLE)
    feed_address = models.CharField(
        "address",
        max_length=1000,
        help_text="Google: the calendar's id, such as …@group.calendar.google.com. Else where the calendar is "
        "published in iCal format: https://….",
    )
    purpose = models.CharField(max_length=20, choices=Purpose, default=Purpose.SHIFTS)
    embedded_word = models.CharField(
        max_length=50,
        blank=True,
        default="embedded",
        help_text="An entry with this in its title is somebody embedded in the product the title names; any other is "
        "a shift. Empty: all are shifts.",
    )
    leave_words = models.CharField(
        max_length=200,
        blank=True,
        default="vacation, leave, OOO, out of office, holiday, PTO",
        help_text="In a calendar of who is away only entries with one of these count.",
    )
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        validators=[valid_time_zone],
        help_text="Of whole days and of times without a zone, where the calendar names none. Empty: the portal's.",
    )
    enabled = models.BooleanField(
        "is read", default=True, help_text="Off: it is read no more, and its entries do not count."
    )

    # What the portal knows of it.
    token = models.TextField(blank=True, editable=False)
    whole_at = models.DateTimeField(null=True, editable=False)
    synced_at = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    error = models.CharField(max_length=500, blank=True, editable=False)
    notes = models.JSONField(default=list, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def rules(self) -> Rules:
        words = tuple(word.strip() for word in self.leave_words.split(",") if word.strip())
        return Rules(self.embedded_word, words if self.purpose == self.Purpose.LEAVE else ())

    def is_stale(self, now: datetime) -> bool:
        """Whether it was not read for an hour though it should have been."""
        since = self.synced_at or self.failing_since
        return self.enabled and since is not None and now - since > STALE


class CalendarEntryQuerySet(models.QuerySet["CalendarEntry"]):
    def at(self, now: datetime) -> CalendarEntryQuerySet:
        """Those that hold `now` and count."""
        return self.filter(calendar__enabled=True, starts_at__lte=now, ends_at__gt=now)


class CalendarEntry(models.Model):
    """The copy of one entry of a calendar, each recurrence apart; it ends after it starts.

    `named` is whom the calendar names, {name, email}; `people` who of them works here, `unmatched` the others.
    """

    class Kind(models.TextChoices):
        SUPPORT = "support", "Support"
        EMBEDDED = "embedded", "Embedded in a product"
        LEAVE = "leave", "Away"
        IGNORED = "ignored", "Does not count"

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="entries")
    uid = models.CharField(max_length=300)
    instance = models.CharField(max_length=300, blank=True)
    starts_at = models.DateTimeField("start")
    ends_at = models.DateTimeField("end")
    all_day = models.BooleanField(default=False)
    summary = models.CharField("title", max_length=500, blank=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.SUPPORT)
    product = models.CharField(max_length=100, blank=True)
    named = models.JSONField(default=list)
    unmatched = models.JSONField(default=list)
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="calendar_entries")

    objects = CalendarEntryQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        verbose_name_plural = "calendar entries"
        constraints = [
            models.UniqueConstraint(fields=["calendar", "uid", "instance"], name="calendar_entry_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="calendar_entry_ends_after_it_starts"),
        ]
        indexes = [models.Index(fields=["ends_at", "starts_at"], name="calendar_entry_now")]

    def __str__(self) -> str:
        return self.summary or "An entry without a title"
