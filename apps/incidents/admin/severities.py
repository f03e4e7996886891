"""The table by which severities, levels and the page's words map to each other."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from apps.incidents.models import Component, Severity
from apps.trail.audited import AuditedAdmin


@admin.register(Severity)
class SeverityAdmin(AuditedAdmin):
    """sev-1 to sev-5 are Crashbot's, and always these; what they mean is a manager's to say."""

    list_display = ("named", "level_label", "impact", "banner", "component_status", "stands_for")
    list_display_links = ("named",)
    ordering = ("severity",)
    list_fullwidth = True
    fieldsets = (
        (
            None,
            {
                "description": "It counts for what is declared or changed from now on: an incident keeps the level and "
                "impact it has until its severity is changed.",
                "fields": ("severity", "meaning", ("level", "impact"), ("banner", "component_status")),
            },
        ),
    )
    readonly_fields = ("severity",)
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "component_status":
            maintained = Component.Status.UNDER_MAINTENANCE
            kwargs["choices"] = [(value, words) for value, words in db_field.choices if value != maintained]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    @display(description="Severity", ordering="severity", header=True)
    def named(self, row: Severity) -> list[str]:
        return [row.severity, row.meaning]

    @display(description="Level", ordering="level", label={"L1, critical": "danger", "L2, major": "warning"})
    def level_label(self, row: Severity) -> str:
        return row.get_level_display()

    @display(description="Stands for its level", boolean=True)
    def stands_for(self, row: Severity) -> bool:
        """Whether what has a level alone, such as a request for help, gets this severity."""
        first = Severity.objects.filter(level=row.level).order_by("severity").values_list("severity", flat=True).first()
        return first == row.severity
