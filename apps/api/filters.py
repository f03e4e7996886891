"""What filters of several apps are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django_filters import ChoiceFilter, Filter, ModelChoiceFilter
from drf_spectacular.utils import extend_schema_field

from apps.api.instants import BadText, parse_instant


class InstantInput(forms.CharField):
    """An instant in an address."""

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        try:
            return parse_instant(text) if text else None
        except BadText as error:
            raise forms.ValidationError(str(error))


@extend_schema_field({"type": "string", "format": "date-time"})
class InstantFilter(Filter):
    """Compares with an RFC 3339 instant; one without a zone is refused."""

    field_class = InstantInput


@extend_schema_field({"type": "string"})
class CalledFilter(ModelChoiceFilter):
    """Another object by what people call it; one that is not there is refused rather than matching nothing."""

    def __init__(self, by: str, *, noun: str, **options: Any) -> None:
        messages = {"invalid_choice": f"There is no {noun} “%(value)s”."}
        super().__init__(to_field_name=by, error_messages=messages, **options)


@extend_schema_field({"type": "boolean"})
class YesNoFilter(ChoiceFilter):
    """true or false; any other word is refused, where the usual filter would pass over it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[("true", "Yes"), ("false", "No")], **options)
