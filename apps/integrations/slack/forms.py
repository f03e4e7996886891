"""What people type about Slack in the admin. Part of a door."""

from __future__ import annotations

import json
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from unfold.widgets import (
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from apps.integrations.slack.incoming import mapping
from apps.integrations.slack.models import SlackMessage, WatchedChannel, half_a_day
from apps.integrations.slack.parsing import TicketMessage, Unparsed, parse, text_for_pattern
from apps.integrations.slack.pattern import GROUPS
from apps.sla.fields import DurationField
from apps.sla.models import SEVERITIES, TICKET_TYPES
from apps.tickets.wording import LONGEST_NUMBER, plain_number

_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{2,19}")
_LIKELY_NUMBER = re.compile(r"(?<![\w.])#?([0-9]{3,12})(?![\w.])")


class WatchedChannelForm(forms.ModelForm):  # type: ignore[type-arg]
    """A watched channel, with the channel itself by Slack's id and its name."""

    slack_id = forms.CharField(
        label="Slack id",
        max_length=20,
        help_text="Such as C024BE91L: at the very end of the channel's details in Slack.",
        widget=UnfoldAdminTextInputWidget,
    )
    name = forms.CharField(
        label="Name", max_length=80, required=False, help_text="Without the #.", widget=UnfoldAdminTextInputWidget
    )
    horizon = DurationField(initial=half_a_day, help_text="Older messages open no ticket. Such as 12 h.")

    class Meta:
        model = WatchedChannel
        fields = ("plan", "enabled", "horizon", "pattern")
        widgets = {"pattern": UnfoldAdminExpandableTextareaWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "pattern" in self.fields:
            groups = ", ".join(GROUPS)
            # A help text is HTML: what stands in angle brackets would vanish.
            self.fields["pattern"].help_text = format_html(
                "{} Its groups can be {}; only number must be there.", self.fields["pattern"].help_text, groups
            )
        if self.instance.pk and "slack_id" in self.fields:
            # Another channel is another row, with a cursor of its own.
            self.fields["slack_id"].disabled = True
            channel = self.instance.channel
            self.initial = {**self.initial, "slack_id": channel.slack_id, "name": channel.name}

    def clean_slack_id(self) -> str:
        """Refuses what is no channel's id, and a channel that is watched already."""
        slack_id = str(self.cleaned_data["slack_id"]).strip()
        if not _CHANNEL_ID.fullmatch(slack_id):
            raise ValidationError("A channel's id starts with C or G and has no spaces, such as C024BE91L.")
        if WatchedChannel.objects.filter(channel__slack_id=slack_id).exclude(pk=self.instance.pk).exists():
            raise ValidationError("This channel is watched already.")
        return slack_id

    def clean_name(self) -> str:
        return str(self.cleaned_data["name"]).strip().lstrip("#")


class TryForm(forms.Form):
    """A message to try a pattern on."""

    pattern = forms.CharField(required=False)
    sample = forms.CharField(max_length=50_000)

    def parsed(self) -> TicketMessage | Unparsed:
        """What the message would be read as, by this pattern or, without one, by the two usual forms."""
        return parse(message_of(self.cleaned_data["sample"]), self.cleaned_data["pattern"])


class OpenByHandForm(forms.Form):
    """Which ticket a message is."""

    number = forms.CharField(max_length=LONGEST_NUMBER, widget=UnfoldAdminTextInputWidget)
    subject = forms.CharField(max_length=200, required=False, widget=UnfoldAdminTextInputWidget)
    severity = forms.ChoiceField(choices=SEVERITIES, initial="normal", widget=UnfoldAdminSelectWidget)
    type = forms.ChoiceField(choices=TICKET_TYPES, initial="question", widget=UnfoldAdminSelectWidget)

    def ticket_message(self) -> TicketMessage:
        """The ticket as the message should have announced it."""
        data = self.cleaned_data
        return TicketMessage(
            number=plain_number(data["number"]),
            severity=data["severity"],
            type=data["type"],
            subject=data["subject"] or None,
        )


def message_of(pasted: str) -> dict[str, Any]:
    """A pasted message: Slack's JSON, or the text as a person sees it."""
    try:
        given = json.loads(pasted)
    except (ValueError, RecursionError):
        given = None
    if isinstance(given, dict):
        return dict(mapping(given.get("event")) or mapping(given.get("message")) or given)
    return {"text": pasted, "bot_id": "B0PASTED"}


def likely_number(seen: SlackMessage) -> str:
    """What in the message looks most like a ticket's number; empty when nothing does."""
    found = _LIKELY_NUMBER.search(text_for_pattern(seen.payload))
    return found[1] if found else ""
