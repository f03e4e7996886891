"""What serializers of several apps are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.instants import BadText, parse_duration, parse_instant, write_duration, write_instant

# An integer column of PostgreSQL.
LARGEST_INTEGER = 2_147_483_647


@extend_schema_field({"type": "string", "format": "date-time", "example": "2026-03-30T08:00:00Z"})
class Instant(serializers.Field[datetime, Any, str, Any]):
    """An instant as RFC 3339; always UTC on the way out."""

    def to_internal_value(self, data: Any) -> datetime:
        try:
            return parse_instant(data if isinstance(data, str) else "")
        except BadText as error:
            raise serializers.ValidationError(str(error))

    def to_representation(self, value: datetime) -> str:
        return write_instant(value)


@extend_schema_field({"type": "string", "format": "duration", "example": "PT10M"})
class Duration(serializers.Field[timedelta, Any, str, Any]):
    """A duration as ISO 8601."""

    def to_internal_value(self, data: Any) -> timedelta:
        try:
            return parse_duration(data if isinstance(data, str) else "")
        except BadText as error:
            raise serializers.ValidationError(str(error))

    def to_representation(self, value: timedelta) -> str:
        return write_duration(value)


class Called(serializers.SlugRelatedField[Any]):
    """Another object by what people call it: a slug, or an email in any case."""

    default_error_messages = {
        "does_not_exist": "There is no {noun} “{value}”.",
        "invalid": "Write what it is called, as text.",
    }

    def __init__(self, by: str, *, noun: str, **options: Any) -> None:
        self.noun = noun
        super().__init__(slug_field=by, **options)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        found: Model | None = self.get_queryset().filter(**{f"{self.slug_field}__iexact": data}).first()
        if found is None:
            self.fail("does_not_exist", noun=self.noun, value=data)
        return found

    def get_queryset(self) -> QuerySet[Any]:
        found = super().get_queryset()
        assert found is not None
        return found


class Strict(serializers.Serializer[Any]):
    """Refuses fields it does not know.

    A misspelt condition of a policy must not mean "any". What can only be read is passed over, so that what a GET
    gave can be sent back.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = unknown_fields(data, self.fields)
            if unknown:
                raise serializers.ValidationError(unknown)
            if self.parent is not None:
                self._refuse_missing(data)
        return super().to_internal_value(data)

    def _refuse_missing(self, data: Mapping[str, Any]) -> None:
        # A PATCH may leave out fields of the object, not of a tier within it: those are replaced whole.
        missing = [name for name, field in self.fields.items() if field.required and name not in data]
        if missing:
            raise serializers.ValidationError({name: ["This field is required."] for name in missing})


def unknown_fields(data: Mapping[str, Any], known: Iterable[str]) -> dict[str, list[str]]:
    """What of `data` is no field, each with a sentence."""
    names = list(known)
    return {str(name): [f"There is no such field; there are {', '.join(names)}."] for name in data if name not in names}
