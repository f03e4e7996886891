"""Which team a question belongs to: the table managers edit."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.people.models import Channel, Team


class Area(models.Model):
    """A field of questions, and the team that answers them. One that is not engineering's gets no GitHub issue."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100, unique=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="areas")
    engineering = models.BooleanField(
        default=True, help_text="Off: it makes no GitHub issue and does not count as engineering's help."
    )
    keywords = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    any_language = models.BooleanField(
        "any programming language", default=False, help_text="The name of any programming language is a keyword, too."
    )
    channel = models.ForeignKey(
        Channel,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="areas",
        help_text="Empty: the team's own channel.",
    )
    handles = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        help_text="Slack handles in order; the first that exists is used.",
    )
    label = models.CharField("GitHub label", max_length=100, blank=True)
    note = models.CharField(max_length=300, blank=True, help_text="Whom else to name, or what to read first.")
    tie_break = models.CharField(
        max_length=300, blank=True, help_text="What to ask when another area matches the same words."
    )
    position = models.PositiveIntegerField(default=0)
    archived = models.BooleanField(default=False, help_text="Proposed for nothing any more.")

    managed_children = ("sub_teams", "exceptions")

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class SubTeam(models.Model):
    """A part of an area's team with a handle and a label of its own."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="sub_teams")
    name = models.CharField(max_length=100)
    handle = models.CharField(max_length=80, blank=True, help_text="Who helps support, such as @search-core-support.")
    mention = models.CharField(max_length=80, blank=True, help_text="The whole sub-team, such as @search-core.")
    label = models.CharField("GitHub label", max_length=100, blank=True)
    about = models.CharField(max_length=300, blank=True)
    keywords = ArrayField(models.CharField(max_length=80), default=list, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["area", "name"], name="sub_team_once_an_area")]

    def __str__(self) -> str:
        return self.name


class RoutingException(models.Model):
    """Until its last day, questions with this keyword go to another team."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="exceptions")
    keyword = models.CharField(max_length=80)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="routing_exceptions")
    via = models.CharField(max_length=100, blank=True, help_text="Who passes it on, such as CE.")
    until = models.DateField(help_text="The last day it holds.")

    class Meta:
        ordering = ["until", "keyword"]
        constraints = [models.UniqueConstraint(fields=["area", "keyword"], name="exception_once_a_keyword")]

    def __str__(self) -> str:
        return f"{self.keyword} goes to {self.team} until {self.until}"


class NamedOwner(models.Model):
    """The team that is responsible for one alert or dashboard, by its name."""

    class Kind(models.TextChoices):
        ALERT = "alert", "Alert"
        DASHBOARD = "dashboard", "Dashboard"

    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=200, help_text="To the letter, as the alert or dashboard is called.")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="named_things")
    archived = models.BooleanField(default=False, help_text="It leads nowhere any more.")

    class Meta:
        ordering = ["kind", "name"]
        verbose_name = "owner of an alert or dashboard"
        verbose_name_plural = "owners of alerts and dashboards"
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="alert_or_dashboard_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"


class Desk(models.Model):
    """How a team takes requests: how many at once, when one counts as stuck, and where its items come from."""

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="desk")
    limit = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="More open requests than this show all teams' queues as one ranked list."
    )
    stuck_after_days = models.PositiveSmallIntegerField(default=3, help_text="No movement for so long: stuck.")
    is_set = models.BooleanField(
        "Sustained Engineering Team", default=False, help_text="Its requests are SET items: levels, symptoms, classes."
    )
    # Slack channels whose messages can become its items: its own, and Ask R&D.
    ask_channel = models.ForeignKey(
        Channel,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="asked_desks",
        verbose_name="Ask R&D channel",
    )

    class Meta:
        ordering = ["team__name"]
        constraints = [models.CheckConstraint(condition=Q(stuck_after_days__gte=1), name="desk_stuck_after_a_day")]

    def __str__(self) -> str:
        return f"Desk of {self.team}"
