"""The policy's form: a spec to be written by services, refused beside the right field."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminIntegerFieldWidget,
)

from apps.people.models import Channel, Plan, Team
from apps.sla.fields import DelayField, DurationField
from apps.sla.messages import PLACEHOLDERS, USUAL
from apps.sla.models import MOST_REPEATS, SEVERITIES, TICKET_TYPES, Policy, Promise, Tier
from apps.sla.services import problems
from apps.sla.specs import PolicySpec, PromiseSpec, TierSpec
from apps.sla.validation import tier_problems
from apps.trail.instants import slip_in

# A tier's fields by their names in a spec.
FIELDS = {"kind": "audience_kind"}
HOW_LONG = "Such as 10 min, 1 h 30 min or 3 days."


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A policy without its tiers, which the inline holds. `held` shows what was typed again and saves nothing."""

    within = DurationField(label="First response within", help_text=HOW_LONG)
    repeat = forms.IntegerField(
        label="Climb again",
        required=False,
        min_value=0,
        max_value=MOST_REPEATS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=f"How often a page that nobody acknowledged climbs its tiers again, at most {MOST_REPEATS}.",
    )
    teams = forms.ModelMultipleChoiceField(
        Team.objects.all(),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="None chosen: every team's pages.",
    )
    severities = forms.MultipleChoiceField(
        choices=SEVERITIES,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="None chosen: any severity.",
    )
    excluded_types = forms.MultipleChoiceField(
        label="No promise for the types",
        choices=TICKET_TYPES,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="A ticket of such a type that this policy matches gets no promise, and no other policy is asked.",
    )
    position = forms.IntegerField(
        required=False,
        min_value=1,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="1 is asked first, and the first policy that matches governs. The policy goes where you say, and "
        "the others make way. Empty: a new policy goes before the fallback.",
    )

    held = False
    # Whether a new one is to be about pages.
    for_pages = False

    class Meta:
        model = Policy
        fields = (
            "name",
            "enabled",
            "position",
            "plans",
            "without_plan",
            "severities",
            "channels",
            "excluded_types",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "within" in self.fields and self.instance.pk:
            promise = self.instance.promises.first()
            self.initial["within"] = promise and promise.within
            self.initial["repeat"] = promise.repeat if promise else 0
        if not self.instance.pk and self.for_pages:
            self.instance.applies_to = Policy.AppliesTo.PAGE
        if "within" in self.fields and self.of_pages:
            self.fields["within"].label = "Acknowledged within"
            self.fields["severities"].label = "Urgency"
            self.fields["severities"].choices = [("high", "High"), ("low", "Low")]  # type: ignore[attr-defined]
            self.fields["severities"].help_text = "None chosen: any urgency."
        if "position" in self.fields and not self.instance.pk:
            self.initial["position"] = None

    def is_valid(self) -> bool:
        return super().is_valid() and not self.held

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors:
            for path, sentences in problems(self.spec(()), self.stored).items():
                # The inline says what is wrong with the tiers.
                if ".tiers" not in path:
                    self.add_error(path if path in self.fields else "within", sentences)
        return self.cleaned_data

    @property
    def stored(self) -> Policy | None:
        """The policy that is edited; None when it is a new one."""
        return self.instance if self.instance.pk else None

    def spec(self, tiers: tuple[TierSpec, ...]) -> PolicySpec:
        """What was asked for; once it is clean."""
        said = self.cleaned_data
        return PolicySpec(
            name=said["name"],
            applies_to=self.instance.applies_to,
            # Not moved by this person: it stays where it is, also when somebody else moved it meanwhile.
            position=said["position"] if "position" in self.changed_data else None,
            enabled=said["enabled"],
            plans=tuple(plan.slug for plan in said.get("plans", ())),
            without_plan=said.get("without_plan", False),
            severities=tuple(said["severities"]),
            channels=tuple(channel.slack_id for channel in said.get("channels", ())),
            excluded_types=tuple(said.get("excluded_types", ("feedback",))),
            teams=tuple(team.slug for team in said.get("teams") or ()),
            promises=(
                PromiseSpec(
                    kind=Promise.Kind.ACKNOWLEDGEMENT if self.of_pages else Promise.Kind.FIRST_RESPONSE,
                    within=said["within"],
                    tiers=tiers,
                    repeat=said.get("repeat") or 0,
                ),
            ),
        )

    @property
    def of_pages(self) -> bool:
        """Whether it is about pages; that is decided once, when it is added."""
        return bool(self.instance.applies_to == Policy.AppliesTo.PAGE)

    def _post_clean(self) -> None:
        # An empty position is "where it is"; the instance keeps its own.
        position = self.instance.position
        super()._post_clean()  # type: ignore[misc]
        if self.cleaned_data.get("position") is None:
            self.instance.position = position


class TierForm(forms.ModelForm):  # type: ignore[type-arg]
    """One tier. Of the four that say which one, the page shows what the audience asks for."""

    position = forms.IntegerField(label="Tier", required=False, min_value=0, widget=UnfoldAdminIntegerFieldWidget)
    after = DelayField(label="After", help_text=HOW_LONG)

    class Meta:
        model = Tier
        fields = (
            "position",
            "after",
            "audience_kind",
            "user_group",
            "group",
            "agents",
            "channel",
            "role",
            "rotation",
            "message",
        )
        widgets = {"message": UnfoldAdminExpandableTextareaWidget}
        labels = {
            "audience_kind": "Whom",
            "user_group": "Which",
            "group": "Which",
            "agents": "Which",
            "channel": "Which",
            "role": "Which",
            "rotation": "Of",
        }
        help_texts = {
            "user_group": "A Slack user group by its id or @handle, a named group, agents or a channel.",
            "message": "Empty: the usual words.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "message" in self.fields:
            self.fields["message"].widget.attrs.update({"rows": 1, "placeholder": USUAL})
        if "user_group" in self.fields:
            self.fields["user_group"].widget.attrs["placeholder"] = "@group-support"
        if "role" in self.fields:
            self.fields["role"].widget.attrs["placeholder"] = "primary"
        if "rotation" in self.fields:
            self.fields["rotation"].empty_label = "the paged team's"  # type: ignore[attr-defined]

    def has_changed(self) -> bool:
        # Dragging numbers every row, the empty ones too.
        return bool(set(self.changed_data) - {"position"}) if not self.instance.pk else super().has_changed()

    def _get_validation_exclusions(self) -> set[str]:
        # Without these the constraints are left out: the inline says the same beside the field at fault.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | {"position", "audience_kind"}

    def spec(self) -> TierSpec:
        """What was asked for; once it is clean."""
        said = self.cleaned_data
        return TierSpec(
            after=said["after"],
            kind=said["audience_kind"],
            user_group=said["user_group"],
            group=said["group"].slug if said["group"] else "",
            agents=tuple(agent.email for agent in said["agents"]),
            channel=said["channel"].slack_id if said["channel"] else "",
            role=said["role"],
            rotation=said["rotation"].slug if said["rotation"] else "",
            message=said["message"],
        )


class TierFormSet(PaginationInlineFormSet):  # type: ignore[misc]
    """The tiers of a policy, in the order of their numbers."""

    def add_fields(self, form: TierForm, index: int | None) -> None:
        super().add_fields(form, index)
        if self.instance.applies_to == Policy.AppliesTo.PAGE and "message" in form.fields:
            # The usual words are of a ticket's first response.
            form.fields["message"].widget.attrs["placeholder"] = "Empty: what the page itself says."

    def clean(self) -> None:
        super().clean()
        rows = self.rows()
        filled_in = [row for row in rows if not row.errors]
        if not filled_in and rows:
            return
        specs = [row.spec() for row in filled_in]
        of_a_page = self.instance.applies_to == Policy.AppliesTo.PAGE
        found = tier_problems(specs, may_be_empty=not self.instance.enabled, of_a_page=of_a_page)
        for path, sentences in found.items():
            index, _, field = path.partition(".")
            if field:
                filled_in[int(index)].add_error(FIELDS.get(field, field), sentences)
            else:
                self._non_form_errors.extend(sentences)

    def rows(self) -> list[TierForm]:
        """The rows that stay, in order; a row without a number comes last."""
        kept = [
            form
            for form in self.forms
            if (form.has_changed() or form.instance.pk) and not (self.can_delete and self._should_delete_form(form))
        ]

        def number(form: TierForm) -> tuple[bool, int]:
            position = getattr(form, "cleaned_data", {}).get("position")
            return position is None, position or 0

        return sorted(kept, key=number)

    def specs(self) -> tuple[TierSpec, ...]:
        """What was asked for, in order; once it is clean."""
        return tuple(row.spec() for row in self.rows())


class TrialForm(forms.Form):
    """A ticket that might come."""

    plan = forms.ModelChoiceField(Plan.objects.all(), to_field_name="slug", required=False, empty_label="Not known")
    severity = forms.ChoiceField(choices=SEVERITIES)
    type = forms.ChoiceField(choices=TICKET_TYPES)
    channel = forms.ModelChoiceField(
        Channel.objects.all(), to_field_name="slack_id", required=False, empty_label="None"
    )
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


def placeholders() -> list[tuple[str, str]]:
    """What a message may hold, as it is typed, with what it becomes."""
    return [("{" + name + "}", meaning) for name, meaning in PLACEHOLDERS.items()]
