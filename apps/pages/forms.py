"""What people type about pages in the admin. Part of a door."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from apps.pages.models import Page
from apps.pages.services import LONGEST_MESSAGE


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
