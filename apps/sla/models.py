"""Policies, what they promise, and the tiers that hear when a promise is in danger."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.people.models import Channel, NamedGroup, Plan, Team
from apps.rotations.models import Rotation
from apps.sla.audiences import KINDS, Audience
from apps.sla.durations import spell

SEVERITIES = [("urgent", "Urgent"), ("high", "High"), ("normal", "Normal"), ("low", "Low")]
TICKET_TYPES = [
    ("question", "Question"),
    ("problem", "Problem"),
    ("incident", "Incident"),
    ("task", "Task"),
    ("feedback", "Feedback"),
]
# Of requests for help, which know them by the same words.
PRIORITIES = [("p1", "P1"), ("p2", "P2")]
# Of incidents, likewise.
OF_INCIDENTS = [(f"sev-{number}", f"sev-{number}") for number in range(1, 6)]
LEVELS = [(level, level) for level in ("L1", "L2", "L3", "L4")]
ANY_SEVERITY = [*SEVERITIES, *OF_INCIDENTS]


# GoAlert's bound, too: who did not hear six rounds needs another way.
MOST_REPEATS = 5


def feedback() -> list[str]:
    """Feedback waits for nobody (SLA Buddy)."""
    return ["feedback"]


class Policy(models.Model):
    """Which subjects get which promises. The first enabled policy that matches, in order, wins."""

    class AppliesTo(models.TextChoices):
        TICKET = "ticket", "Tickets"
        PAGE = "page", "Pages"
        RFH = "rfh", "Requests for help"
        INCIDENT = "incident", "Incidents"

    name = models.CharField(max_length=100, unique=True)
    applies_to = models.CharField(max_length=20, choices=AppliesTo, default=AppliesTo.TICKET)
    position = models.PositiveIntegerField(default=0, db_index=True, help_text="Low numbers are asked first.")
    enabled = models.BooleanField(default=True)
    plans = models.ManyToManyField(Plan, blank=True, related_name="policies", help_text="None chosen: any plan.")
    without_plan = models.BooleanField(
        "tickets without a plan",
        default=False,
        help_text="Governs tickets whose plan is not known; beside chosen plans, those as well.",
    )
    teams = models.ManyToManyField(
        Team, blank=True, related_name="policies", help_text="Whose pages or requests. None chosen: every team's."
    )
    priorities = ArrayField(
        models.CharField(max_length=2, choices=PRIORITIES),
        default=list,
        blank=True,
        help_text="Of requests for help. None: any priority.",
    )
    levels = ArrayField(
        models.CharField(max_length=2, choices=LEVELS),
        default=list,
        blank=True,
        help_text="Of incidents. None: any level.",
    )
    severities = ArrayField(
        models.CharField(max_length=20, choices=ANY_SEVERITY),
        default=list,
        blank=True,
        help_text="None: any severity.",
    )
    channels = models.ManyToManyField(
        Channel, blank=True, related_name="policies", help_text="None chosen: any channel, or none."
    )
    excluded_types = ArrayField(
        models.CharField(max_length=20, choices=TICKET_TYPES),
        default=feedback,
        blank=True,
        help_text="A ticket of such a type that this policy matches gets no promise.",
    )

    managed_children = ("promises", "tiers")

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return self.name

    @property
    def stream(self) -> str:
        return f"policy:{self.pk}"


class Promise(models.Model):
    """Something will have happened within a duration of the start. One of a kind a policy."""

    class Kind(models.TextChoices):
        FIRST_RESPONSE = "first_response", "First response"
        ACKNOWLEDGEMENT = "acknowledgement", "Acknowledgement"
        FIRST_ANSWER = "first_answer", "First answer"
        UPDATE = "update", "Update"

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="promises")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.FIRST_RESPONSE)
    within = models.DurationField()
    repeat = models.PositiveSmallIntegerField(
        default=0, help_text="How often a page climbs its tiers again while nobody acknowledges it, at most 5."
    )

    class Meta:
        ordering = ["kind"]
        constraints = [
            models.CheckConstraint(condition=Q(repeat__lte=MOST_REPEATS), name="promise_repeats_at_most_5"),
            models.UniqueConstraint(fields=["policy", "kind"], name="promise_once_a_policy"),
            models.CheckConstraint(condition=Q(within__gt=timedelta(0)), name="promise_within_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {how_soon(self.kind)} {spell(self.within)}"


def how_soon(kind: str) -> str:
    """The word between a promise and its duration: updates come again and again."""
    return "every" if kind == Promise.Kind.UPDATE else "within"


class Tier(models.Model):
    """A rung of the ladder: so long after the start, these people hear. Later rungs are higher."""

    class AudienceKind(models.TextChoices):
        NOT_EMBEDDED = "not_embedded", "Support on shift, not embedded"
        ON_SHIFT = "on_shift", "Everybody on shift, embedded too"
        USER_GROUP = "user_group", "Slack user group"
        GROUP = "group", "Named group"
        AGENTS = "agents", "Named agents"
        CHANNEL = "channel", "Channel"
        ROTATION = "rotation", "On duty in a rotation"
        OWNER = "owner", "The owner of the request"
        ACCOUNTABLE = "accountable", "The accountable agent"
        CONTACT = "contact", "The contact, else the point"
        LEAD = "lead", "The lead of the incident"

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="tiers")
    promise = models.CharField(max_length=20, choices=Promise.Kind, default=Promise.Kind.FIRST_RESPONSE)
    position = models.PositiveSmallIntegerField("tier")
    after = models.DurationField()
    audience_kind = models.CharField("whom", max_length=20, choices=AudienceKind)
    user_group = models.CharField(
        "Slack user group", max_length=80, blank=True, help_text="Id such as S0615G0KT, or @handle."
    )
    group = models.ForeignKey(
        NamedGroup,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tiers",
        verbose_name="named group",
    )
    agents = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="tiers")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, null=True, blank=True, related_name="tiers")
    role = models.CharField(max_length=50, blank=True, help_text="Such as primary, backup or lead.")
    rotation = models.ForeignKey(
        Rotation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tiers",
        help_text="Empty: the rotations of the team that is paged, or has the request; of an incident, the SET's.",
    )
    message = models.TextField(blank=True, help_text="Empty: the usual words. {people}, {ticket}, {waiting}, …")

    class Meta:
        ordering = ["promise", "position"]
        constraints = [
            # Deferred, so that tiers can be reordered in one transaction.
            models.UniqueConstraint(
                fields=["policy", "promise", "position"],
                name="tier_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=Q(position__gte=1), name="tier_position_from_one"),
            models.CheckConstraint(
                condition=(~Q(audience_kind="user_group") | ~Q(user_group=""))
                & (~Q(audience_kind="group") | Q(group__isnull=False))
                & (~Q(audience_kind="channel") | Q(channel__isnull=False))
                & (~Q(audience_kind="rotation") | ~Q(role="")),
                name="tier_has_its_audience",
                violation_error_message="Say which one: the user group, named group, channel or role.",
            ),
        ]

    def __str__(self) -> str:
        return f"tier {self.position} after {spell(self.after)}: {self.audience.label}"

    @property
    def audience(self) -> Audience:
        """Whom the tier means, as a value that outlives the row."""
        kind = self.audience_kind
        return Audience(
            kind=kind,
            user_group=self.user_group if kind == KINDS.user_group else "",
            group=self.group.slug if kind == KINDS.group and self.group else "",
            agents=tuple(agent.email for agent in self.agents.all()) if kind == KINDS.agents else (),
            channel=self.channel.slack_id if kind == KINDS.channel and self.channel else "",
            role=self.role if kind == KINDS.rotation else "",
            rotation=self.rotation.slug if kind == KINDS.rotation and self.rotation else "",
            label=self._label(),
        )

    def _label(self) -> str:
        match self.audience_kind:
            case KINDS.user_group:
                return f"@{self.user_group.lstrip('@')}"
            case KINDS.group:
                return self.group.name if self.group else ""
            case KINDS.agents:
                return ", ".join(str(agent) for agent in self.agents.all())
            case KINDS.channel:
                return str(self.channel)
            case KINDS.rotation:
                return f"{self.role} of {self.rotation}" if self.rotation else self.role
            case _:
                return str(self.get_audience_kind_display())
