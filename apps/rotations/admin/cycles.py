"""How rotations run in cycles, and the template of their checklists, in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from apps.rotations import services
from apps.rotations.admin.bounds import is_bounded, may_change, teams_of
from apps.rotations.cycles.forms import ChecklistItemForm, CycleForm
from apps.rotations.models import ChecklistItem, Cycle, Rotation
from apps.trail.audited import AuditedAdmin, NamedRows


class TemplateInline(NamedRows):
    """What every run's checklist is made from."""

    model = ChecklistItem
    form = ChecklistItemForm
    extra = 0
    verbose_name_plural = "Template of the checklist: what is changed counts from the next cycle on"
    fields = ("part", "position", "text", "repeats", "hours", "by_digest", "by_handover")
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = request.user.has_perm("rotations.change_cycle")
        return allowed and (obj is None or may_change(request, obj.rotation.team_id))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(Cycle)
class CycleAdmin(AuditedAdmin):
    """Cycles' settings. A lead changes those of the own teams; runs have a page of their own."""

    # list
    list_display = ("rotation", "team", "how_long", "handover", "runs_itself")
    list_select_related = ("rotation__team",)
    search_fields = ("rotation__name", "rotation__slug", "rotation__team__name")
    search_help_text = "A rotation or a team"
    actions = None

    # form
    form = CycleForm
    inlines = (TemplateInline,)
    autocomplete_fields = ("rotation", "lead", "stakeholders", "channels")
    fieldsets = (
        (None, {"fields": ("rotation", "page", ("start_date", "start_time"), ("weeks", "runs_itself"))}),
        ("Who leads", {"fields": (("lead_role", "lead"),)}),
        ("Hand-over", {"fields": (("handover_weekday", "handover_time"), "hands_over_mid_cycle")}),
        ("Who gets the digest", {"fields": ("stakeholders", "channels")}),
    )
    readonly_fields = ("page",)

    class Media:
        css = {"all": ("supportops/cycles.css",)}

    # --- columns

    @display(description="Team", ordering="rotation__team__name")
    def team(self, cycle: Cycle) -> str:
        return str(cycle.rotation.team)

    @display(description="A cycle lasts", ordering="weeks")
    def how_long(self, cycle: Cycle) -> str:
        return "1 week" if cycle.weeks == 1 else f"{cycle.weeks} weeks"

    @display(description="Hand-over")
    def handover(self, cycle: Cycle) -> str:
        at = f"{cycle.handover_time:%H:%M}"
        return f"{cycle.get_handover_weekday_display()}, {at} {cycle.rotation.time_zone}"

    @display(description="Its runs")
    def page(self, cycle: Cycle) -> SafeString | str:
        if not cycle.pk:
            return "Once it is saved, the next one is planned."
        address = reverse("rotations_cycles:page", args=[cycle.rotation.slug])
        return format_html('<a class="portal-link" href="{}">The run of now, with its checklist</a>', address)

    # --- who may

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = bool(super().has_change_permission(request, obj))
        return allowed and (not isinstance(obj, Cycle) or may_change(request, obj.rotation.team_id))

    # --- form

    def get_readonly_fields(self, request: HttpRequest, obj: Cycle | None = None) -> Any:
        # Its runs belong to the rotation.
        return ("rotation", *self.readonly_fields) if obj else self.readonly_fields

    def get_inlines(self, request: HttpRequest, obj: Cycle | None) -> Any:
        # A new one begins with the usual checklist.
        return self.inlines if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "rotation":
            rotations: QuerySet[Rotation] = Rotation.objects.filter(archived_at=None, cycle=None)
            kwargs["queryset"] = rotations.filter(team__in=teams_of(request)) if is_bounded(request) else rotations
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "rotation":
            field.error_messages["invalid_choice"] = "Choose a rotation of yours that does not run in cycles yet."
        return field

    # --- saving

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            services.fill_template(obj)

    def save_related(self, request: HttpRequest, form: ModelForm[Any], formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        # What was planned is as the rules say now, and begins now if it should have begun.
        services.advance(form.instance, now=timezone.now())
