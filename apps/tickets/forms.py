"""What people type about tickets in the admin. Part of a door."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from apps.sla import durations
from apps.tickets.errors import BadTicket, RefusedField
from apps.tickets.models import Reply, Ticket
from apps.tickets.services import FILLABLE, SKEW, must_be_number, must_have_its_channel, why_unusual
from apps.tickets.wording import plain_number
from apps.trail.instants import slip_in


class TicketForm(forms.ModelForm):  # type: ignore[type-arg]
    """A ticket's facts. What was shown travels along, so only what this person changed is changed."""

    really_then = forms.BooleanField(
        label="",
        required=False,
        widget=forms.HiddenInput,
    )

    class Meta:
        model = Ticket
        fields = ("number", *FILLABLE, "opened_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "opened_at" in self.fields:
            self.fields["opened_at"].help_text = f"In {timezone.get_current_timezone_name()}."
        if "number" in self.fields:
            # A browser would cut off the end without a word.
            self.fields["number"].widget.attrs.pop("maxlength", None)
        if self.instance.pk:
            self.fields.pop("really_then", None)
            for field in self.fields.values():
                field.show_hidden_initial = True

    def clean_number(self) -> str:
        """Refuses a number that is known, with the way to its ticket."""
        number = plain_number(str(self.cleaned_data["number"]))
        try:
            must_be_number(number)
        except BadTicket as refusal:
            raise ValidationError(str(refusal)) from refusal
        known = Ticket.objects.filter(number=number).exclude(pk=self.instance.pk).first()
        if known is not None:
            page = reverse("admin:tickets_ticket_change", args=[known.pk])
            raise ValidationError(
                format_html('<a href="{}">Ticket {}</a> is known already; nothing was changed.', page, number)
            )
        return number

    def clean_opened_at(self) -> datetime:
        """Refuses the future, and a year nobody meant: a promise starts at the ticket's own time."""
        at: datetime = self.cleaned_data["opened_at"]
        if slip := slip_in(at):
            raise ValidationError(slip)
        if at > timezone.now() + SKEW:  # noqa: TID251
            raise ValidationError("A ticket cannot have been opened in the future.")
        return at

    def clean(self) -> dict[str, Any]:
        """Asks again before a slip in the date calls everybody at once."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        at = said.get("opened_at")
        reason = why_unusual(at, now=timezone.now()) if at is not None else ""  # noqa: TID251
        if "really_then" in self.fields and reason:
            self.fields["really_then"].widget = UnfoldBooleanWidget()
            self["really_then"].label = "It was really opened then; its tiers speak at once"
            if not said.get("really_then"):
                self.add_error("really_then", f"{reason} Tick this if it is so.")
        self._refuse_thread_without_channel(said)
        return said

    def _refuse_thread_without_channel(self, said: dict[str, Any]) -> None:
        channel, thread_ts = said.get("channel"), said.get("thread_ts")
        if channel is None or thread_ts is None:
            # Not on the page, or refused already.
            return
        try:
            must_have_its_channel(channel=channel, thread_ts=thread_ts)
        except RefusedField as refused:
            self.add_error(refused.field, str(refused))

    def validate_unique(self) -> None:
        """`clean_number` says it better."""

    @property
    def changes(self) -> dict[str, Any]:
        """What this person changed of what they were shown."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in FILLABLE}


class ReplyForm(BaseDialogForm):
    """A reply that was given in the help desk."""

    author = forms.ChoiceField(
        label="Who wrote",
        choices=Reply.Author.choices,
        initial=Reply.Author.AGENT,
        widget=UnfoldAdminRadioSelectWidget,
    )
    at = forms.DateTimeField(
        label="When",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].help_text = f"In {timezone.get_current_timezone_name()}. Empty: now."

    def at_or(self, ticket: Ticket, now: datetime) -> datetime:
        """The reply's own time; a minute typed without seconds is not before a ticket opened within that minute."""
        at: datetime = self.cleaned_data["at"] or now
        return ticket.opened_at if timedelta(0) < ticket.opened_at - at < timedelta(minutes=1) else at


class SnoozeForm(BaseDialogForm):
    """How long everybody is left alone."""

    by = forms.CharField(
        label="For how long",
        initial="30 min",
        help_text="Such as 30 min or 2 h. Who is next hears so much later; when the promise falls due does not move.",
        widget=UnfoldAdminTextInputWidget(),
    )

    def clean_by(self) -> timedelta:
        try:
            by = durations.parse(self.cleaned_data["by"])
        except durations.InvalidDuration as error:
            raise ValidationError(str(error)) from error
        if not timedelta(minutes=1) <= by <= timedelta(hours=24):
            raise ValidationError("Snooze for at least a minute and at most 24 hours.")
        return by


class EndForm(BaseDialogForm):
    """Whether it is solved, or closed for good."""

    to = forms.ChoiceField(
        label="The ticket is",
        choices=[(Ticket.Status.SOLVED, "Solved"), (Ticket.Status.CLOSED, "Closed for good")],
        initial=Ticket.Status.SOLVED,
        widget=UnfoldAdminRadioSelectWidget,
    )
