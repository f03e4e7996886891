"""The dialog that leaves whoever owes an update alone for a while."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from apps.dashboard import moments
from apps.escalations import incident_snoozing as engine
from apps.escalations.errors import EscalationError
from apps.incidents.admin.dialog import StepForm, asks
from apps.incidents.admin.forms import BecauseForm, line
from apps.incidents.errors import IncidentError
from apps.incidents.models import Incident
from apps.people.acting import Acting
from apps.sla.durations import InvalidDuration, parse, spell


class SnoozeForm(BecauseForm):
    """How long, and why."""

    refuses = (IncidentError, EscalationError)

    by = line("For how long", help_text="Such as 4 h or 1 day, at most 7 days.")
    token = forms.CharField(widget=forms.HiddenInput, max_length=40)

    field_order = ("by", "because")

    def fit(self, incident: Incident) -> None:
        self.fields["because"].help_text = "For us alone, in its story: such as “the vendor answers on Monday”."
        if not self.is_bound:
            # A second press of the same dialog is no second snooze.
            self.initial |= {"by": "4 h", "token": uuid.uuid4().hex}

    def clean_by(self) -> timedelta:
        try:
            return parse(self.cleaned_data["by"])
        except InvalidDuration as error:
            raise ValidationError(str(error)) from error


class Snoozing:
    """Part of the admin of incidents."""

    @asks(
        "Snooze the reminders",
        "Whoever would be reminded next hears so much later. What is owed stays due when it was: only an update is an "
        "update.",
        "Snooze",
        SnoozeForm,
        icon="snooze",
    )
    def snooze(self, incident: Incident, form: StepForm, by: Acting, now: datetime) -> str:
        said = form.cleaned_data
        key = f"incident:admin:{said['token']}"
        next_at = engine.snooze(incident, for_=said["by"], because=said["because"], by=by, key=key, now=now)
        if next_at is None:
            return "It is snoozed, but everybody was told already: only an update is awaited."
        local = timezone.localtime(next_at)
        return (
            f"Snoozed for {spell(said['by'])}: the next reminder is on {local:%-d %B at %H:%M} "
            f"{moments.zone_name(next_at)}."
        )


def possible(incident: Incident) -> list[str]:
    """Only what is owed can be put off."""
    return ["snooze"] if incident.clocks.filter(state="running").exists() else []
