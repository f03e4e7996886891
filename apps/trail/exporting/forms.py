"""What is to be exported, as it stands in an address and on the page."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from apps.trail.audit import choosing
from apps.trail.audit.forms import InstantField
from apps.trail.context import KINDS
from apps.trail.events import CUSTOM_NAME
from apps.trail.exporting.formats import CSV, JSONL
from apps.trail.finding import Wanted
from apps.trail.services import LONGEST_STREAM

MOST_NAMES = 300
BOX = {"class": "portal-input", "autocomplete": "off"}


class ManyInABox(forms.TextInput):
    """Several texts in one box, with commas between; in an address also one after the other."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        given = data.getlist(name) if isinstance(data, QueryDict) else [data.get(name, "")]
        return ", ".join(text for text in given if text)


def written(text: str) -> str:
    """The text as it stands among others in a box: one that has a comma, or begins with a quotation mark, in quotes."""
    return '"' + text.replace('"', '""') + '"' if "," in text or text.startswith('"') else text


def texts_in(box: str) -> tuple[str, ...]:
    """The texts of a box, each once."""
    # A line break would end the reader's row.
    [row] = csv.reader([box.replace("\r", " ").replace("\n", " ")], skipinitialspace=True)
    return tuple(dict.fromkeys(part.strip() for part in row if part.strip()))


class Texts(forms.CharField):
    """Several texts, each once. One with a comma stands in quotation marks."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=ManyInABox(attrs=BOX), **options)

    def clean(self, value: Any) -> tuple[str, ...]:  # type: ignore[override]
        try:
            texts = texts_in(super().clean(value))
        except csv.Error:
            # One of more than a hundred thousand characters.
            texts = (value,)
        if len(texts) > MOST_NAMES:
            raise forms.ValidationError(f"Name at most {MOST_NAMES}.")
        if any(len(text) > LONGEST_STREAM for text in texts):
            raise forms.ValidationError(f"None of them has more than {LONGEST_STREAM} characters.")
        return texts


class Groups(forms.Field):
    """Several groups of texts, kept as they came in the address."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.MultipleHiddenInput, **options)

    def clean(self, value: Any) -> tuple[tuple[str, ...], ...]:
        one = Texts()
        return tuple(group for group in (one.clean(text) for text in value or ()) if group)


class ExportForm(forms.Form):
    """Which events; what is left empty means any."""

    q = forms.CharField(required=False, max_length=200, label="Words", widget=forms.TextInput(attrs=BOX))
    stream = Texts(label="About", help_text="Streams, such as ticket:4711 or customer:acme; one of them is enough.")
    type = Texts(label="Types", help_text="Such as TicketOpened, ReplyRecorded.")
    actor = Texts(label="By", help_text="Such as user:7, slack:U024BE7LH or job.")
    since = InstantField(label="From")
    until = InstantField(label="Until")
    # These come by links alone.
    also = Groups()
    name = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    correlation = forms.UUIDField(required=False, widget=forms.HiddenInput)
    audit = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean_type(self) -> tuple[str, ...]:
        names: tuple[str, ...] = self.cleaned_data["type"]
        for name in names:
            if not CUSTOM_NAME.fullmatch(name):
                raise forms.ValidationError(f"“{name}” is no type; write such as TicketOpened.")
        return names

    def clean_actor(self) -> tuple[str, ...]:
        actors: tuple[str, ...] = self.cleaned_data["actor"]
        for actor in actors:
            if actor.partition(":")[0] not in KINDS:
                raise forms.ValidationError(
                    f"“{actor}” is nobody; write a kind ({', '.join(KINDS)}), or such as user:7."
                )
        return actors

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("since") and said.get("until") and said["since"] >= said["until"]:
            self.add_error("until", "This is not after the beginning.")
        if said.get("audit") and not said.get("type"):
            said["type"] = tuple(choosing.chosen())
            if not said["type"]:
                raise forms.ValidationError("No type is chosen for the audit log yet, so there is nothing to export.")
        return said

    @property
    def wanted(self) -> Wanted:
        """What it means."""
        said = self.cleaned_data
        return Wanted(
            streams=said["stream"],
            also=said["also"],
            types=choosing.stored_as(said["type"]),
            actors=said["actor"],
            name=said["name"],
            correlation=said["correlation"],
            since=said["since"],
            until=said["until"],
            words=said["q"],
        )

    @property
    def asked(self) -> dict[str, Any]:
        """What was said, for a person and for the trail; nothing of what was left out."""
        said = self.cleaned_data
        parts = {
            "about": list(said["stream"]),
            "and about": [", ".join(group) for group in said["also"]],
            "types": list(said["type"]),
            "by": list(said["actor"]),
            "by whoever is called": said["name"],
            "chain": str(said["correlation"] or ""),
            "from": said["since"].astimezone(UTC).isoformat() if said["since"] else "",
            "until": said["until"].astimezone(UTC).isoformat() if said["until"] else "",
            "words": said["q"],
        }
        return {name: value for name, value in parts.items() if value}


class FormatForm(forms.Form):
    """Which files the export holds."""

    format = forms.MultipleChoiceField(
        label="Files",
        choices=[(JSONL, "JSON Lines: everything exactly, for programs"), (CSV, "CSV: for a table's program")],
        initial=[JSONL, CSV],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )


def address(wanted: Wanted, types: Sequence[str]) -> str:
    """The query of an address that exports what is wanted; `types` are its types by their names of today."""
    given: dict[str, Any] = {
        "q": wanted.words,
        "stream": [written(stream) for stream in wanted.streams],
        "also": [",".join(map(written, streams)) for streams in wanted.also],
        "type": types,
        "actor": [written(actor) for actor in wanted.actors],
        "name": wanted.name,
        "correlation": wanted.correlation,
        "since": wanted.since and wanted.since.isoformat(),
        "until": wanted.until and wanted.until.isoformat(),
    }
    return urlencode({name: value for name, value in given.items() if value}, doseq=True)
