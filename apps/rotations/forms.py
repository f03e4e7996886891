"""The forms of rotations: specs to be written by services, refused beside the right field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Model
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.people.models import Agent
from apps.rotations.models import DAYS, Layer, Override, Role, Rotation
from apps.rotations.specs import LayerSpec, RoleSpec, RotationSpec
from apps.rotations.validation.definitions import layer_problems
from apps.trail.zones import known_zones

# A layer's fields by their names in a spec.
FIELDS = {"start_local": "start_date"}
ONE_TURN_A_LINE = "One turn a line, by email or full name; separated by commas several people share a turn."


class Unchecked(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose model's own checks are left to the services, which say the same beside the field at fault."""

    def _get_validation_exclusions(self) -> set[str]:
        model: type[Model] = self._meta.model
        return {field.name for field in model._meta.get_fields()}


class RotationForm(Unchecked):
    """A rotation without its roles and layers, which the inlines hold. `held` shows it again and saves nothing."""

    time_zone = forms.ChoiceField(
        choices=lambda: [(name, name) for name in sorted(known_zones())],
        widget=UnfoldAdminSelect2Widget,
        help_text="Handoffs follow its clock.",
        error_messages={"invalid_choice": "“%(value)s” is no time zone. Use a name such as Europe/London."},
    )

    held = False

    class Meta:
        model = Rotation
        fields = ("name", "slug", "team", "time_zone", "channel")

    def is_valid(self) -> bool:
        return super().is_valid() and not self.held

    @property
    def stored(self) -> Rotation | None:
        """The rotation that is edited; None when it is a new one."""
        return self.instance if self.instance.pk else None

    def spec(self, roles: Sequence[RoleSpec], layers: Sequence[LayerSpec]) -> RotationSpec:
        """What was asked for; once it is clean."""
        said = self.cleaned_data
        return RotationSpec(
            team=said["team"].slug,
            slug=said.get("slug") or self.instance.slug,
            name=said["name"],
            time_zone=said["time_zone"],
            channel=said["channel"].slack_id if said["channel"] else "",
            roles=tuple(roles),
            layers=tuple(layers),
        )


class RoleForm(Unchecked):
    """A role; those with the lower numbers are asked first."""

    class Meta:
        model = Role
        fields = ("name", "position", "user_group")

    def has_changed(self) -> bool:
        # A row that only has its number is none.
        return bool(set(self.changed_data) - {"position"}) if not self.instance.pk else super().has_changed()

    def spec(self) -> RoleSpec:
        said = self.cleaned_data
        return RoleSpec(said["name"], said["user_group"], self.instance.pk)


class LayerForm(Unchecked):
    """One rule that fills a role. Who takes the turns of one that is stored is changed on a page of its own."""

    role_name = forms.CharField(
        label="Role", max_length=50, widget=UnfoldAdminTextInputWidget, help_text="One of the roles above."
    )
    name = forms.CharField(
        max_length=100, required=False, widget=UnfoldAdminTextInputWidget, help_text="Empty: its role and number."
    )
    active_days = forms.MultipleChoiceField(
        choices=DAYS, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget, help_text="None: every day."
    )
    people = forms.CharField(
        label="Who takes the turns", required=False, widget=UnfoldAdminTextareaWidget({"rows": 4}),
        help_text=ONE_TURN_A_LINE,
    )  # fmt: skip

    class Meta:
        model = Layer
        fields = (
            "role_name", "name", "kind", "priority", "people", "unit", "length", "start_date", "start_time",
            "index_offset", "advance", "turn_active_minutes", "active_days", "active_from", "active_to", "valid_from",
            "valid_until", "shift_kind", "calendar",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["role_name"] = self.instance.role.name
            self.fields.pop("people", None)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not self.errors:
            for path, sentences in layer_problems(self.spec()).items():
                field = FIELDS.get(path, path)
                self.add_error(field if field in self.fields else None, sentences)
        return said

    def clean_people(self) -> tuple[tuple[str, ...], ...]:
        return people_in(self.cleaned_data["people"])

    def spec(self) -> LayerSpec:
        """What was asked for; once it is clean."""
        said = self.cleaned_data
        day, hour = said.get("start_date"), said.get("start_time")
        return LayerSpec(
            role=said["role_name"],
            name=said["name"],
            priority=said["priority"],
            kind=said["kind"],
            unit=said["unit"],
            length=said["length"],
            start_local=datetime.combine(day, hour) if day and hour else None,
            index_offset=said["index_offset"],
            advance=said["advance"],
            turn_active_minutes=said["turn_active_minutes"],
            active_days=tuple(said["active_days"]),
            active_from=said["active_from"],
            active_to=said["active_to"],
            valid_from=said["valid_from"],
            valid_until=said["valid_until"],
            shift_kind=said["shift_kind"],
            calendar=said["calendar"].name if said["calendar"] else "",
            participants=said.get("people") if "people" in self.fields else None,
            key=self.instance.pk,
        )


class RosterForm(forms.Form):
    """Who takes a layer's turns, and from when."""

    people = forms.CharField(
        label="Who takes the turns",
        required=False,
        widget=forms.Textarea({"rows": 10, "class": "portal-input"}),
        help_text=ONE_TURN_A_LINE,
    )
    effective_at = forms.DateTimeField(
        label="From when",
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local", "class": "portal-input"}, "%Y-%m-%dT%H:%M"),
    )

    def clean_people(self) -> tuple[tuple[str, ...], ...]:
        return people_in(self.cleaned_data["people"])


class OverrideForm(Unchecked):
    """A one-off replacement."""

    class Meta:
        model = Override
        fields = ("rotation", "role", "remove", "add", "starts_at", "ends_at", "reason")

    held = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "starts_at" in self.fields:
            self.fields["starts_at"].required = False
            self.fields["starts_at"].help_text = "Empty: now."
        if "role" in self.fields:
            # "primary" is the name of many rotations' roles.
            self.fields["role"].label_from_instance = lambda role: f"{role.rotation}: {role}"  # type: ignore[attr-defined]

    def is_valid(self) -> bool:
        return super().is_valid() and not self.held


def people_in(text: str) -> tuple[tuple[str, ...], ...]:
    """The emails, by turn, of whom the lines name. Raises ValidationError for a name of nobody or of several."""
    lines = [[name.strip() for name in line.split(",") if name.strip()] for line in text.splitlines()]
    turns = [line for line in lines if line]
    known = _known(turns)
    wrong = []
    for name in dict.fromkeys(name for turn in turns for name in turn):
        meant = known.get(name.lower(), [])
        if not meant:
            wrong.append(f"There is no agent “{name}”.")
        elif len(meant) > 1:
            wrong.append(f"“{name}” is the name of several: {', '.join(meant)}. Write the email.")
    if wrong:
        raise forms.ValidationError(wrong)
    return tuple(tuple(known[name.lower()][0] for name in turn) for turn in turns)


def written(turns: Iterable[Sequence[str]]) -> str:
    """The turns as they are typed."""
    return "\n".join(", ".join(turn) for turn in turns)


def _known(turns: Iterable[Sequence[str]]) -> dict[str, list[str]]:
    asked = {name.lower() for turn in turns for name in turn}
    found: dict[str, list[str]] = {}
    for agent in Agent.objects.all() if asked else ():
        for name in {agent.email, str(agent).lower()} & asked:
            found.setdefault(name, []).append(agent.email)
    return found
