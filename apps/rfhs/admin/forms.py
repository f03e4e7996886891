"""What people type about requests for help in the admin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.dashboard.merging_forms import MergingForm, plain, shown_of
from apps.people.models import Agent, Channel, Team
from apps.rfhs import context
from apps.rfhs.admin.dialog import StepForm
from apps.rfhs.errors import BadRFH
from apps.rfhs.models import RFH
from apps.rfhs.services.texts import LONGEST_LINE, LONGEST_TEXT


def _text(label: str, *, help_text: str = "", rows: int = 5, required: bool = True) -> forms.CharField:
    """A text of several lines; its length is the service's to refuse, so that nothing is cut off."""
    widget = UnfoldAdminTextareaWidget(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, widget=widget, required=required, strip=False)


def _line(label: str, *, help_text: str = "", required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=LONGEST_LINE,
        widget=UnfoldAdminTextInputWidget(),
    )


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody who works here."""

    def label_from_instance(self, agent: Agent) -> str:
        return str(agent)


def people() -> Any:
    return Agent.objects.filter(is_active=True).order_by("first_name", "last_name", "email")


class SolvedForm(StepForm):
    """A teammate knew."""

    answer = _text("What solved it", help_text="The next who asks will find it. It counts as not needing engineering.")
    answered_by = _line("Which teammate", required=False, help_text="By name. Empty: you.")


class HandOverForm(StepForm):
    """Another team has it from now on."""

    team = forms.ModelChoiceField(Team.objects.none(), label="To which team", widget=UnfoldAdminSelectWidget())
    note = _text("What they must know", help_text="What is known, what was tried, and what is still open.")
    incident_channel = forms.ModelChoiceField(
        Channel.objects.none(),
        label="Incident channel",
        required=False,
        help_text="If an incident runs: the channel the new owners are invited to.",
        widget=UnfoldAdminSelectWidget(),
    )

    def fit(self, rfh: RFH) -> None:
        self.fields["team"].queryset = Team.objects.exclude(pk=rfh.team_id or 0).order_by("name")  # type: ignore[attr-defined]
        channels = Channel.objects.order_by("name", "slack_id")
        self.fields["incident_channel"].queryset = channels  # type: ignore[attr-defined]
        self.initial.setdefault("incident_channel", channels.filter(slack_id=rfh.incident_channel).first())


class AnswerForm(StepForm):
    """The team's answer."""

    answer = _text("The answer", rows=8, help_text="Support tells the customer in its own words; quotes start with >.")


class ResolveForm(StepForm):
    """How it ended."""

    solved_by = forms.ChoiceField(
        label="Solved by",
        choices=RFH.SolvedBy.choices,
        initial=RFH.SolvedBy.ENGINEERING,
        widget=UnfoldAdminRadioSelectWidget,
    )
    answer = _text("The answer", required=False)
    learned = _text(
        "What we learned",
        help_text="Everybody finds it under Answers, and it is posted as a comment on the issue when there is one.",
    )

    def fit(self, rfh: RFH) -> None:
        self.initial.setdefault("answer", rfh.answer)
        self.initial.setdefault("learned", rfh.learned)


class RerouteForm(StepForm):
    """Who plans it."""

    PRODUCT, OTHER = "product", "other"
    to = forms.ChoiceField(label="Who plans it", widget=UnfoldAdminSelectWidget())
    note = _text("What they should know", required=False, rows=3)

    def fit(self, rfh: RFH) -> None:
        names = Team.objects.order_by("name").values_list("name", flat=True)
        self.fields["to"].choices = [(self.PRODUCT, "Product"), *((name, name) for name in names)]  # type: ignore[attr-defined]


class WithdrawForm(StepForm):
    """Why it is not needed any more."""

    because = _line("Why", help_text="Such as: the customer found it themselves.")

    def fit(self, rfh: RFH) -> None:
        # Nobody but its writer has read a draft.
        self.fields["because"].required = rfh.filed_at is not None


class BecauseForm(StepForm):
    """A reason, in a line."""

    because = _line("Why")


class AssignForm(StepForm):
    """Who works on it."""

    owner = PersonField(Agent.objects.none(), label="Who works on it", widget=UnfoldAdminSelectWidget())
    because = _line("Why", required=False, help_text="They read it.")

    def fit(self, rfh: RFH) -> None:
        team = rfh.team
        members = list(team.members.filter(is_active=True)) if team else []
        field = self.fields["owner"]
        field.queryset = people()  # type: ignore[attr-defined]
        field.choices = _grouped(str(team) if team else "", members, people())  # type: ignore[attr-defined]
        self.initial.setdefault("owner", rfh.owner_id)


class AccountableForm(StepForm):
    """Who answers to the customer."""

    accountable = PersonField(
        Agent.objects.none(), label="Who answers to the customer", widget=UnfoldAdminSelectWidget()
    )
    because = _line("Why", required=False, help_text="Both hear of it.")

    def fit(self, rfh: RFH) -> None:
        self.fields["accountable"].queryset = people()  # type: ignore[attr-defined]
        self.initial.setdefault("accountable", rfh.accountable_id)


class UpdateForm(StepForm):
    """How it stands."""

    text = _text("How it stands", help_text="Everybody who follows the request hears it.")


class NudgeForm(StepForm):
    """Asks how it stands."""

    text = _line("What to ask", required=False, help_text="Empty: how does it stand? Nothing has moved since …")


class PriorityForm(StepForm):
    """How urgent, and why."""

    priority = forms.ChoiceField(label="Priority", choices=RFH.Priority.choices, widget=UnfoldAdminRadioSelectWidget)
    priority_because = _line("Why", help_text="The team reads it.")

    def fit(self, rfh: RFH) -> None:
        self.initial |= {"priority": rfh.priority}


class EstimateForm(StepForm):
    """By when the team expects to know more."""

    estimate = _line("What you expect", help_text="In your words. It is shown as no promise, and never told as one.")

    def fit(self, rfh: RFH) -> None:
        self.initial.setdefault("estimate", rfh.estimate)


class JoinForm(StepForm):
    """Which engineer works with the customer."""

    answer = forms.ChoiceField(
        label="Work with the customer directly?",
        choices=[("yes", "Yes, add me"), ("no", "No, support goes on telling them")],
        initial="yes",
        widget=UnfoldAdminRadioSelectWidget,
    )
    engineer = PersonField(
        Agent.objects.none(),
        label="Who",
        required=False,
        empty_label="Whoever works on it",
        widget=UnfoldAdminSelectWidget(),
    )

    def fit(self, rfh: RFH) -> None:
        field = self.fields["engineer"]
        members = list(rfh.team.members.filter(is_active=True)) if rfh.team else []
        keys = {agent.pk for agent in members} | {rfh.owner_id, self.request.user.pk}
        field.queryset = people().filter(pk__in=keys - {None})  # type: ignore[attr-defined]


class DetailsForm(StepForm):
    """What is known of the customer's case; only what this person changed is written."""

    def fit(self, rfh: RFH) -> None:
        missing = {detail.name for detail in rfh.missing}
        for detail in sorted(rfh.details, key=lambda detail: detail.name not in missing):
            field = _text(detail.label, help_text=detail.reason, rows=3, required=False)
            # What was shown travels along.
            field.show_hidden_initial = True
            self.fields[detail.name] = field
            self.initial.setdefault(detail.name, rfh.context.get(detail.name, ""))

    @property
    def given(self) -> dict[str, str]:
        """The details that were changed. Raises BadRFH for what somebody else wrote meanwhile."""
        names = [detail.name for detail in self.rfh.details if detail.name in self.changed_data]
        data = self.data.copy()
        overtaken = ""
        for name in names:
            known = plain(self.rfh.context.get(name, ""))
            if known not in {plain(shown_of(self, name)), plain(self.cleaned_data[name])}:
                data[self.add_initial_prefix(name)] = known
                overtaken = overtaken or name
        self.data = data
        if overtaken:
            raise BadRFH(
                overtaken, f"Meanwhile somebody wrote: “{self.rfh.context[overtaken]}”. Press again for yours."
            )
        return {name: self.cleaned_data[name] for name in names}


class RFHForm(MergingForm):
    """What a request says."""

    longest = {"summary": 200, "timeline": LONGEST_LINE, "description": LONGEST_TEXT}

    symptoms = forms.MultipleChoiceField(
        choices=context.SYMPTOM_NAMES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What is to be known follows from them.",
    )

    class Meta:
        model = RFH
        fields = (
            "summary",
            "description",
            "kind",
            "timeline",
            "ticket",
            "customer",
            "level",
            "bug_class",
            "symptoms",
            "production",
        )

    def clean_description(self) -> str:
        text = str(self.cleaned_data["description"])
        if len(text) > LONGEST_TEXT:
            raise forms.ValidationError(f"At most {LONGEST_TEXT:,} characters; these are {len(text):,}.")
        return text

    def clean(self) -> dict[str, Any]:
        """A feature is never urgent."""
        said = super().clean()
        if said.get("kind") == RFH.Kind.FEATURE and self.instance.priority == RFH.Priority.P1:
            self.add_error("kind", "A feature request is always p2: change the priority first.")
        return said


def _grouped(team: str, members: Iterable[Agent], everybody: Iterable[Agent]) -> list[tuple[str, Any]]:
    """The team's people first, then all others."""
    own = [(agent.pk, str(agent)) for agent in members]
    known = {key for key, _ in own}
    others = [(agent.pk, str(agent)) for agent in everybody if agent.pk not in known]
    groups = [(team, own), ("Others", others)] if own else [("", others)]
    return [("", "---------"), *(groups if own else others)]
