"""The actions of an RCA, as one types them: a row each, and an empty one below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q

from apps.incidents.models import RCA, Action
from apps.incidents.services.rca import MOST_ACTIONS, Todo
from apps.incidents.services.texts import LONGEST_LINE
from apps.people.models import Agent
from apps.rfhs.form.merging import seal


class ActionForm(forms.Form):
    """One action. `was` is what the row said when the page was read, to see whether somebody changed it since."""

    key = forms.IntegerField(required=False, widget=forms.HiddenInput)
    was = forms.CharField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label="What is to be done",
        required=False,
        max_length=LONGEST_LINE,
        widget=forms.TextInput(attrs={"class": "portal-input"}),
    )
    owner = forms.ModelChoiceField(
        Agent.objects.none(),
        label="Who",
        required=False,
        empty_label="Nobody yet",
        widget=forms.Select(attrs={"class": "portal-input"}),
    )
    due_on = forms.DateField(
        label="Until",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "portal-input"}),
    )
    done = forms.BooleanField(label="Done", required=False)
    remove = forms.BooleanField(label="Remove", required=False)

    def __init__(self, *args: Any, people: list[Agent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = Agent.objects.filter(pk__in=[agent.pk for agent in people])
        owner.choices = [("", owner.empty_label), *((agent.pk, str(agent)) for agent in people)]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not said.get("remove") and not said.get("text") and self.is_about_something:
            self.add_error("text", "Say in a line what is to be done, or remove the row.")
        return said

    @property
    def is_about_something(self) -> bool:
        """Whether the row is more than the empty one that waits below."""
        said: Mapping[str, Any] = self.cleaned_data
        return any(said.get(name) for name in ("key", "text", "owner", "due_on", "done"))

    @property
    def todo(self) -> Todo:
        """What it asks for."""
        said = self.cleaned_data
        return Todo(said["text"], said["owner"], said["due_on"], said["done"], said["key"])


ActionForms = forms.formset_factory(ActionForm, extra=1, max_num=MOST_ACTIONS, absolute_max=MOST_ACTIONS + 50)


def sealed(row: Action | Todo) -> str:
    """What the page remembers of a row."""
    owner = row.owner.pk if row.owner else None
    done = row.done if isinstance(row, Todo) else row.done_at is not None
    return seal(repr((row.text, owner, row.due_on, done)))


def people_of(rca: RCA) -> list[Agent]:
    """Who can own an action: everybody who works here, and whoever does own one."""
    owners = Action.objects.filter(rca=rca).values("owner")
    return list(Agent.objects.filter(Q(is_active=True) | Q(pk__in=owners)).order_by("first_name", "last_name", "email"))


def first_rows(rca: RCA) -> list[dict[str, Any]]:
    """Each action as its row is first shown."""
    return [
        {
            "key": action.pk,
            "was": sealed(action),
            "text": action.text,
            "owner": action.owner_id,
            "due_on": action.due_on,
            "done": action.done_at is not None,
        }
        for action in rca.actions.select_related("owner").order_by("pk")
    ]
