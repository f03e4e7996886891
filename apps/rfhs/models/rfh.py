"""A request for help, and where it stands."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q

from apps.people.models import Customer, Team
from apps.rfhs import context, states
from apps.rfhs.context import SYMPTOM_NAMES, Detail
from apps.rfhs.models.routing import Area
from apps.tickets.models import Ticket

STATES = [(str(state), name) for state, name in states.NAMES.items()]


class RFH(models.Model):
    """What support asks of another team. State moves only by services, along the table in states.py.

    `accountable` answers to the customer until the end, whoever works on it as `owner`.
    """

    class Kind(models.TextChoices):
        QUESTION = "question", "Question"
        HELP = "help", "Help"
        DEFECT = "defect", "Defect"
        FEATURE = "feature", "Feature request"

    class Priority(models.TextChoices):
        P1 = "p1", "P1"
        P2 = "p2", "P2"

    class Source(models.TextChoices):
        TICKET = "ticket", "Ticket"
        PAGE = "page", "Page"
        CHANNEL = "channel", "SET channel"
        BOARD = "board", "Board"
        ASK_RND = "ask_rnd", "Ask R&D"
        SLACK = "slack", "Slack"
        API = "api", "API"

    class BugClass(models.TextChoices):
        HOTFIX = "hotfix", "Hotfix"
        RELEASE = "release", "Release"
        CUSTOMER = "customer_reported", "Customer-reported"
        OTHER = "other", "Other"

    class Level(models.TextChoices):
        L1 = "L1", "L1, critical"
        L2 = "L2", "L2, major"
        L3 = "L3", "L3, moderate"
        L4 = "L4", "L4, minor"

    class Outcome(models.TextChoices):
        ANSWERED = "answered", "Answered"
        SOLVED_BY_TEAMMATE = "solved_by_teammate", "Solved by a teammate"
        REROUTED = "rerouted", "Re-routed"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class SolvedBy(models.TextChoices):
        ENGINEERING = "engineering", "Engineering"
        SUPPORT = "support", "Support"
        CUSTOMER = "customer", "The customer"

    class WorksWithCustomer(models.TextChoices):
        NOT_ASKED = "", "Not asked"
        ASKED = "asked", "Asked"
        YES = "yes", "Yes"
        NO = "no", "No"

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="rfhs")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="rfhs")
    summary = models.CharField(max_length=200, blank=True, help_text="What you need, in a line.")
    description = models.TextField(blank=True, help_text="What happens, and what you tried. Quotes start with >.")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.HELP)
    priority = models.CharField(max_length=2, choices=Priority, default=Priority.P2)
    priority_because = models.CharField("why this priority", max_length=300, blank=True)
    state = models.CharField(max_length=20, choices=STATES, default=str(states.State.DRAFT))
    # Names of context.py, each with what is known.
    context = models.JSONField(default=dict, blank=True)
    source = models.CharField(max_length=20, choices=Source, default=Source.TICKET)
    # What it came by, such as page:12, or a Slack message's channel and ts: told twice, it is one request.
    source_key = models.CharField(max_length=200, unique=True, null=True, editable=False)
    source_url = models.URLField(max_length=500, blank=True)

    affects_several = models.BooleanField(
        "affects several customers",
        default=False,
        help_text="Such a defect may be filed in the public tracker, without what is the customer's.",
    )

    # A SET item is a request that was given to the Sustained Engineering Team; these are its own words.
    set_item = models.BooleanField("SET item", default=False)
    production = models.BooleanField("community or production quality", default=False)
    bug_class = models.CharField(max_length=20, choices=BugClass, blank=True)
    level = models.CharField(max_length=2, choices=Level, blank=True)
    symptoms = ArrayField(models.CharField(max_length=20, choices=SYMPTOM_NAMES), default=list, blank=True)
    # Since when an incident is needed, because the level is L1 or L2.
    incident_needed_at = models.DateTimeField(null=True, blank=True, editable=False)

    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="rfhs")
    sub_team = models.CharField(max_length=100, blank=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, blank=True, related_name="rfhs")
    # What the table proposed when somebody decided: how good it is.
    proposed_area = models.ForeignKey(
        Area, on_delete=models.SET_NULL, null=True, blank=True, related_name="proposals", editable=False
    )
    # Whose duty it stays to keep everybody informed after a hand-over (Mattermost's SET).
    communicator = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="rfhs_it_tells_of"
    )
    # Who of that team does it; passed on when a cycle ends.
    teller = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="rfhs_they_tell_of"
    )
    accountable = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="rfhs_accountable"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="rfhs_owned"
    )
    asked_by = models.CharField(max_length=200, blank=True, help_text="Who asked, by name.")

    timeline = models.CharField(max_length=300, blank=True, help_text="By when, such as: tomorrow is fine.")
    estimate_asked_at = models.DateTimeField(null=True, blank=True)
    estimate = models.CharField("engineering's estimate", max_length=300, blank=True, help_text="No promise.")
    estimated_at = models.DateTimeField(null=True, blank=True)
    estimated_by = models.CharField(max_length=200, blank=True)
    works_with_customer = models.CharField(max_length=10, choices=WorksWithCustomer, blank=True)
    # Since when the engineer is in cc on the ticket, or mentioned in the customer's thread.
    brought_in_at = models.DateTimeField(null=True, blank=True, editable=False)
    account_manager_follows = models.BooleanField(default=False)

    # The question to teammates, in the internal support channel.
    teammates_channel = models.CharField(max_length=20, blank=True)
    teammates_thread_ts = models.CharField(max_length=32, blank=True)
    skipped_teammates_because = models.CharField(max_length=300, blank=True)
    # What was decided of the filing while it is a draft; see form/plan.py.
    filing = models.JSONField(default=dict, blank=True, editable=False)
    # Where the team hears of it.
    team_channel = models.CharField(max_length=20, blank=True)
    team_thread_ts = models.CharField(max_length=32, blank=True)
    incident_channel = models.CharField(max_length=20, blank=True)

    opened_at = models.DateTimeField()
    asked_teammates_at = models.DateTimeField(null=True, blank=True)
    filed_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # The last time; what was promised begins anew then.
    reopened_at = models.DateTimeField(null=True, blank=True)
    # What figures are made of: the first time each, whatever came after.
    first_acknowledged_at = models.DateTimeField(null=True, blank=True, editable=False)
    first_answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Whether engineering was ever asked: what went to licences or statistics alone does not count.
    needed_engineering = models.BooleanField(default=False, editable=False)
    # The last step, and the last word to everybody: what is stuck, and when the next update is owed.
    moved_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    # How complete the context was when it was filed, 0 to 1.
    completeness_filed = models.FloatField(null=True, blank=True)

    answer = models.TextField(blank=True)
    answered_by = models.CharField(max_length=200, blank=True)
    learned = models.TextField("what we learned", blank=True)
    solved_by = models.CharField(max_length=20, choices=SolvedBy, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    rerouted_to = models.CharField(max_length=100, blank=True, help_text="Who plans it now.")
    # Where a hand put it on the board, as a number beside the ranks of ranking.py; none: where its rank puts it.
    place = models.FloatField(null=True, blank=True)
    # One more with every write, so that a second writer sees what happened.
    version = models.PositiveIntegerField(default=1)

    search = models.GeneratedField(
        expression=SearchVector("summary", "description", "answer", "learned", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = "request for help"
        verbose_name_plural = "requests for help"
        ordering = ["-opened_at", "-pk"]
        permissions = [("change_any_rfh", "Can change the requests of every team")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=sorted(states.OVER), ended_at__isnull=False)
                | (~Q(state__in=sorted(states.OVER)) & Q(ended_at__isnull=True)),
                name="rfh_ended_at_iff_over",
            ),
            # A feature request is always p2 (Sourcegraph, Engaging other teams, step 4).
            models.CheckConstraint(condition=~Q(kind="feature", priority="p1"), name="rfh_feature_is_p2"),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(states.WITH_A_TEAM)) | Q(team__isnull=False),
                name="rfh_filed_has_its_team",
            ),
        ]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="rfh_newest"),
            models.Index(fields=["team", "-opened_at"], name="rfh_open", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["ticket", "filed_at"], name="rfh_of_ticket"),
            GinIndex(fields=["search"], name="rfh_search"),
        ]

    def __str__(self) -> str:
        return f"RFH-{self.pk}"

    @property
    def stream(self) -> str:
        return f"rfh:{self.pk}"

    @property
    def streams(self) -> list[str]:
        """Its own stream, and its ticket's, customer's and team's when known."""
        found = [self.stream]
        if self.ticket:
            found.append(self.ticket.stream)
        if self.customer:
            found.append(self.customer.stream)
        if self.team:
            found.append(f"team:{self.team.slug}")
        return found

    @property
    def at(self) -> states.State:
        """Where it stands."""
        return states.State(self.state)

    @property
    def is_over(self) -> bool:
        """Whether nobody owes it anything any more."""
        return self.at in states.OVER

    @property
    def asks_since(self) -> datetime | None:
        """Since when a team is asked: when it was filed, or reopened after that; None for what no team has had."""
        return self.filed_at and (self.reopened_at or self.filed_at)

    @property
    def told_since(self) -> datetime | None:
        """When everybody last heard how it stands: an update, or a step of the team's; None as above."""
        said = (self.updated_at, self.acknowledged_at, self.started_at, self.handed_over_at)
        return self.asks_since and max(self.asks_since, *(at for at in said if at is not None))

    @property
    def details(self) -> tuple[Detail, ...]:
        """What its context should hold."""
        return context.wanted(set_item=self.set_item, symptoms=self.symptoms)

    @property
    def missing(self) -> list[Detail]:
        """What its context lacks."""
        return context.missing(self.context, self.details)
