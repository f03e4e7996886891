"""The policy's form: a spec to be written by services, refused beside the right field."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
)

from apps.people.models import Team
from apps.sla.fields import DurationField
from apps.sla.messages import PLACEHOLDERS
from apps.sla.models import (
    LEVELS,
    MOST_REPEATS,
    OF_INCIDENTS,
    PRIORITIES,
    SEVERITIES,
    TICKET_TYPES,
    Policy,
    Promise,
)
from apps.sla.services import problems
from apps.sla.specs import PolicySpec, PromiseSpec
from apps.sla.tier_forms import HOW_LONG, Tiers
from apps.sla.validation import PROMISED

# What requests and incidents are promised, of which each is a field of the form.
FIELDS = {
    Promise.Kind.ACKNOWLEDGEMENT: "acknowledged_within",
    Promise.Kind.FIRST_ANSWER: "answered_within",
    Promise.Kind.UPDATE: "updated_every",
}
SEVERAL = (Policy.AppliesTo.RFH, Policy.AppliesTo.INCIDENT)


def fields_of(applies_to: str) -> dict[Promise.Kind, str]:
    """What such a subject is promised, each with its field; none where one promise is asked for with `within`."""
    return {kind: name for kind, name in FIELDS.items() if applies_to in SEVERAL and kind in PROMISED[applies_to]}


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A policy without its tiers, which the inline holds. `held` shows what was typed again and saves nothing."""

    within = DurationField(label="First response within", help_text=HOW_LONG)
    acknowledged_within = DurationField(
        required=False, help_text=f"From when the team is asked, or gets it from another team. {HOW_LONG}"
    )
    answered_within = DurationField(
        label="First answer within",
        required=False,
        help_text="From when a team was first asked: handed on, the customer has waited all the same.",
    )
    updated_every = DurationField(
        label="An update every",
        required=False,
        help_text="From the last one, until it is answered. Level L1 and L2 owe one a day at the latest.",
    )
    priorities = forms.MultipleChoiceField(
        choices=PRIORITIES,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="None chosen: any priority.",
    )
    levels = forms.MultipleChoiceField(
        choices=LEVELS,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="None chosen: any level.",
    )
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
    # What a new one is to be about.
    about = str(Policy.AppliesTo.TICKET)

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
        if not self.instance.pk:
            self.instance.applies_to = self.about
        self._ask_for_what_it_promises()
        if "within" in self.fields and self.instance.pk:
            promise = self.instance.promises.first()
            self.initial["within"] = promise and promise.within
            self.initial["repeat"] = promise.repeat if promise else 0
        if "within" in self.fields and self.of_pages:
            self.fields["within"].label = "Acknowledged within"
            self.fields["severities"].label = "Urgency"
            self.fields["severities"].choices = [("high", "High"), ("low", "Low")]  # type: ignore[attr-defined]
            self.fields["severities"].help_text = "None chosen: any urgency."
        if "position" in self.fields and not self.instance.pk:
            self.initial["position"] = None

    def is_valid(self) -> bool:
        return super().is_valid() and not self.held

    def _ask_for_what_it_promises(self) -> None:
        several = fields_of(self.instance.applies_to)
        unasked = {*FIELDS.values()} - {*several.values()} | ({"within", "repeat"} if several else set())
        unasked |= {"severities"} if self.of_requests else {"priorities"}
        unasked |= {"teams"} if self.of_incidents else {"levels"}
        for name in unasked:
            self.fields.pop(name, None)
        if several and self.instance.pk:
            for promise in self.instance.promises.all():
                self.initial[several[Promise.Kind(promise.kind)]] = promise.within
        if self.of_requests and "teams" in self.fields:
            self.fields["teams"].help_text = "None chosen: every team's requests."
        if self.of_incidents and "severities" in self.fields:
            self.fields["severities"].choices = OF_INCIDENTS  # type: ignore[attr-defined]
        if self.of_incidents and "acknowledged_within" in self.fields:
            self.fields["acknowledged_within"].help_text = f"From when it is declared. {HOW_LONG}"
            self.fields[
                "updated_every"
            ].help_text = "From the last one, until it is over. Level L1 and L2 owe one a day at the latest."

    def clean(self) -> dict[str, Any]:
        super().clean()
        # The inline says of each whether somebody hears.
        self.instance.asked_for = [kind for kind, _ in self._promised()]
        if not self.errors:
            for path, sentences in problems(self.spec({}), self.stored).items():
                # The inline says what is wrong with the tiers.
                if ".tiers" not in path:
                    self.add_error(self._field_at(path), sentences)
        return self.cleaned_data

    def _field_at(self, path: str) -> str:
        if path in self.fields:
            return path
        several = fields_of(self.instance.applies_to)
        if not several:
            return "within"
        names = [several[Promise.Kind(kind)] for kind, _ in self._promised()] or [*several.values()]
        index = path.removeprefix("promises.").partition(".")[0]
        return names[int(index)] if index.isdecimal() else names[0]

    def _promised(self) -> list[tuple[str, timedelta]]:
        """What is promised, and how soon; once the fields are clean."""
        said = self.cleaned_data
        if several := fields_of(self.instance.applies_to):
            return [(str(kind), said[name]) for kind, name in several.items() if said.get(name)]
        [kind] = PROMISED[self.instance.applies_to]
        return [(kind, said["within"])] if said.get("within") else []

    @property
    def stored(self) -> Policy | None:
        """The policy that is edited; None when it is a new one."""
        return self.instance if self.instance.pk else None

    def spec(self, tiers: Tiers) -> PolicySpec:
        """What was asked for, with the tiers of each promise; once it is clean."""
        said = self.cleaned_data
        return PolicySpec(
            name=said["name"],
            applies_to=self.instance.applies_to,
            # Not moved by this person: it stays where it is, also when somebody else moved it meanwhile.
            position=said["position"] if "position" in self.changed_data else None,
            enabled=said["enabled"],
            plans=tuple(plan.slug for plan in said.get("plans", ())),
            without_plan=said.get("without_plan", False),
            severities=tuple(said.get("severities", ())),
            priorities=tuple(said.get("priorities", ())),
            levels=tuple(said.get("levels", ())),
            channels=tuple(channel.slack_id for channel in said.get("channels", ())),
            excluded_types=tuple(said.get("excluded_types", ("feedback",))),
            teams=tuple(team.slug for team in said.get("teams") or ()),
            promises=tuple(
                PromiseSpec(kind=kind, within=within, tiers=tiers.get(kind, ()), repeat=said.get("repeat") or 0)
                for kind, within in self._promised()
            ),
        )

    @property
    def of_pages(self) -> bool:
        """Whether it is about pages; that is decided once, when it is added."""
        return bool(self.instance.applies_to == Policy.AppliesTo.PAGE)

    @property
    def of_requests(self) -> bool:
        """Whether it is about requests for help."""
        return bool(self.instance.applies_to == Policy.AppliesTo.RFH)

    @property
    def of_incidents(self) -> bool:
        """Whether it is about incidents."""
        return bool(self.instance.applies_to == Policy.AppliesTo.INCIDENT)

    def _post_clean(self) -> None:
        # An empty position is "where it is"; the instance keeps its own.
        position = self.instance.position
        super()._post_clean()  # type: ignore[misc]
        if self.cleaned_data.get("position") is None:
            self.instance.position = position


def placeholders() -> list[tuple[str, str]]:
    """What a message may hold, as it is typed, with what it becomes."""
    return [("{" + name + "}", meaning) for name, meaning in PLACEHOLDERS.items()]
