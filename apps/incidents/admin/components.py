"""What can break, in the order the status page shows it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from apps.dashboard.archiving import archiving
from apps.incidents import services
from apps.incidents.affecting import conditions
from apps.incidents.errors import IncidentError
from apps.incidents.models import Component, ComponentGroup
from apps.trail.audited import AuditedAdmin
from apps.trail.refusals import RefusalsAsMessages

Archived = archiving(
    archive=services.archive,
    restore=services.restore,
    asks=(
        "Nobody can name it in an incident any more, and the status page does not show it. Its history stays.",
        "It is in use again, where it was.",
    ),
    said=("is archived.", "is in use again."),
    refusals=(IncidentError,),
)
STATES = {str(status): str(status.label) for status in Component.Status}


class InUseFilter(DropdownFilter):  # type: ignore[misc]
    """In use, unless asked for the archived ones."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("archived", "Archived"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "archived":
                return queryset.filter(archived_at__isnull=False)
            case "all":
                return queryset
            case _:
                return queryset.filter(archived_at__isnull=True)


class ByService:
    """Before an admin page's own class: what its form says is saved by a service, which records it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The service has saved and recorded it."""

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        rows = self.model.objects.order_by("-position").values_list("position", flat=True)  # type: ignore[attr-defined]
        initial: dict[str, Any] = super().get_changeform_initial_data(request)  # type: ignore[misc]
        return {"position": (rows.first() or 0) + 1, **initial}


class ComponentForm(forms.ModelForm):  # type: ignore[type-arg]
    """A component."""

    class Meta:
        model = Component
        fields = services.OF_COMPONENT

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        # Part of a door, so it reads the clock.
        if said.get("start_date") and said["start_date"] > timezone.localdate():
            self.add_error("start_date", "That day has not come yet.")
        return said


@admin.register(Component)
class ComponentAdmin(Archived, ByService, RefusalsAsMessages, AuditedAdmin):  # type: ignore[misc, valid-type]
    """Components, in the status page's order; they are dragged into another."""

    refusal = IncidentError

    # list
    list_display = ("named", "group", "now", "audience", "position")
    list_display_links = ("named",)
    list_select_related = ("group",)
    list_filter = (InUseFilter, ("group", RelatedDropdownFilter), "public")
    list_editable = ("position",)
    ordering_field = "position"
    hide_ordering_field = True
    search_fields = ("name", "slug", "description", "group__name")
    search_help_text = "A name, a short name or a group"
    ordering = ("group__position", "group__name", "position", "name")
    list_per_page = 200

    # form
    form = ComponentForm
    autocomplete_fields = ("group",)
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": (("name", "slug"), "description", ("group", "position"))}),
        ("On the status page", {"fields": ("public", "showcase", "only_show_if_degraded", "start_date")}),
    )
    actions_detail = ("archive", "restore")
    actions = None

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changes = super().get_changelist_instance(request)
        found = conditions()
        for component in changes.result_list:
            component.condition = found.get(component.pk, Component.Status.OPERATIONAL)
        return changes

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        said = {name: form.cleaned_data[name] for name in form.cleaned_data if name in services.OF_COMPONENT}
        row = services.save_component(obj if change else None, **said, now=timezone.now())
        obj.pk = row.pk
        obj._state.adding = False

    @display(description="Component", ordering="name", header=True)
    def named(self, component: Component) -> list[str]:
        return [component.name, component.slug]

    @display(
        description="Now",
        label={
            "Operational": "success",
            "Under maintenance": "info",
            "Degraded performance": "warning",
            "Partial outage": "danger",
            "Major outage": "danger",
        },
    )
    def now(self, component: Component) -> str:
        return STATES[getattr(component, "condition", Component.Status.OPERATIONAL)]

    @display(description="Who knows of it")
    def audience(self, component: Component) -> SafeString:
        if component.archived:
            return format_html('<span class="portal-word">{}</span>', "Archived")
        if not component.public:
            return format_html('<span class="portal-word">{}</span>', "Hidden: we alone")
        when = "everybody, while something is wrong" if component.only_show_if_degraded else "everybody"
        return format_html("{}", when.capitalize())


class GroupForm(forms.ModelForm):  # type: ignore[type-arg]
    """A group."""

    class Meta:
        model = ComponentGroup
        fields = ("name", "position")


@admin.register(ComponentGroup)
class ComponentGroupAdmin(ByService, RefusalsAsMessages, AuditedAdmin):
    """Groups of components, in the status page's order; they are dragged into another."""

    refusal = IncidentError

    list_display = ("name", "count", "position")
    list_editable = ("position",)
    ordering_field = "position"
    hide_ordering_field = True
    search_fields = ("name",)
    search_help_text = "A name"
    ordering = ("position", "name")
    form = GroupForm
    fields = ("name", "position")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[ComponentGroup]:
        groups: QuerySet[ComponentGroup] = super().get_queryset(request)
        return groups.annotate(component_count=Count("components"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        said = {name: form.cleaned_data[name] for name in form.cleaned_data if name in services.OF_GROUP}
        row = services.save_group(obj if change else None, **said, now=timezone.now())
        obj.pk = row.pk
        obj._state.adding = False

    @display(description="Components", ordering="component_count")
    def count(self, group: ComponentGroup) -> int:
        found: int = getattr(group, "component_count", 0)
        return found
