"""Form fields that speak as people do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.sla.durations import InvalidDuration, parse, spell

AT_ONCE = "at once"


class DurationField(forms.DurationField):
    """A duration, typed and shown as "10 min", "1 h 30 min" or "3 days"."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        return spell(value) if isinstance(value, timedelta) else value

    def to_python(self, value: Any) -> timedelta | None:
        if value in self.empty_values:
            return None
        if isinstance(value, timedelta):
            return value
        try:
            return parse(str(value))
        except InvalidDuration as error:
            raise ValidationError(str(error), code="invalid") from error


class DelayField(DurationField):
    """A duration after which something is said; "at once" and "0" are none at all."""

    def prepare_value(self, value: Any) -> Any:
        return AT_ONCE if value == timedelta(0) else super().prepare_value(value)

    def to_python(self, value: Any) -> timedelta | None:
        said = str(value).strip().lower() if value not in self.empty_values else ""
        if said in ("0", "0 s", "0 min", "now", AT_ONCE) or value == timedelta(0):
            return timedelta(0)
        return super().to_python(value)
