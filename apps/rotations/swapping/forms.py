"""The form by which others are asked to take a shift."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms

from apps.people.models import Agent
from apps.rotations.models import Role, Rotation
from apps.rotations.services.swaps import InReturn
from apps.rotations.timeline import Duty
from apps.rotations.validation.swaps import LONGEST_MESSAGE

LOCAL = "%Y-%m-%dT%H:%M"
# Of what the service says, where the form shows it.
FIELDS = {"back_starts_at": "back_from", "back_ends_at": "back_until"}
Theirs = Sequence[tuple[Agent, Sequence[tuple[str, Duty]]]]


class LocalInput(forms.DateTimeInput):
    """A date and a time in the viewer's zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__({"class": "portal-input"}, LOCAL)


class AskForm(forms.Form):
    """Which part of a shift, who is asked, and what is taken in return.

    `theirs`: for everybody who can be asked their shifts to come, each with its words.
    """

    starts_at = forms.DateTimeField(label="From", widget=LocalInput)
    ends_at = forms.DateTimeField(label="Until", widget=LocalInput)
    to = forms.ChoiceField(
        label="Who is asked", required=False, widget=forms.Select({"class": "portal-input"}),
        help_text="Anyone: everybody of the roster who is not on then; whoever takes it first has it.",
    )  # fmt: skip
    back = forms.ChoiceField(
        label="In return", required=False, widget=forms.Select({"class": "portal-input"}),
        help_text="A shift of theirs that is taken for it: then its owner is who is asked.",
    )  # fmt: skip
    back_from = forms.DateTimeField(
        label="In return from", required=False, widget=LocalInput, help_text="Empty: from its beginning."
    )
    back_until = forms.DateTimeField(
        label="In return until", required=False, widget=LocalInput, help_text="Empty: to its end."
    )
    message = forms.CharField(
        label="Message", required=False, max_length=LONGEST_MESSAGE,
        widget=forms.Textarea({"rows": 2, "class": "portal-input"}),
        help_text="Why, in a sentence; whoever is asked reads it, and it becomes the reason on the trail.",
    )  # fmt: skip

    def __init__(self, *args: Any, theirs: Theirs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(agent.pk): agent for agent, _ in theirs}
        self.shifts = {_key(agent, duty): (agent, duty) for agent, duties in theirs for _, duty in duties}
        to: Any = self.fields["to"]
        to.choices = [("", "Anyone in the roster"), *((key, str(agent)) for key, agent in self.people.items())]
        back: Any = self.fields["back"]
        back.choices = [
            ("", "Nothing: a cover"),
            *(
                (str(agent), [(_key(agent, duty), f"{agent}: {words}") for words, duty in duties])
                for agent, duties in theirs
                if duties
            ),
        ]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        agent, _ = self.shifts.get(said.get("back") or "", (None, None))
        if agent is not None and said.get("to") not in ("", None, str(agent.pk)):
            self.add_error("back", f"This is a shift of {agent}'s: ask {agent}, or choose another.")
        return said

    def asked_of(self) -> Agent | None:
        """Who is asked by name; None for anyone."""
        agent, _ = self.shifts.get(self.cleaned_data["back"], (None, None))
        return agent or self.people.get(self.cleaned_data["to"])

    def in_return(self, rotation: Rotation) -> InReturn | None:
        """What is taken in return; None for nothing."""
        _, duty = self.shifts.get(self.cleaned_data["back"], (None, None))
        if duty is None:
            return None
        start: datetime = self.cleaned_data["back_from"] or duty.start
        end: datetime = self.cleaned_data["back_until"] or duty.end
        return InReturn(Role.objects.get(rotation=rotation, name=duty.role), start, end)


def _key(agent: Agent, duty: Duty) -> str:
    return f"{agent.pk}|{duty.role}|{duty.start.isoformat()}"
