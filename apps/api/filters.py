"""What filters of several apps are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.db import models
from django_filters import ChoiceFilter, Filter, ModelChoiceFilter, TypedChoiceFilter
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from drf_spectacular.utils import extend_schema_field

from apps.api.instants import BadText, parse_instant


class InstantInput(forms.CharField):
    """An instant in an address."""

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        try:
            return parse_instant(text) if text else None
        except BadText as error:
            # As a parameter: its own "%" is not to be filled in.
            raise forms.ValidationError("%(why)s", params={"why": str(error)})


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


@extend_schema_field({"type": "boolean"})
class BooleanFilter(TypedChoiceFilter):
    """A column that is true or false."""

    def __init__(self, **options: Any) -> None:
        options.pop("widget", None)
        super().__init__(
            choices=[("true", "Yes"), ("false", "No")],
            coerce=lambda word: word == "true",
            error_messages={"invalid_choice": "“%(value)s” is neither true nor false."},
            **options,
        )


class ColumnFilters(FilterSet):
    """What filters of plain columns are made of."""

    FILTER_DEFAULTS = {**FilterSet.FILTER_DEFAULTS, models.BooleanField: {"filter_class": BooleanFilter}}


class Filters(DjangoFilterBackend):
    """The filters a route names by class or by columns."""

    filterset_base = ColumnFilters

    def names(self, view: Any) -> list[str]:
        """What the route can be asked to narrow by."""
        found = self.get_filterset_class(view, view.queryset)
        return list(found.base_filters) if found else []
