"""A rotation and what defines it: its roles, the layers that fill them, and who takes the turns from when."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.people.models import Channel, Team, valid_time_zone
from apps.rotations.models.calendars import Calendar
from apps.rotations.models.shifts import Shift
from apps.rotations.resolving.definition import WEEK, Active, Advance
from apps.rotations.resolving.wallclock import Unit

DAYS = list(zip(WEEK, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))


class Rotation(models.Model):
    """Who of a team is on duty when. Before `kept_until` that is what was kept; from it on what the definition says."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="rotations")
    slug = models.SlugField(unique=True, help_text="Its name in addresses, such as sustained-engineering.")
    name = models.CharField(max_length=100)
    time_zone = models.CharField(
        max_length=64, validators=[valid_time_zone], help_text="Such as Europe/London: handoffs follow its clock."
    )
    channel = models.ForeignKey(
        Channel,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="rotations",
        help_text="The Slack channel whose topic names who is on.",
    )
    archived_at = models.DateTimeField(null=True, editable=False)
    kept_until = models.DateTimeField(editable=False)

    managed_children = ("roles", "layers")

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def stream(self) -> str:
        return f"rotation:{self.slug}"


class Role(models.Model):
    """What somebody on duty is: primary, backup, lead. The first is asked first."""

    rotation = models.ForeignKey(Rotation, on_delete=models.CASCADE, related_name="roles")
    name = models.CharField(max_length=50)
    position = models.PositiveSmallIntegerField(default=1)
    user_group = models.CharField(
        "Slack user group", max_length=80, blank=True, help_text="Id or @handle; whoever is on becomes its member."
    )

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["rotation", "name"], name="role_name_once_a_rotation")]

    def __str__(self) -> str:
        return self.name


class Layer(models.Model):
    """One rule that fills a role: people in turns, always the same people, or whom shifts or a calendar name.

    Of the layers of a role the highest priority that has somebody counts.
    """

    class Kind(models.TextChoices):
        TURNS = "turns", "People in turns"
        PEOPLE = "people", "Always the same people"
        SHIFTS = "shifts", "Shifts that the team's people entered"
        CALENDAR = "calendar", "Entries of a calendar"

    rotation = models.ForeignKey(Rotation, on_delete=models.CASCADE, related_name="layers")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="layers")
    name = models.CharField(max_length=100)
    priority = models.SmallIntegerField(default=0, help_text="The highest that has somebody counts.")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.TURNS)
    unit = models.CharField(
        max_length=10, choices=[(unit.value, f"{unit.value}s") for unit in Unit], default=Unit.WEEK.value
    )
    length = models.PositiveSmallIntegerField(default=1, help_text="A turn lasts so many of these.")
    start_date = models.DateField(null=True, blank=True, help_text="The first turn's first day.")
    start_time = models.TimeField(default=time(9), help_text="When people hand over, in the rotation's time zone.")
    index_offset = models.SmallIntegerField(
        default=0, help_text="1: whoever is second takes the first turn. A backup with 1 is next week's primary."
    )
    advance = models.CharField(
        max_length=20,
        choices=[(Advance.CALENDAR.value, "Every day counts"), (Advance.ACTIVE_DAY.value, "Only active days count")],
        default=Advance.CALENDAR.value,
    )
    turn_active_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="Empty: all of the turn. Else only its first so many minutes."
    )
    active_days = ArrayField(
        models.CharField(max_length=2, choices=DAYS), default=list, blank=True, help_text="None chosen: every day."
    )
    active_from = models.TimeField(null=True, blank=True)
    active_to = models.TimeField(
        null=True, blank=True, help_text="The same as from, or both empty: all day. Earlier than from: past midnight."
    )
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    shift_kind = models.CharField(
        "kind of shift",
        max_length=20,
        choices=Shift.Kind,
        blank=True,
        help_text="Which shifts, or which entries of the calendar.",
    )
    calendar = models.ForeignKey(
        Calendar,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="layers",
        help_text="Whose entries, when it is by a calendar.",
    )

    managed_children = ("rosters",)

    class Meta:
        ordering = ["role__position", "-priority", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["rotation", "name"], name="layer_name_once_a_rotation"),
            models.CheckConstraint(condition=Q(length__gte=1), name="layer_length_from_one"),
            models.CheckConstraint(
                condition=~Q(kind="turns") | Q(start_date__isnull=False), name="layer_in_turns_has_a_start"
            ),
            models.CheckConstraint(
                condition=~Q(kind="calendar") | Q(calendar__isnull=False), name="layer_by_calendar_names_it"
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="layer_valid_until_after_from",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def start_local(self) -> datetime | None:
        """The first handoff, on the wall of the rotation's zone."""
        return datetime.combine(self.start_date, self.start_time) if self.start_date else None

    @property
    def active(self) -> Active | None:
        """Its window; None when it is active all the time."""
        if not self.active_days and self.active_from is None and self.active_to is None:
            return None
        days = frozenset(WEEK.index(day) for day in self.active_days) or frozenset(range(7))
        return Active(days, self.active_from or time(0), self.active_to or time(0))

    @property
    def turn_active(self) -> timedelta | None:
        return None if self.turn_active_minutes is None else timedelta(minutes=self.turn_active_minutes)


class Roster(models.Model):
    """Who takes a layer's turns from an instant on, until the next roster's; None is from the beginning.

    `offset` makes whoever would be next come next: turn k is of place (k + index_offset + offset) mod n.
    """

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="rosters")
    effective_at = models.DateTimeField(null=True, blank=True)
    offset = models.IntegerField(default=0, editable=False)

    managed_children = ("participants",)

    class Meta:
        ordering = [F("effective_at").asc(nulls_first=True)]
        constraints = [
            models.UniqueConstraint(
                fields=["layer", "effective_at"], nulls_distinct=False, name="roster_once_an_instant"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.layer} from {self.effective_at:%Y-%m-%d %H:%M} UTC" if self.effective_at else str(self.layer)

    @property
    def turns(self) -> tuple[tuple[str, ...], ...]:
        """The emails, by turn."""
        by_place: dict[int, list[str]] = {}
        for participant in self.participants.all():
            by_place.setdefault(participant.place, []).append(participant.agent.email)
        return tuple(tuple(by_place[place]) for place in sorted(by_place))


class Participant(models.Model):
    """Somebody in a roster; those with the same place share a turn."""

    roster = models.ForeignKey(Roster, on_delete=models.CASCADE, related_name="participants")
    place = models.PositiveSmallIntegerField()
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="turns")

    class Meta:
        ordering = ["place", "pk"]
        constraints = [models.UniqueConstraint(fields=["roster", "place", "agent"], name="participant_once_a_turn")]

    def __str__(self) -> str:
        return str(self.agent)
