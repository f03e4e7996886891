"""Changes of the objects people configure: one event with before and after, whichever door they came through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.text import capfirst

from apps.trail import payloads
from apps.trail import services as trail
from apps.trail.events import ObjectChanged, ObjectCreated, ObjectDeleted

# Never on the trail, not even as "changed": what they hold opens doors.
SECRET = frozenset({"password", "hashed_key", "hashed_token", "feed_address"})
# Changed by looking, not by deciding.
NOISE = frozenset({"last_login", "last_used_at", "synced_at"})


def stream_of(obj: models.Model) -> str:
    """`policy:3`; an object that names its own stream keeps that."""
    own = getattr(obj, "stream", None)
    return own if isinstance(own, str) else f"{obj._meta.model_name}:{obj.pk}"


def snapshot(obj: models.Model) -> dict[str, Any]:
    """What people decide of the object: its fields, its relations as labels, and the rows it owns, JSON-ready.

    A column that is not editable, such as where a scan has got to, is the portal's own. `managed_children` names the
    relations whose rows it owns.
    """
    fields: dict[str, Any] = {}
    for field in obj._meta.concrete_fields:
        if field.name in NOISE or field.primary_key or not field.editable:
            continue
        fields[field.name] = "•••" if field.name in SECRET else _shown(getattr(obj, field.name))
    for many in obj._meta.many_to_many:
        # With what each points at: a permission's label names its model, and would ask for it one by one.
        fields[many.name] = sorted(str(other) for other in getattr(obj, many.name).select_related())
    for name in getattr(obj, "managed_children", ()):
        fields[name] = [_child(row) for row in getattr(obj, name).all()]
    return fields


def _child(row: models.Model) -> dict[str, Any]:
    fields = snapshot(row)
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def _shown(value: Any) -> Any:
    if isinstance(value, models.Model):
        return str(value)
    try:
        return payloads.plain(value)
    except TypeError:
        return str(value)


def stored(model: type[models.Model], pk: Any) -> dict[str, Any] | None:
    """The snapshot of the row as the database has it; None when there is none."""
    obj = model._default_manager.filter(pk=pk).first() if pk else None
    return snapshot(obj) if obj else None


def record_saved(obj: models.Model, before: dict[str, Any] | None, *, now: datetime) -> None:
    """Record what saving `obj` changed since `before`; a save that changed nothing records nothing."""
    fresh = type(obj)._default_manager.get(pk=obj.pk)
    after = snapshot(fresh)
    identity = _identity(fresh)
    if before is None:
        trail.record(ObjectCreated(**identity, after=after), about=[stream_of(obj)], now=now)
        return
    changes = {
        name: [before.get(name), after.get(name)] for name in {**before, **after} if before.get(name) != after.get(name)
    }
    if changes:
        trail.record(ObjectChanged(**identity, changes=changes), about=[stream_of(obj)], now=now)


def record_deleted(obj: models.Model, *, now: datetime) -> None:
    """Record that `obj` is about to be deleted; call before deleting it, in the same transaction."""
    trail.record(ObjectDeleted(**_identity(obj), before=snapshot(obj)), about=[stream_of(obj)], now=now)


def _identity(obj: models.Model) -> dict[str, str]:
    meta = obj._meta
    return {"model": meta.label_lower, "key": str(obj.pk), "label": str(obj), "noun": capfirst(str(meta.verbose_name))}


@contextmanager
def saving(obj: models.Model, *, now: datetime) -> Iterator[None]:
    """Whatever the block does to `obj` (fields, relations, owned rows) becomes one event, in one transaction."""
    with transaction.atomic():
        before = stored(type(obj), obj.pk)
        yield
        record_saved(obj, before, now=now)
