"""What people type on the preview and on their profile. Part of a door."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.people.models import Agent, Team
from apps.sla.models import SEVERITIES, TICKET_TYPES
from apps.trail.zones import known_zones

SLACK_ID = r"^[A-Z0-9]{1,20}$"
TS = r"^[0-9]{1,10}\.[0-9]{1,6}$"


class TicketMessageForm(forms.Form):
    """A ticket as Zendesk announces it."""

    channel = forms.RegexField(SLACK_ID)
    number = forms.CharField(max_length=64)
    priority = forms.ChoiceField(choices=SEVERITIES)
    type = forms.ChoiceField(choices=TICKET_TYPES)
    subject = forms.CharField(max_length=200, required=False)
    customer = forms.CharField(max_length=200, required=False)
    form = forms.ChoiceField(choices=[("lines", "Lines of text"), ("fields", "Fields with titles")])


class MentionForm(forms.Form):
    """A mention of the bot in a thread."""

    channel = forms.RegexField(SLACK_ID)
    thread_ts = forms.RegexField(TS)
    text = forms.CharField(max_length=500, required=False)


class PressForm(forms.Form):
    """A press of one of the bot's buttons."""

    channel = forms.RegexField(SLACK_ID)
    thread_ts = forms.RegexField(TS, required=False)
    message_ts = forms.RegexField(TS)
    action_id = forms.CharField(max_length=255)
    value = forms.CharField(max_length=2000, required=False)


class PageCommandForm(forms.Form):
    """/page, as it is typed in a channel."""

    channel = forms.RegexField(SLACK_ID)
    team = forms.ModelChoiceField(Team.objects.all(), to_field_name="slug")
    message = forms.CharField(max_length=500)


class CommandForm(forms.Form):
    """A command such as /rfh, with the words after it, as it is typed in a channel."""

    channel = forms.RegexField(SLACK_ID)
    text = forms.CharField(max_length=500, required=False)


class ShortcutForm(forms.Form):
    """A shortcut from the menu of a message."""

    channel = forms.RegexField(SLACK_ID)
    ts = forms.RegexField(TS)


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What people say of themselves."""

    time_zone = forms.ChoiceField(
        label="Time zone",
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="Times are shown in it everywhere. Not chosen: your browser's.",
    )

    class Meta:
        model = Agent
        fields = ("first_name", "last_name", "nickname", "public_name", "time_zone", "slack_id")
        widgets = {
            "first_name": UnfoldAdminTextInputWidget,
            "last_name": UnfoldAdminTextInputWidget,
            "nickname": UnfoldAdminTextInputWidget,
            "public_name": UnfoldAdminTextInputWidget,
            "slack_id": UnfoldAdminTextInputWidget,
        }

    def __init__(self, *args: Any, may_set_slack_id: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(known_zones())
        choices = [("", "As my browser says"), *((zone, zone) for zone in zones)]
        self.fields["time_zone"].choices = choices  # type: ignore[attr-defined]
        if not may_set_slack_id:
            # Whoever holds a Slack id acts as its person, so one does not give it to oneself.
            self.fields["slack_id"].disabled = True
            self.fields["slack_id"].help_text = "Ask a support manager to change it."

    def clean_slack_id(self) -> str | None:
        return self.cleaned_data["slack_id"] or None
