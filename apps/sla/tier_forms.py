"""The tiers of a policy's form, each promise's in the order of their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminExpandableTextareaWidget, UnfoldAdminIntegerFieldWidget

from apps.sla.audiences import OF_A_REQUEST, OF_AN_INCIDENT
from apps.sla.fields import DelayField
from apps.sla.messages import USUAL
from apps.sla.models import Policy, Promise, Tier
from apps.sla.specs import TierSpec
from apps.sla.validation import PROMISED, tier_problems

# A tier's fields by their names in a spec.
FIELDS = {"kind": "audience_kind"}
HOW_LONG = "Such as 10 min, 1 h 30 min or 3 days."
Tiers = Mapping[str, tuple[TierSpec, ...]]
# What speaks where a tier has no words of its own, and whose rotations a role is of.
SAYS: dict[str, str] = {
    Policy.AppliesTo.PAGE: "page",
    Policy.AppliesTo.RFH: "request",
    Policy.AppliesTo.INCIDENT: "incident",
}
WHOSE: dict[str, str] = {Policy.AppliesTo.RFH: "its team's", Policy.AppliesTo.INCIDENT: "the SET's"}
# The audiences that one kind of subject alone has.
OF_ONE: dict[str, str] = {
    **dict.fromkeys(OF_A_REQUEST, str(Policy.AppliesTo.RFH)),
    **dict.fromkeys(OF_AN_INCIDENT, str(Policy.AppliesTo.INCIDENT)),
}


class TierForm(forms.ModelForm):  # type: ignore[type-arg]
    """One tier. Of the four that say which one, the page shows what the audience asks for."""

    position = forms.IntegerField(label="Tier", required=False, min_value=0, widget=UnfoldAdminIntegerFieldWidget)
    after = DelayField(label="After", help_text=HOW_LONG)

    class Meta:
        model = Tier
        fields = (
            "position",
            "promise",
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
            "promise": "Promise",
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

    def about(self, applies_to: str) -> None:
        """Asks for what the tiers of such a policy have."""
        promised = PROMISED[applies_to]
        if "promise" in self.fields:
            self.fields["promise"].choices = [(kind, Promise.Kind(kind).label) for kind in promised]  # type: ignore[attr-defined]
            if not self.instance.pk:
                self.initial.setdefault("promise", promised[0])
                if self.initial["promise"] not in promised:
                    self.initial["promise"] = promised[0]
        if "message" in self.fields and applies_to != Policy.AppliesTo.TICKET:
            # The usual words are of a ticket's first response.
            self.fields["message"].widget.attrs["placeholder"] = f"Empty: what the {SAYS[applies_to]} itself says."
        if "rotation" in self.fields and applies_to in WHOSE:
            self.fields["rotation"].empty_label = WHOSE[applies_to]  # type: ignore[attr-defined]
        if "audience_kind" in self.fields:
            kinds = [each for each in Tier.AudienceKind.choices if OF_ONE.get(each[0], applies_to) == applies_to]
            self.fields["audience_kind"].choices = [("", "---------"), *kinds]  # type: ignore[attr-defined]

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
        form.about(self.instance.applies_to)

    def clean(self) -> None:
        super().clean()
        rows = self.rows()
        filled_in = [row for row in rows if not row.errors]
        if not filled_in and rows:
            return
        by_promise = self._by_promise(filled_in)
        promised = getattr(self.instance, "asked_for", None) or list(by_promise)
        for kind in dict.fromkeys([*promised, *by_promise]):
            if kind in promised:
                self._check(kind, by_promise.get(kind, []))
            else:
                for row in by_promise[kind]:
                    row.add_error("promise", "Say above how soon this is promised, or remove the tier.")

    def _check(self, promise: str, rows: list[TierForm]) -> None:
        of = self.instance.applies_to
        found = tier_problems(
            [row.spec() for row in rows], applies_to=of, promise=promise, may_be_empty=not self.instance.enabled
        )
        named = f"{Promise.Kind(promise).label}: " if len(PROMISED[of]) > 1 else ""
        for path, sentences in found.items():
            index, _, field = path.partition(".")
            if field:
                rows[int(index)].add_error(FIELDS.get(field, field), sentences)
            else:
                self._non_form_errors.extend(f"{named}{sentence}" for sentence in sentences)

    def _by_promise(self, rows: Iterable[TierForm]) -> dict[str, list[TierForm]]:
        found: dict[str, list[TierForm]] = {}
        for row in rows:
            first = PROMISED[self.instance.applies_to][0]
            found.setdefault(str(row.cleaned_data.get("promise") or first), []).append(row)
        return found

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

    def specs(self) -> Tiers:
        """What was asked for, promise by promise and in order; once it is clean."""
        return {kind: tuple(row.spec() for row in rows) for kind, rows in self._by_promise(self.rows()).items()}
