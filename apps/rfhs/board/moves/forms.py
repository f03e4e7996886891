"""What a step asks for before it is done. Part of a door."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.people.models import Channel, Team
from apps.rfhs.board.doors import INPUT
from apps.rfhs.models import RFH
from apps.rfhs.services.texts import LONGEST_LINE, LONGEST_TEXT
from apps.rfhs.states import Step


def _line(label: str, *, help_text: str = "", required: bool = True, longest: int = LONGEST_LINE) -> forms.CharField:
    widget = forms.TextInput({**INPUT, "autocomplete": "off"})
    return forms.CharField(label=label, max_length=longest, required=required, help_text=help_text, widget=widget)


def _text(label: str, *, help_text: str = "", required: bool = True) -> forms.CharField:
    widget = forms.Textarea({**INPUT, "rows": 3})
    return forms.CharField(label=label, max_length=LONGEST_TEXT, required=required, help_text=help_text, widget=widget)


class StepForm(forms.Form):
    """A step of one request, with what it needs besides."""

    def __init__(self, *args: Any, rfh: RFH, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rfh = rfh
        if "team" in self.fields:
            teams = Team.objects.order_by("name")
            self.fields["team"].queryset = teams.exclude(pk=rfh.team_id or 0)  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            said = [f"id_{name}_helptext"] if field.help_text else []
            field.widget.attrs |= {"aria-describedby": " ".join([*said, f"id_{name}_error"])}


class SureForm(StepForm):
    """Nothing to fill in."""


class TeammateForm(StepForm):
    answer = _text("What solved it", help_text="The next who asks will find it.")
    answered_by = _line("Who knew", required=False, longest=200)


class HandOverForm(StepForm):
    team = forms.ModelChoiceField(Team.objects.none(), label="Who owns it from now on", widget=forms.Select(INPUT))
    note = _text("What they must know", help_text="What was found, what was ruled out, and where it is spoken of.")
    incident_channel = forms.ModelChoiceField(
        Channel.objects.order_by("name", "slack_id"),
        label="The incident’s channel",
        required=False,
        empty_label="No incident runs",
        help_text="The new owners are asked to join it.",
        widget=forms.Select(INPUT),
    )

    def __init__(self, *args: Any, rfh: RFH, **kwargs: Any) -> None:
        super().__init__(*args, rfh=rfh, **kwargs)
        if rfh.incident_channel:
            known = Channel.objects.filter(slack_id=rfh.incident_channel).first()
            self.initial.setdefault("incident_channel", known.pk if known else None)


class AnswerForm(StepForm):
    answer = _text("The answer")


class ResolveForm(StepForm):
    solved_by = forms.ChoiceField(
        label="Who solved it", choices=RFH.SolvedBy.choices, widget=forms.Select(INPUT), initial="engineering"
    )
    answer = _text("The answer", required=False, help_text="Empty: as the team gave it.")
    learned = _text("What we learned", help_text="The next who asks will find it, so write it for them.")


class RerouteForm(StepForm):
    to = _line("Who plans it", help_text="Product, or the owning team.", longest=100)
    note = _text("What they should know", required=False)


class BecauseForm(StepForm):
    because = _line("Why", required=False)


class ReopenForm(StepForm):
    because = _line("Why it is not over")


FORMS: dict[Step, type[StepForm]] = {
    Step.SOLVE_BY_TEAMMATE: TeammateForm,
    Step.HAND_OVER: HandOverForm,
    Step.ANSWER: AnswerForm,
    Step.RESOLVE: ResolveForm,
    Step.REROUTE: RerouteForm,
    Step.WITHDRAW: BecauseForm,
    Step.REOPEN: ReopenForm,
}
# What it means, where the words of the step do not say it all.
MEANING: dict[Step, str] = {
    Step.ASK_TEAMMATES: "The internal support channel hears; nobody of engineering does yet.",
    Step.ACKNOWLEDGE: "You take it, and the promise to acknowledge is kept.",
    Step.START: "You work on it from now on.",
    Step.HAND_OVER: "Another team owns it. A SET that hands over goes on telling everybody how it goes.",
    Step.ANSWER: "Support goes on from here to the end.",
    Step.RESOLVE: "The customer is served, and what was learned is written down.",
    Step.SOLVE_BY_TEAMMATE: "It ends here, and counts as not needing engineering.",
    Step.REROUTE: "A feature, or a bug of low urgency: its owner plans it, and our part ends.",
    Step.WITHDRAW: "Help is not needed any more. A team that has read it hears why.",
    Step.REOPEN: "It goes back to the team's queue; what was never filed, to your drafts.",
}
