"""Writing components and their groups; what was once broken stays known, so they are archived and never deleted.

Each `save_…` takes the row (None: a new one) and the fields that should be true of it, and records one event with
before and after. Raises BadIncident with the reasons by field.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max

from apps.incidents.affecting import still_affecting
from apps.incidents.errors import BadIncident
from apps.incidents.models import Component, ComponentGroup
from apps.trail.managed import saving

OF_COMPONENT = (
    "name",
    "slug",
    "description",
    "group",
    "position",
    "public",
    "showcase",
    "only_show_if_degraded",
    "start_date",
)
OF_GROUP = ("name", "position")
Row = TypeVar("Row", Component, ComponentGroup)


def save_component(component: Component | None, *, now: datetime, **fields: Any) -> Component:
    """Fields: OF_COMPONENT. A new one without a position is the last."""
    return _save(Component, component, fields, OF_COMPONENT, now=now)


def save_group(group: ComponentGroup | None, *, now: datetime, **fields: Any) -> ComponentGroup:
    """Fields: OF_GROUP. A new one without a position is the last."""
    return _save(ComponentGroup, group, fields, OF_GROUP, now=now)


@transaction.atomic
def archive(component: Component, *, now: datetime) -> None:
    """Nobody is told of it any more, and no incident can name it. Raises BadIncident while something of it is open."""
    row = Component.objects.select_for_update().get(pk=component.pk)
    if row.archived_at is None:
        if reasons := still_affecting(row):
            raise BadIncident("", f"{row} is affected by {', '.join(reasons)}: end that first.")
        _mark(component, row, archived_at=now, now=now)


@transaction.atomic
def restore(component: Component, *, now: datetime) -> None:
    """It is in use again, as it was."""
    row = Component.objects.select_for_update().get(pk=component.pk)
    if row.archived_at is not None:
        _mark(component, row, archived_at=None, now=now)


def _mark(given: Component, row: Component, *, archived_at: datetime | None, now: datetime) -> None:
    with saving(row, now=now):
        row.archived_at, row.updated_at = archived_at, now
        row.save(update_fields=["archived_at", "updated_at"])
    given.refresh_from_db()


def _save(
    model: type[Row], known: Row | None, fields: Mapping[str, Any], possible: tuple[str, ...], *, now: datetime
) -> Row:
    if unknown := sorted(set(fields).difference(possible)):
        raise BadIncident(unknown[0], f"There is no {', '.join(unknown)} to be set.")
    row = model(created_at=now) if known is None else known
    try:
        with transaction.atomic():
            if known is not None:
                # Two managers at once: the second waits, and keeps what the first one changed.
                row = model._default_manager.select_for_update().get(pk=known.pk)
            elif not fields.get("position"):
                last = model._default_manager.aggregate(last=Max("position"))["last"]
                row.position = (last or 0) + 1
            wanted = {name: value for name, value in fields.items() if known is None or getattr(row, name) != value}
            if not wanted and known is not None:
                return row
            with saving(row, now=now):
                for name, value in wanted.items():
                    if name != "position" or value or known is not None:
                        setattr(row, name, value)
                row.updated_at = now
                row.full_clean()
                row.save()
    except ValidationError as refused:
        raise BadIncident.of(_reasons(refused)) from refused
    except IntegrityError as refused:
        # Two doors at once: the one that came second is told what the check would have told it.
        raise BadIncident("slug" if model is Component else "name", "Another has it already.") from refused
    return row


def _reasons(refused: ValidationError) -> dict[str, list[str]]:
    """Why, by field; what is about no field in particular is under its own name."""
    return {"name" if name == NON_FIELD_ERRORS else name: found for name, found in refused.message_dict.items()}
