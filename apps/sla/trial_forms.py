"""What might come: the forms of “Who would hear?”."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from apps.people.models import Agent, Channel, Plan, Team
from apps.sla.models import LEVELS, OF_INCIDENTS, PRIORITIES, SEVERITIES, TICKET_TYPES
from apps.trail.instants import slip_in


class TrialForm(forms.Form):
    """What might come, and when."""

    at = forms.DateTimeField(
        label="Comes at",
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
        help_text="Empty: now.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "portal-input"

    def clean_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["at"]
        if at is not None and (slip := slip_in(at)):
            raise forms.ValidationError(slip)
        return at


class TicketTrialForm(TrialForm):
    """A ticket that might come."""

    plan = forms.ModelChoiceField(Plan.objects.all(), to_field_name="slug", required=False, empty_label="Not known")
    severity = forms.ChoiceField(choices=SEVERITIES)
    type = forms.ChoiceField(choices=TICKET_TYPES)
    channel = forms.ModelChoiceField(
        Channel.objects.all(), to_field_name="slack_id", required=False, empty_label="None"
    )

    field_order = ("plan", "severity", "type", "channel", "at")


class RequestTrialForm(TrialForm):
    """A request for help that might be filed."""

    team = forms.ModelChoiceField(Team.objects.all(), to_field_name="slug", empty_label=None)
    priority = forms.ChoiceField(choices=PRIORITIES)
    level = forms.ChoiceField(choices=[("", "None"), *LEVELS], required=False)
    owner = forms.ModelChoiceField(
        Agent.objects.filter(is_active=True), to_field_name="email", required=False, empty_label="Nobody yet"
    )
    accountable = forms.ModelChoiceField(
        Agent.objects.filter(is_active=True),
        label="Accountable agent",
        to_field_name="email",
        required=False,
        empty_label="Nobody",
    )

    field_order = ("team", "priority", "level", "owner", "accountable", "at")


class IncidentTrialForm(TrialForm):
    """An incident that might be declared."""

    severity = forms.ChoiceField(choices=OF_INCIDENTS)
    level = forms.ChoiceField(
        choices=[("", "What the severity says"), *LEVELS], required=False, help_text="By the table of severities."
    )
    contact = forms.ModelChoiceField(
        Agent.objects.filter(is_active=True), to_field_name="email", required=False, empty_label="Nobody"
    )
    point = forms.ModelChoiceField(
        Agent.objects.filter(is_active=True), to_field_name="email", required=False, empty_label="Nobody"
    )
    lead = forms.ModelChoiceField(
        Agent.objects.filter(is_active=True), to_field_name="email", required=False, empty_label="Who is on duty as it"
    )

    field_order = ("severity", "level", "contact", "point", "lead", "at")
