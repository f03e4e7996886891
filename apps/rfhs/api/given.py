"""What can be said of a request for help, and by whom."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.fields import Called, Strict
from apps.api.steps import AGENTS, ActedBy, OfVersion
from apps.people.models import Customer, Team, valid_channel_id
from apps.rfhs import context as details
from apps.rfhs.models import RFH, Area, Issue
from apps.tickets.models import Ticket

# Who files waits so long for the issue's address, unless told otherwise.
USUAL_WAIT, LONGEST_WAIT = 5, 10


class CalledTeam(Called):
    """A team by its slug, or by its name."""

    def __init__(self, **options: Any) -> None:
        super().__init__("slug", noun="team", queryset=Team.objects.select_related("channel"), **options)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str):
            named = list(self.get_queryset().filter(name__iexact=data)[:2])
            if len(named) == 1 and not self.get_queryset().filter(slug__iexact=data).exists():
                return named[0]
        return super().to_internal_value(data)


def called_area() -> Called:
    """An area in use, by its slug."""
    areas = Area.objects.filter(archived=False).select_related("team", "channel")
    return Called("slug", noun="area", queryset=areas, required=False, allow_null=True, help_text="An area's slug.")


def _details() -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    every = (*details.DETAILS, *details.ALWAYS, *(one for group in details.SYMPTOMS.values() for one in group))
    return {
        detail.name: serializers.CharField(
            required=False, allow_blank=True, trim_whitespace=True, help_text=f"{detail.label}. {detail.reason}"
        )
        for detail in every
    }


class ContextShape(Strict):
    """What engineering needs to know, by its name; the last ones are for items of the SET."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return _details()


class RFHFields(OfVersion):
    """What may be said of a request at any time."""

    ticket = Called(
        "number",
        noun="ticket",
        queryset=Ticket.objects.select_related("customer"),
        required=False,
        allow_null=True,
        help_text="The ticket's number.",
    )
    customer = Called(
        "slug",
        noun="customer",
        queryset=Customer.objects.all(),
        required=False,
        allow_null=True,
        help_text="A customer's slug; the ticket's unless told.",
    )
    description = serializers.CharField(
        required=False, allow_blank=True, help_text="What happens, and what you tried. Quotes start with >."
    )
    kind = serializers.ChoiceField(RFH.Kind.choices, required=False)
    priority = serializers.ChoiceField(RFH.Priority.choices, required=False, help_text="A feature is always p2.")
    priority_because = serializers.CharField(
        required=False, allow_blank=True, help_text="Why; needed to change it once a team has the request."
    )
    context = ContextShape(  # type: ignore[assignment]
        required=False, help_text="Merged into what is known; an empty text takes one back."
    )
    timeline = serializers.CharField(required=False, allow_blank=True, help_text="By when, such as: tomorrow is fine.")
    level = serializers.ChoiceField(RFH.Level.choices, required=False, allow_blank=True)
    bug_class = serializers.ChoiceField(RFH.BugClass.choices, required=False, allow_blank=True)
    symptoms = serializers.ListField(child=serializers.ChoiceField(details.SYMPTOM_NAMES), required=False)
    production = serializers.BooleanField(required=False, help_text="Whether it is about community or production.")
    affects_several = serializers.BooleanField(
        required=False, help_text="Whether the defect affects several customers: only then may it be public."
    )
    incident_channel = serializers.CharField(
        required=False, allow_blank=True, max_length=20, validators=[valid_channel_id], help_text="A channel's id."
    )


class NewRFH(RFHFields):
    """A request to begin: a draft of support's."""

    version = None  # type: ignore[assignment]
    summary = serializers.CharField(help_text="What you need, in a line.")
    accountable = Called(
        "email",
        noun="agent",
        queryset=AGENTS,
        required=False,
        allow_null=True,
        help_text="Who answers to the customer, by email; `by` unless told.",
    )


class RFHChange(RFHFields):
    """What is to be true of a request from now on."""

    summary = serializers.CharField(required=False, help_text="What you need, in a line.")


class Filing(OfVersion):
    """Which team is asked, and where its issue is made."""

    team = CalledTeam(help_text="The team's slug.")
    area = called_area()
    sub_team = serializers.CharField(required=False, allow_blank=True, max_length=100)
    tracker = serializers.ChoiceField(Issue.Tracker.choices, required=False, default=Issue.Tracker.PRIVATE)
    skip_teammates_because = serializers.CharField(
        required=False, allow_blank=True, help_text="Why teammates were not waited for: urgency is a reason, too."
    )
    issue = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="An issue that is there already, linked instead."
    )
    title = serializers.CharField(
        required=False, allow_blank=True, help_text="What the issue is called instead of the summary."
    )
    body = serializers.CharField(
        required=False, allow_blank=True, help_text="What the issue says instead of what the request says."
    )
    wait = serializers.IntegerField(
        required=False,
        default=USUAL_WAIT,
        min_value=0,
        max_value=LONGEST_WAIT,
        help_text="For so many seconds the issue's address is waited for.",
    )


class Publishing(OfVersion):
    """What everybody reads of a private issue; without words of their own, the request's, which may be refused."""

    title = serializers.CharField(required=False, allow_blank=True)
    body = serializers.CharField(required=False, allow_blank=True)
    affects_several = serializers.BooleanField(
        required=False, default=False, help_text="The defect affects several customers; needed unless it is said."
    )


class Solution(ActedBy):
    """What a teammate knew."""

    answer = serializers.CharField()
    answered_by = serializers.CharField(required=False, allow_blank=True, max_length=200, help_text="Which, by name.")


class Answer(OfVersion):
    """The team's answer."""

    answer = serializers.CharField()


class HandingOver(OfVersion):
    """Who has it from now on."""

    team = CalledTeam(help_text="The team's slug.")
    note = serializers.CharField(help_text="What the new owners must know.")
    area = called_area()


class Resolution(OfVersion):
    """How it ended."""

    learned = serializers.CharField(help_text="What we learned.")
    solved_by = serializers.ChoiceField(RFH.SolvedBy.choices, required=False)
    answer = serializers.CharField(required=False, allow_blank=True, help_text="Where the team gave none.")


class Rerouting(OfVersion):
    """Who plans it, so that our part ends."""

    to = serializers.CharField(max_length=100, help_text="Product, or the owning team.")
    note = serializers.CharField(required=False, allow_blank=True)


class Withdrawal(OfVersion):
    """Help is not needed any more."""

    because = serializers.CharField(required=False, allow_blank=True, help_text="Needed once a team has read it.")


class Reopening(OfVersion):
    """It was not over."""

    because = serializers.CharField()


class Assignment(OfVersion):
    """Who works on it."""

    to = Called("email", noun="agent", queryset=AGENTS, help_text="An agent's email.")
    because = serializers.CharField(required=False, allow_blank=True, max_length=200)


class Saying(ActedBy):
    """How it stands."""

    text = serializers.CharField()


class TextToRoute(Strict):
    """A question in words."""

    text = serializers.CharField(max_length=20_000)
