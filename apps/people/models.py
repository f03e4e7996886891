"""Who works here, whom they work for, and what those are called elsewhere."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from apps.trail.zones import known_zones


def valid_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is in the zone database."""
    if name not in known_zones():
        raise ValidationError(f"“{name}” is no time zone. Use a name such as Europe/London.")


valid_slack_id = RegexValidator(
    r"^[UW][A-Z0-9]{2,}\Z", "A member's Slack id starts with U or W and has capitals and digits, such as U024BE7LH."
)


valid_channel_id = RegexValidator(
    r"^[CGD][A-Z0-9]{2,}\Z",
    "A Slack channel's id starts with C, G or D and has capitals and digits, such as C024BE91L.",
)


class Plan(models.Model):
    """What a customer pays for, such as Enterprise; promises depend on it."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=0, help_text="Highest plan first.")

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class AgentManager(BaseUserManager["Agent"]):
    """Agents are known by email."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Agent:
        """An agent who may sign in when a password is given."""
        agent = self.model(email=self.normalize_email(email).lower(), **fields)
        agent.set_password(password)
        agent.save(using=self._db)
        return agent

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Agent:
        """An agent with every right."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> Agent:
        return self.get(email__iexact=username)


class Agent(AbstractUser):
    """Somebody who works here: support, engineer, manager or auditor. The email is theirs alone."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(unique=True)
    nickname = models.CharField(max_length=100, blank=True, help_text="What colleagues call them in Slack.")
    slack_id = models.CharField(
        "Slack id",
        max_length=20,
        unique=True,
        null=True,
        blank=True,
        validators=[valid_slack_id],
        help_text="Such as U024BE7LH.",
    )
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        validators=[valid_time_zone],
        help_text="Empty: guessed from the browser.",
    )
    public_name = models.CharField(
        max_length=100,
        blank=True,
        help_text="What the public status page may call them. Empty: it names nobody.",
    )
    # Everybody with an account may open the admin; what they see there is up to their roles.
    is_staff = models.BooleanField("may open the portal", default=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = AgentManager()  # type: ignore[misc, assignment]

    class Meta:
        ordering = ["first_name", "last_name", "email"]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()
        self.slack_id = self.slack_id or None

    @property
    def called(self) -> str:
        """How to address them."""
        return self.nickname or self.first_name or self.email.split("@")[0]


class Channel(models.Model):
    """A Slack channel somebody here speaks of; its id is Slack's and never changes."""

    slack_id = models.CharField(
        "Slack id", max_length=20, unique=True, validators=[valid_channel_id], help_text="Such as C024BE91L."
    )
    name = models.CharField(max_length=80, blank=True, help_text="Without the #.")

    class Meta:
        ordering = ["name", "slack_id"]

    def __str__(self) -> str:
        return f"#{self.name}" if self.name else self.slack_id


class UserGroup(models.Model):
    """A Slack user group such as @group-support, with its members as Slack last told us."""

    slack_id = models.CharField("Slack id", max_length=20, unique=True)
    handle = models.CharField(max_length=80, help_text="Without the @.")
    name = models.CharField(max_length=200, blank=True)
    member_ids = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["handle"]
        verbose_name = "Slack user group"

    def __str__(self) -> str:
        return f"@{self.handle}"


class Team(models.Model):
    """People who work together, in support, in engineering or beside them."""

    class Kind(models.TextChoices):
        SUPPORT = "support", "Support"
        ENGINEERING = "engineering", "Engineering"
        # Those support asks beside engineering, such as sales and business operations.
        OTHER = "other", "Other"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.SUPPORT)
    channel = models.ForeignKey(Channel, on_delete=models.SET_NULL, null=True, blank=True, related_name="teams")
    user_group = models.CharField("Slack user group", max_length=80, blank=True, help_text="Id or @handle.")
    members = models.ManyToManyField(Agent, blank=True, related_name="teams")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class NamedGroup(models.Model):
    """People with one name for a purpose, such as “head of success”."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    members = models.ManyToManyField(Agent, blank=True, related_name="named_groups")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    """Whom tickets come from; their plan decides what was promised."""

    class Stage(models.TextChoices):
        PROSPECT = "prospect", "Prospect"
        CUSTOMER = "customer", "Customer"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, blank=True, related_name="customers")
    stage = models.CharField(max_length=20, choices=Stage, default=Stage.CUSTOMER)
    account_manager = models.ForeignKey(
        Agent, on_delete=models.SET_NULL, null=True, blank=True, related_name="accounts"
    )
    email_domains = ArrayField(
        models.CharField(max_length=253),
        default=list,
        blank=True,
        help_text="Separated by commas: acme.com, acme.io",
    )
    account_url = models.URLField("account document", blank=True)
    deployment_url = models.URLField("deployment document", blank=True)
    notes = models.TextField(blank=True)

    managed_children = ("contacts",)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def stream(self) -> str:
        return f"customer:{self.slug}"


class Contact(models.Model):
    """A person at a customer."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "email"], condition=~Q(email=""), name="contact_email_once_a_customer"
            )
        ]

    def __str__(self) -> str:
        return self.name


class FailedSignIns(models.Model):
    """How many attempts to sign in failed since an instant, from one address or from one with one e-mail.

    Only so that a wave of them does not flood the trail; `key` is a digest, and the row is gone an hour later.
    """

    key = models.CharField(max_length=64, primary_key=True)
    since = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.count} since {self.since}"
