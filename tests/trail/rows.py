"""A row of any model, and another value for one of its columns: for tests that walk all models."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.escalations.models import Clock, Snooze
from apps.incidents.models import Maintenance
from apps.people.models import Agent
from apps.rotations.models import (
    CalendarAddress,
    CalendarEntry,
    CycleRun,
    Layer,
    Override,
    Rotation,
    Shift,
    SwapRequest,
)
from apps.sla.models import Tier
from tests.make import NOW

_numbers = count(1)

# What the kind of a field does not say.
SAID: dict[type[models.Model], Callable[[], dict[str, Any]]] = {
    Shift: lambda: {"ends_at": NOW + timedelta(hours=8)},
    CalendarEntry: lambda: {"ends_at": NOW + timedelta(hours=8)},
    Maintenance: lambda: {"title": "The disks move", "ends_at": NOW + timedelta(hours=8)},
    CycleRun: lambda: {"ends_at": NOW + timedelta(weeks=2)},
    CalendarAddress: lambda: {"agent": row_of(Agent)},
    Rotation: lambda: {"time_zone": "Europe/London"},
    Layer: lambda: {"kind": "people"},
    Override: lambda: {"ends_at": NOW + timedelta(hours=8), "remove": row_of(Agent)},
    SwapRequest: lambda: {"ends_at": NOW + timedelta(hours=8)},
    Tier: lambda: {"audience_kind": "on_shift", "position": next(_numbers)},
    Clock: lambda: {"ticket": row_of(Clock._meta.get_field("ticket").related_model)},
    Snooze: lambda: {"ticket": row_of(Snooze._meta.get_field("ticket").related_model)},
    ContentType: dict,
}


def row_of(model: type[models.Model]) -> Any:
    """A stored row with what it must have."""
    row = unsaved(model)
    row.save(force_insert=True)
    return row


def unsaved(model: type[models.Model]) -> Any:
    """A row that is not stored yet; what it points at is."""
    values = SAID.get(model, dict)()
    for field in model._meta.concrete_fields:
        if field.name not in values and _must_be_said(field):
            values[field.name] = _value(field)
    return model(**values)


def changed(model: type[models.Model], row: Any) -> tuple[str, Any]:
    """A field that people decide, and a value it does not have."""
    fields = [field for field in model._meta.concrete_fields if field.editable and not field.primary_key]
    # A relation only where there is nothing else.
    for field in sorted(fields, key=lambda field: field.is_relation):
        other = _other(field, getattr(row, field.name))
        if other is not None:
            return field.name, other
    raise AssertionError(f"{model._meta.label} has no field these tests know how to change: see {__name__}.")


def _must_be_said(field: Any) -> bool:
    if field.primary_key or getattr(field, "generated", False):
        return bool(field.primary_key and not isinstance(field, models.AutoField | models.BigAutoField))
    if field.unique and not field.null:
        return True
    return not (field.null or field.has_default() or field.has_db_default() or field.empty_strings_allowed)


def _value(field: Any) -> Any:
    n = next(_numbers)
    match field:
        case models.ForeignKey():
            return _target(field.related_model)
        case models.EmailField():
            return f"p{n}@example.com"
        case models.CharField() | models.TextField():
            return f"X{n}"[: field.max_length]
        case models.DateTimeField():
            return NOW
        case models.DateField():
            return date(2026, 3, 18)
        case models.DurationField():
            return timedelta(minutes=n)
        case models.BooleanField():
            return True
        case models.IntegerField():
            return n
        case models.UUIDField():
            return uuid.uuid4()
        case models.JSONField():
            return {}
        case ArrayField():
            return []
    raise AssertionError(f"These tests do not know what a {type(field).__name__} holds: say so in {__name__}.")


def _target(model: Any) -> Any:
    # Rights are made by migrating, never by hand.
    return Permission.objects.order_by("?").first() if model is Permission else row_of(model)


def _other(field: Any, value: Any) -> Any:
    if field.choices:
        return next((choice for choice, _ in field.flatchoices if choice != value), None)
    match field:
        case models.ForeignKey():
            return _target(field.related_model)
        case models.EmailField():
            return f"other-{value}"
        case models.CharField() | models.TextField():
            return f"{value or ''}y"
        case models.DateTimeField():
            return (value or NOW) + timedelta(minutes=1)
        case models.DurationField():
            return (value or timedelta()) + timedelta(minutes=1)
        case models.BooleanField():
            return not value
        case models.IntegerField():
            return (value or 0) + 1
    return None
