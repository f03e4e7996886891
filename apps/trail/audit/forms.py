"""What can be asked of the audit log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from apps.trail.events import in_words
from apps.trail.instants import slip_in

# Who acts besides people.
OTHERS = (
    ("job", "The portal's own jobs"),
    ("integration", "Integrations"),
    ("console", "The console"),
    ("database", "Beside the portal"),
    ("system", "The portal itself"),
)


@dataclass(frozen=True)
class Person:
    """Somebody to choose, and the names they act under, such as user:7 and slack:U0ANA."""

    key: str
    name: str
    actors: tuple[str, ...]


class InstantField(forms.DateTimeField):
    """An instant in the viewer's zone; an address may say it in any other."""

    def __init__(self, **options: Any) -> None:
        # To the minute for who chooses one, and to the very instant for whoever followed a link.
        box = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "any", "class": "portal-input"})
        super().__init__(required=False, widget=box, **options)

    def prepare_value(self, value: Any) -> Any:
        """As the box takes it: another form, such as one with its zone, would leave it empty."""
        try:
            at = self.to_python(value)
        except forms.ValidationError:
            return value
        if at is None:
            return value
        local = timezone.localtime(at).replace(tzinfo=None)
        finest = "milliseconds" if local.microsecond else "seconds" if local.second else "minutes"
        return local.isoformat(timespec=finest)

    def clean(self, value: Any) -> datetime | None:
        at: datetime | None = super().clean(value)
        if at is not None and (slip := slip_in(at)):
            raise forms.ValidationError(slip)
        return at


class AuditForm(forms.Form):
    """Whose log, and which part of it; what is left empty means any."""

    customer = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={"class": "portal-input", "list": "customers", "autocomplete": "off", "placeholder": "Any"}
        ),
    )
    type = forms.ChoiceField(required=False, widget=forms.Select(attrs={"class": "portal-input"}))
    person = forms.ChoiceField(required=False, widget=forms.Select(attrs={"class": "portal-input"}))
    since = InstantField(label="From")
    until = InstantField(label="Until")

    def __init__(
        self,
        *args: Any,
        types: Sequence[str],
        people: Sequence[Person],
        find_customer: Callable[[str], Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people, self.find_customer = people, find_customer
        choice: Any = self.fields["type"]
        choice.choices = [("", "Any"), *sorted(((name, in_words(name)) for name in types), key=lambda pair: pair[1])]
        choice = self.fields["person"]
        choice.choices = [
            ("", "Anybody"),
            ("People", [(person.key, person.name) for person in people]),
            ("Others", OTHERS),
        ]

    def clean_customer(self) -> Any:
        said = self.cleaned_data["customer"].strip()
        if not said:
            return None
        found = self.find_customer(said)
        if found is None:
            raise forms.ValidationError(f"No customer is called “{said}”.")
        return found

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("since") and said.get("until") and said["since"] >= said["until"]:
            self.add_error("until", "This is not after the beginning.")
        return said

    @property
    def actor(self) -> str:
        """The kind of whoever is no person, such as "job"."""
        chosen: str = self.cleaned_data["person"]
        return "" if chosen.isdecimal() else chosen

    @property
    def actors(self) -> tuple[str, ...]:
        """The person's names on the trail."""
        chosen = self.cleaned_data["person"]
        return next((person.actors for person in self.people if person.key == chosen), ())

    def local(self, name: str) -> str:
        """An instant as the address says it, whatever zone the reader of the address is in."""
        at = self.cleaned_data[name]
        return timezone.localtime(at).isoformat() if at else ""
