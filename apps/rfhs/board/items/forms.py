"""What somebody says of a new item. Part of a door."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from apps.people.models import Customer, Team
from apps.rfhs import context
from apps.rfhs.board.doors import INPUT
from apps.rfhs.models import RFH, Desk
from apps.rfhs.services.texts import LONGEST_SUMMARY, LONGEST_TEXT
from apps.tickets.errors import TicketError
from apps.tickets.models import Ticket
from apps.tickets.services import find

# How work comes to a board by hand; the other sources make their items themselves.
SOURCES = [(str(each.value), each.label) for each in (RFH.Source.BOARD, RFH.Source.CHANNEL, RFH.Source.ASK_RND)]
DETAILS = (*context.ALWAYS, *(detail for details in context.SYMPTOMS.values() for detail in details))
OF_SYMPTOM = {detail.name: name for name, details in context.SYMPTOMS.items() for detail in details}
UNKNOWN = [("", "Not known yet")]


class ItemForm(forms.Form):
    """An item for a team, with or without a ticket. Its details can come later; what is missing shows on the card."""

    team = forms.ModelChoiceField(Team.objects.none(), widget=forms.Select(INPUT))
    summary = forms.CharField(
        label="What it is about",
        max_length=LONGEST_SUMMARY,
        help_text="As specific as you can: not “slow”, but what is slow.",
        widget=forms.TextInput({**INPUT, "autocomplete": "off", "autofocus": True}),
    )
    description = forms.CharField(
        max_length=LONGEST_TEXT, required=False, label="What happens", widget=forms.Textarea({**INPUT, "rows": 4})
    )
    source = forms.ChoiceField(choices=SOURCES, label="Where it came from", widget=forms.Select(INPUT))
    ticket = forms.CharField(
        max_length=64, required=False, help_text="Its number, if there is one.", widget=forms.TextInput(INPUT)
    )
    customer = forms.ModelChoiceField(
        Customer.objects.order_by("name"),
        required=False,
        empty_label="None, or the ticket’s",
        widget=forms.Select(INPUT),
    )
    priority = forms.ChoiceField(choices=RFH.Priority.choices, initial=RFH.Priority.P2, widget=forms.Select(INPUT))
    level = forms.ChoiceField(
        choices=[*UNKNOWN, *RFH.Level.choices],
        required=False,
        help_text="L1 and L2 ask for an incident, and owe an update a day.",
        widget=forms.Select(INPUT),
    )
    bug_class = forms.ChoiceField(
        choices=[("", "No bug"), *RFH.BugClass.choices],
        required=False,
        label="Class of the bug",
        widget=forms.Select(INPUT),
    )
    symptoms = forms.MultipleChoiceField(
        choices=context.SYMPTOM_NAMES, required=False, widget=forms.CheckboxSelectMultiple
    )
    production = forms.BooleanField(required=False, label="Quality of a community or production server")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sets = list(Desk.objects.filter(is_set=True).values_list("team_id", flat=True))
        teams = Team.objects.filter(Q(kind=Team.Kind.ENGINEERING) | Q(pk__in=sets)).order_by("name")
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        if sets:
            self.fields["team"].initial = sets[0]
        for detail in DETAILS:
            symptom = OF_SYMPTOM.get(detail.name)
            when = f"If {dict(context.SYMPTOM_NAMES)[symptom].lower()}. " if symptom else ""
            self.fields[detail.name] = forms.CharField(
                label=detail.label,
                required=False,
                max_length=LONGEST_TEXT,
                help_text=f"{when}{detail.reason}",
                widget=forms.Textarea({**INPUT, "rows": 1}),
            )
        for name, field in self.fields.items():
            said = [f"id_{name}_helptext"] if field.help_text else []
            field.widget.attrs |= {"aria-describedby": " ".join([*said, f"id_{name}_error"])}

    def clean_ticket(self) -> Ticket | None:
        number = str(self.cleaned_data["ticket"]).strip()
        if not number:
            return None
        try:
            return find(number)
        except TicketError as unknown:
            raise forms.ValidationError(str(unknown)) from unknown

    def item(self) -> dict[str, Any]:
        """What the service takes."""
        said = dict(self.cleaned_data)
        known = {detail.name: said.pop(detail.name) for detail in DETAILS}
        return {**said, "context": {name: text for name, text in known.items() if text.strip()}}

    @property
    def main_fields(self) -> list[forms.BoundField]:
        names = {detail.name for detail in DETAILS}
        return [field for field in self if field.name not in names]

    @property
    def detail_fields(self) -> list[forms.BoundField]:
        return [self[detail.name] for detail in DETAILS]
