"""What people type about pages in the admin. Part of a door."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from apps.pages.errors import PageError
from apps.pages.models import Page
from apps.pages.selectors import find
from apps.pages.services import LONGEST_MESSAGE
from apps.people.models import Customer
from apps.rfhs.context import SYMPTOM_NAMES
from apps.rfhs.models import RFH
from apps.rfhs.services.texts import LONGEST_SUMMARY


class PageForm(forms.ModelForm):  # type: ignore[type-arg]
    """A page to send."""

    class Meta:
        model = Page
        fields = ("team", "urgency", "subject", "message")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "message" in self.fields:
            self.fields["message"].widget = UnfoldAdminTextareaWidget(attrs={"rows": 5})

    def clean_message(self) -> str:
        message = str(self.cleaned_data["message"]).strip()
        if not message:
            raise forms.ValidationError("Say what is wrong, and what you need.")
        if len(message) > LONGEST_MESSAGE:
            raise forms.ValidationError(f"A message has at most {LONGEST_MESSAGE:,} characters.")
        return message


class SureForm(BaseDialogForm):  # type: ignore[misc]
    """Nothing to fill in: the dialog asks, and the button says yes."""


class ItemForm(BaseDialogForm):  # type: ignore[misc]
    """What an item says that is made of a page; the rest is the page's own."""

    summary = forms.CharField(
        label="What it is about",
        max_length=LONGEST_SUMMARY,
        help_text="As specific as you can: not “slow”, but what is slow.",
        widget=UnfoldAdminTextInputWidget(),
    )
    customer = forms.ModelChoiceField(
        Customer.objects.order_by("name"), required=False, empty_label="None", widget=UnfoldAdminSelectWidget()
    )
    level = forms.ChoiceField(
        choices=[("", "Not known yet"), *RFH.Level.choices],
        required=False,
        help_text="L1 and L2 ask for an incident, and owe an update a day.",
        widget=UnfoldAdminSelectWidget(),
    )
    bug_class = forms.ChoiceField(
        label="Class of the bug",
        choices=[("", "No bug"), *RFH.BugClass.choices],
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
    symptom = forms.ChoiceField(
        choices=[("", "None of these"), *SYMPTOM_NAMES],
        required=False,
        help_text="It decides which details the item should have.",
        widget=UnfoldAdminSelectWidget(),
    )
    production = forms.BooleanField(
        label="Quality of a community or production server", required=False, widget=UnfoldBooleanWidget()
    )

    def __init__(self, request: HttpRequest, object_id: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, object_id, *args, **kwargs)
        try:
            self.fields["summary"].initial = find(str(object_id)).title[:LONGEST_SUMMARY]
        except PageError:
            # Whoever asks for what is not there is refused when it is to be made.
            return

    def item(self) -> dict[str, Any]:
        """What the service takes."""
        said, symptom = self.cleaned_data, self.cleaned_data["symptom"]
        names = ("summary", "customer", "level", "bug_class", "production")
        return {**{name: said[name] for name in names}, "symptoms": [symptom] if symptom else []}
