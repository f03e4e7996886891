"""What is declared, and what is known of an incident."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminExpandableTextareaWidget, UnfoldAdminSplitDateTimeWidget, UnfoldBooleanWidget

from apps.dashboard.merging_forms import MergingForm
from apps.incidents.admin.component_fields import ComponentsField
from apps.incidents.admin.forms import FOR_US, MARKDOWN, text
from apps.incidents.errors import BadIncident
from apps.incidents.models import Incident, Severity
from apps.incidents.services.changing import differing
from apps.incidents.services.texts import LONGEST_TEXT, LONGEST_TITLE, line, paragraph, past


class SeverityWidget(forms.RadioSelect):
    """The table of severities, a row to choose each."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        context = {
            "rows": Severity.objects.all(),
            "name": name,
            "value": value,
            "id": (attrs or {}).get("id", f"id_{name}"),
        }
        return render_to_string("admin/incidents/severities.html", context)


class DeclareForm(forms.ModelForm):  # type: ignore[type-arg]
    """Something is broken. The same form sent twice declares it once."""

    # What was shown with the form, so that a second press is the first one's.
    token = forms.CharField(widget=forms.HiddenInput, required=False)
    public_text = text("To the public", help_text=MARKDOWN)
    internal_note = text("Among ourselves", help_text=FOR_US)
    components = ComponentsField(label="Components", required=False)
    at_once = forms.BooleanField(label="", required=False, initial=True, widget=UnfoldBooleanWidget())

    class Meta:
        model = Incident
        fields = (
            "title",
            "severity",
            "description",
            "reported_at",
            "point",
            "contact",
            "lead",
            "tickets",
            "rfhs",
        )
        labels = {"title": "What is broken", "reported_at": "When it began"}
        widgets = {"severity": SeverityWidget}

    publishes = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].widget.attrs |= {"autofocus": True}
        self.fields["title"].widget.attrs.pop("maxlength", None)
        self.fields["reported_at"].required = False
        self.fields[
            "reported_at"
        ].help_text = (
            f"As far as you know, in {timezone.get_current_timezone_name()}. Empty: now. MTTA and MTTR count from here."
        )
        self.fields["lead"].help_text = "Empty: whoever is on duty as lead of the Sustained Engineering Team."
        self.initial.setdefault("token", str(uuid.uuid4()))
        components: Any = self.fields["components"]
        components.show()
        box = self.fields["at_once"]
        if self.publishes:
            box.label = "The public reads it at once"
            box.help_text = "If there is a word to the public. Off: it stays among ourselves until it is published."
        else:
            box.label = "Ask a manager or lead to publish it"
            box.help_text = "If there is a word to the public. They see at once that it waits."

    def clean(self) -> dict[str, Any]:
        """What the service would refuse is said beside its field, and nothing that was typed is lost."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        # Part of a door, so it reads the clock.
        now = timezone.now()
        if "title" in said:
            self._refused("title", lambda: line("title", said["title"], "Say in a line what is broken."))
        for name in ("description", "public_text", "internal_note"):
            if name in said:
                self._refused(name, lambda name=name: paragraph(name, said[name]))  # type: ignore[misc]
        if said.get("reported_at"):
            self._refused("reported_at", lambda: past("reported_at", said["reported_at"], now=now))
        return said

    def _refused(self, name: str, check: Callable[[], object]) -> None:
        try:
            check()
        except BadIncident as refusal:
            self.add_error(name, str(refusal))

    def declared(self, request: HttpRequest, now: datetime) -> dict[str, Any]:
        """What the service takes of it."""
        given = self.cleaned_data
        names = ("title", "severity", "description", "public_text", "internal_note", "components")
        people = ("point", "contact", "lead")
        key = f"form:{request.user.pk}:{given['token']}" if given["token"] else ""
        return {
            **{name: given[name] for name in (*names, *people)},
            "tickets": list(given["tickets"]),
            "rfhs": list(given["rfhs"]),
            "reported_at": given["reported_at"] or now,
            "published": None if given["at_once"] else False,
            "source_key": key,
        }


class IncidentForm(MergingForm):
    """What is known of an incident."""

    longest = {"title": LONGEST_TITLE, "description": LONGEST_TEXT}
    publishes = True

    # Closing is a step; only when it was is put right here.
    closed_at = forms.SplitDateTimeField(
        label="When it ended", widget=UnfoldAdminSplitDateTimeWidget, help_text="The time to resolve counts to here."
    )

    class Meta:
        model = Incident
        fields = ("title", "severity", "description", "reported_at", "point", "contact", "lead")
        labels = {"title": "What is broken", "reported_at": "When it began"}
        widgets = {"severity": SeverityWidget, "description": UnfoldAdminExpandableTextareaWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.closed_at is None or not self.publishes:
            del self.fields["closed_at"]
        else:
            self.initial.setdefault("closed_at", self.instance.closed_at)
            for box, part in zip(self.fields["closed_at"].widget.widgets, ("date", "time"), strict=True):  # type: ignore[attr-defined]
                box.attrs["aria-label"] = f"When it ended, {part}"

    def clean(self) -> dict[str, Any]:
        """What the service would refuse is said beside its field."""
        said = super().clean()
        if self.instance.pk and not self.errors:
            try:
                # Part of a door, so it reads the clock.
                differing(self.instance, self.changes, now=timezone.now())
            except BadIncident as refusal:
                for name, sentences in refusal.errors.items():
                    self.add_error(name if name in self.fields else None, " ".join(sentences))
        return said
