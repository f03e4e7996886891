"""The pattern's form: what is wrong is said beside the field, with what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from apps.trail.events import in_words
from apps.trail.patterns.checking import choosable_types
from apps.trail.patterns.events import PatternMatched
from apps.trail.patterns.models import MOST_TYPES, present_name

SPARE_ROWS = 3
KIND = re.compile(r"[a-z][a-z_]*")


class TypeRows(forms.Widget):
    """A text box for each type, one after another, that offers the types there are. No script is needed for it."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        given = [str(item) for item in value or () if str(item).strip()]
        attrs = self.build_attrs(self.attrs, attrs)
        context = {
            "name": name,
            "rows": [*given, *[""] * (SPARE_ROWS if given else SPARE_ROWS + 1)][: max(MOST_TYPES, len(given))],
            "types": choosable_types(),
            "first_id": attrs.get("id", ""),
            "invalid": attrs.get("aria-invalid"),
        }
        return render_to_string("trail/patterns/type_rows.html", context)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return list(data.getlist(name)) if hasattr(data, "getlist") else list(data.get(name, ()))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data


class TypesField(forms.Field):
    """Names of event types the portal knows, or that were recorded before."""

    widget = TypeRows

    def to_python(self, value: Any) -> list[str]:
        names = [name.strip() for name in value or () if name.strip()]
        if not any(" " in name for name in names):
            return names
        # As lists and stories say them: "Ticket opened" is TicketOpened.
        said = {in_words(known).lower(): known for known in choosable_types()}
        return [said.get(" ".join(name.lower().split()), name) for name in names]

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > MOST_TYPES:
            raise ValidationError(f"At most {MOST_TYPES} types; these are {len(value)}.")
        known = set(choosable_types()) if value else set()
        for name in value:
            if name == PatternMatched.__name__:
                raise ValidationError("PatternMatched is what the watch itself records; look for what led to it.")
            if present_name(name) not in known:
                raise ValidationError(_unknown(name, known))

    def clean(self, value: Any) -> list[str]:
        names: list[str] = super().clean(value)
        return [present_name(name) for name in names]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


def _unknown(name: str, known: set[str]) -> str:
    by_lower = {each.lower(): each for each in known}
    near = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    hint = f" Did you mean {by_lower[near[0]]}?" if near else ""
    return f"“{name[:100]}” is no type of event here, and nothing of that name was ever recorded.{hint}"


def clean_kind(said: str) -> str:
    """A kind of stream as people type it. Raises ValidationError."""
    kind = said.strip().lower().rstrip(":")
    if kind and not KIND.fullmatch(kind):
        raise ValidationError("Give a kind of stream in one word, such as ticket or customer.")
    return kind


Channels = Callable[[str], bool]


def clean_channel(said: str, *, known: Channels) -> str:
    """A channel's id or name as people type it, without the #. Raises ValidationError where none is known."""
    name = said.strip().removeprefix("#")
    if name and not known(name):
        raise ValidationError(
            f"No Slack channel called “{name[:80]}” is known here. "
            "Add it under Channels, or give its id, such as C024BE91L."
        )
    return name
