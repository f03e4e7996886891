"""What people type about planned work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.dashboard.moments import rough
from apps.incidents.choosing import only_choose
from apps.incidents.errors import BadIncident, IncidentError
from apps.incidents.models import Component, Maintenance
from apps.incidents.services import maintenance as services
from apps.incidents.services.texts import LONGEST_LINE
from apps.people.acting import Acting

LONGEST_KEY = 18
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REMINDERS = [timedelta(0), HOUR, 4 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY]


def seconds(said: str) -> timedelta:
    """A choice of the reminder."""
    return timedelta(seconds=int(said))


def _named(component: Component) -> str:
    return str(component) if component.public else f"{component} (hidden)"


class MaintenanceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A plan; refused beside the field by the very service that would keep it."""

    remind_before = forms.TypedChoiceField(
        label="Remind subscribers before",
        coerce=seconds,
        initial=str(int(DAY.total_seconds())),
        help_text="They hear when it is planned, and once more before it begins.",
        widget=UnfoldAdminSelectWidget(),
    )

    class Meta:
        model = Maintenance
        fields = (
            "title", "starts_at", "ends_at", "components", "public", "public_text", "internal_note", "remind_before",
        )  # fmt: skip
        widgets = {
            "public_text": UnfoldAdminTextareaWidget(attrs={"rows": 4}),
            "internal_note": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            "components": UnfoldAdminCheckboxSelectMultipleWidget(),
        }

    # Who fills it in; the page sets it.
    by: Acting

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "components" in self.fields:
            known = self.instance.components.values_list("pk", flat=True) if self.instance.pk else []
            usable = Component.objects.filter(archived_at=None) | Component.objects.filter(pk__in=known)
            self.fields["components"].queryset = usable.select_related("group")  # type: ignore[attr-defined]
            only_choose(self.fields["components"])
            self.fields["components"].label_from_instance = _named  # type: ignore[attr-defined]
            self.fields[
                "components"
            ].help_text = "They are shown as under maintenance while it runs. Of hidden ones the public hears nothing."
        if "remind_before" in self.fields:
            now_so = self.instance.remind_before
            choices = sorted({*REMINDERS, now_so})
            self.fields["remind_before"].choices = [  # type: ignore[attr-defined]
                (str(int(each.total_seconds())), f"{rough(each)} before" if each else "Not once more")
                for each in choices
            ]
            self.initial["remind_before"] = str(int(now_so.total_seconds()))

    def said(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        given = {name: value for name, value in self.cleaned_data.items() if name in services.CHANGEABLE}
        if "components" in given:
            given["components"] = [each.slug for each in given["components"]]
        return given

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            self.cleaned_data = cleaned
            try:
                with transaction.atomic():
                    self._try()
                    transaction.set_rollback(True)
            except BadIncident as refused:
                for field, sentences in refused.errors.items():
                    self.add_error(field if field in self.fields else None, sentences)
            except IncidentError as refused:
                self.add_error(None, str(refused))
        return cleaned

    def _try(self) -> None:
        # Part of a door, so it reads the clock.
        now = timezone.now()
        if self.instance.pk:
            services.change(Maintenance.objects.get(pk=self.instance.pk), self.said(), by=self.by, now=now)
        else:
            services.plan(**self.said(), by=self.by, now=now)


class StepForm(BaseDialogForm):  # type: ignore[misc]
    """A step of it, tried before it is done: what is refused is said beside what was typed."""

    cleaned_data: dict[str, Any]

    def take(self, row: Maintenance, *, by: Acting, now: datetime) -> None:
        """The step, by the service."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        row = _row(self.object_id)
        if not self.errors and row is not None:
            self.cleaned_data = cleaned
            try:
                with transaction.atomic():
                    self.take(row, by=Acting(self.request.user), now=timezone.now())
                    transaction.set_rollback(True)
            except IncidentError as refused:
                for field, sentences in getattr(refused, "errors", {"": [str(refused)]}).items():
                    self.add_error(field if field in self.fields else None, sentences)
        return cleaned


class WordForm(StepForm):
    """A word on how it stands."""

    public_text = forms.CharField(
        label="Public text",
        required=False,
        help_text="Markdown; everybody reads it. Empty: the page says in a line how it stands.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    internal_note = forms.CharField(
        label="Internal note", required=False, help_text="For us alone.", widget=UnfoldAdminTextareaWidget({"rows": 2})
    )

    @property
    def words(self) -> dict[str, Any]:
        """What was typed, as the services take it."""
        return {name: self.cleaned_data[name] for name in ("public_text", "internal_note")}


class BeginForm(WordForm):
    """It begins."""

    def take(self, row: Maintenance, *, by: Acting, now: datetime) -> None:
        services.begin(row, by=by, now=now, **self.words)


class EndForm(WordForm):
    """It ends."""

    def take(self, row: Maintenance, *, by: Acting, now: datetime) -> None:
        services.end(row, by=by, now=now, **self.words)


class UpdateForm(WordForm):
    """A word, and perhaps another state."""

    status = forms.ChoiceField(label="Status", widget=UnfoldAdminSelectWidget())
    field_order = ("status", "public_text", "internal_note")

    def __init__(self, request: Any, object_id: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, object_id, *args, **kwargs)
        row = _row(object_id)
        running = row is not None and row.status in services.RUNNING
        possible = services.RUNNING if running else (Maintenance.Status.SCHEDULED,)
        self.fields["status"].choices = [(str(each), each.label) for each in possible]  # type: ignore[attr-defined]
        self.fields["public_text"].help_text = "Markdown; everybody reads it."
        if row is not None:
            self.initial.setdefault("status", row.status)

    def take(self, row: Maintenance, *, by: Acting, now: datetime) -> None:
        services.post_update(row, status=self.cleaned_data["status"], by=by, now=now, **self.words)


class CancelForm(StepForm):
    """Why it does not take place."""

    because = forms.CharField(
        label="Why",
        max_length=LONGEST_LINE,
        help_text="For us alone. Subscribers hear that it is cancelled.",
        widget=UnfoldAdminTextInputWidget(),
    )

    def take(self, row: Maintenance, *, by: Acting, now: datetime) -> None:
        services.cancel(row, because=self.cleaned_data["because"], by=by, now=now)


def _row(object_id: Any) -> Maintenance | None:
    said = str(object_id)
    return Maintenance.objects.filter(pk=said).first() if said.isdecimal() and len(said) <= LONGEST_KEY else None
