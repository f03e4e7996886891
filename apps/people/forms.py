"""The forms of people and customers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from unfold.forms import AdminOwnPasswordChangeForm, AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelect2Widget, UnfoldAdminTextInputWidget

from apps.people import validation
from apps.people.events import PasswordSet
from apps.people.models import Agent, Customer, NamedGroup
from apps.trail import services as trail
from apps.trail.managed import stream_of
from apps.trail.zones import known_zones


def zone_field() -> forms.ChoiceField:
    """A time zone, chosen by typing a part of its name."""
    names = sorted(known_zones())
    return forms.ChoiceField(
        choices=[("", "Guessed from the browser"), *((name, name) for name in names)],
        required=False,
        widget=UnfoldAdminSelect2Widget,
    )


class AgentForm(UserChangeForm):  # type: ignore[misc]
    """An agent; what only a superuser decides is left out for others by the page."""

    time_zone = zone_field()

    class Meta:
        model = Agent
        fields = "__all__"


class NewAgentForm(UserCreationForm):  # type: ignore[misc]
    """A new agent; without a password nobody signs in with it until one is set."""

    time_zone = zone_field()

    class Meta:
        model = Agent
        fields = ("email", "first_name", "last_name", "nickname", "slack_id", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["usable_password"]
        choice.initial = "false"
        choice.label = "First password"
        choice.choices = choice.widget.choices = [("false", "None yet"), ("true", "Set one now")]
        choice.help_text = "Without one nobody can sign in as this agent. It can be set later on the agent's page."


class RecordedPassword:
    """That a password was set is on the trail; the password, or what is stored of it, never."""

    @transaction.atomic
    def save(self, commit: bool = True) -> Agent:
        agent: Agent = super().save(commit)  # type: ignore[misc]
        event = PasswordSet(agent=agent.pk, name=str(agent), usable=agent.has_usable_password())
        # Part of a door, so it reads the clock.
        trail.record(event, about=[stream_of(agent)], now=timezone.now())  # noqa: TID251
        return agent


class OwnPasswordForm(RecordedPassword, AdminOwnPasswordChangeForm):  # type: ignore[misc]
    """One's own password."""


class PasswordForm(RecordedPassword, AdminPasswordChangeForm):  # type: ignore[misc]
    """Somebody else's password."""


class NamedGroupForm(forms.ModelForm):  # type: ignore[type-arg]
    """A named group; one that a policy counts on keeps somebody."""

    class Meta:
        model = NamedGroup
        fields = ("slug", "name", "members")

    def clean_members(self) -> QuerySet[Agent]:
        members: QuerySet[Agent] = self.cleaned_data["members"]
        if self.instance.pk and (refusal := validation.emptied(self.instance, members)):
            raise forms.ValidationError(refusal)
        return members


class CustomerForm(forms.ModelForm):  # type: ignore[type-arg]
    """A customer; domains are typed with commas, as they are spoken."""

    email_domains = SimpleArrayField(
        forms.CharField(max_length=253),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Separated by commas: acme.com, acme.io",
    )

    class Meta:
        model = Customer
        fields = "__all__"

    def clean_email_domains(self) -> list[str]:
        domains = validation.tidied_domains(self.cleaned_data["email_domains"])
        if wrong := validation.wrong_domains(domains, self.instance):
            raise forms.ValidationError(wrong)
        return domains
