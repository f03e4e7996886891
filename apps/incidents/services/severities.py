"""Writing the table by which severities, levels and the page's words map to each other."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.incidents.errors import BadIncident
from apps.incidents.models import Component, Severity
from apps.trail.managed import saving

OF_SEVERITY = frozenset({"level", "impact", "meaning", "banner", "component_status"})


@transaction.atomic
def save_severity(row: Severity, *, now: datetime, **fields: Any) -> Severity:
    """The severity means this (OF_SEVERITY) for what is declared or changed from now on. Raises BadIncident."""
    if unknown := sorted(set(fields) - OF_SEVERITY):
        raise BadIncident(unknown[0], f"There is no {', '.join(unknown)} to be set.")
    if fields.get("component_status") == Component.Status.UNDER_MAINTENANCE:
        raise BadIncident("component_status", "An incident is no maintenance.")
    row = Severity.objects.select_for_update().get(pk=row.pk)
    wanted = {name: value for name, value in fields.items() if getattr(row, name) != value}
    if not wanted:
        return row
    with saving(row, now=now):
        for name, value in wanted.items():
            setattr(row, name, value)
        try:
            row.full_clean()
        except ValidationError as refused:
            raise BadIncident.of(dict(refused.message_dict)) from refused
        row.save(update_fields=list(wanted))
    return row
