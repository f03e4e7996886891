"""Overrides in the admin: made with their effect shown first, and ended; never edited: who was on stays true."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RelatedDropdownFilter
from unfold.decorators import action, display

from apps.dashboard import dialogs
from apps.dashboard.effect_first import EffectFirst
from apps.dashboard.moments import moment, zone_name
from apps.rotations import services
from apps.rotations.admin.bounds import is_bounded, may_change, teams_of
from apps.rotations.admin.effects import effect_page
from apps.rotations.admin.when import WhenFilter, when
from apps.rotations.errors import OverrideRefused, RotationError
from apps.rotations.forms import OverrideForm
from apps.rotations.models import Override, Role, Rotation
from apps.trail.audited import AuditedAdmin


class OverWhenFilter(WhenFilter):
    """Now, upcoming or over."""

    ended = "over"


@admin.register(Override)
class OverrideAdmin(EffectFirst, AuditedAdmin):
    """Overrides. A lead makes and ends those of the own teams' rotations."""

    # list
    list_display = ("what", "rotation", "start", "end", "when", "reason", "made_by")
    list_select_related = ("rotation", "role", "add", "remove", "made_by")
    list_filter = (
        OverWhenFilter,
        ("rotation", RelatedDropdownFilter),
        ("add", AutocompleteSelectFilter),
        ("remove", AutocompleteSelectFilter),
    )
    list_filter_submit = True
    search_fields = (
        "reason", "rotation__name", "add__first_name", "add__last_name", "add__email", "remove__first_name",
        "remove__last_name", "remove__email",
    )  # fmt: skip
    search_help_text = "A person, a rotation or a reason"
    date_hierarchy = "starts_at"
    ordering = ("-starts_at", "-pk")
    list_fullwidth = True
    actions = None

    # form
    form = OverrideForm
    refused = OverrideRefused
    autocomplete_fields = ("remove", "add")

    # behaviour
    actions_detail = ("end_it",)
    actions_row = ("end_it",)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        times = {"fields": ("starts_at", "ends_at"), "description": f"Times are in {zone_name()}."}
        who = {"fields": (("rotation", "role"), ("remove", "add"))}
        why = {"fields": ("reason", *(("made_by", "made_at") if obj else ()))}
        return ((None, who), ("When", times), ("Why", why))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("made_by", "made_at") if obj else ()

    # --- columns

    @display(description="Override", ordering="add__first_name")
    def what(self, override: Override) -> str:
        return str(override)

    @display(description="Start", ordering="starts_at")
    def start(self, override: Override) -> SafeString:
        return moment(override.starts_at, timezone.now())

    @display(description="End", ordering="ends_at")
    def end(self, override: Override) -> SafeString:
        return moment(override.ends_at, timezone.now())

    @display(description="When", label={"Now": "success", "Upcoming": "info", "Over": "default"})
    def when(self, override: Override) -> str:
        return when(override, ended="Over")

    # --- who may

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that is stored is ended, not edited."""
        return False

    def has_end_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may make one may end one; whose it is, the action looks at."""
        return bool(self.has_add_permission(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody's: what is over says who was on duty, and anything else is ended or withdrawn."""
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        rotations = Rotation.objects.filter(archived_at=None)
        if is_bounded(request):
            rotations = rotations.filter(team__in=teams_of(request))
        if db_field.name == "rotation":
            kwargs["queryset"] = rotations
        if db_field.name == "role":
            kwargs["queryset"] = Role.objects.filter(rotation__in=rotations).select_related("rotation")
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "rotation":
            field.error_messages["invalid_choice"] = "You make overrides of your own teams' rotations only."
        return field

    # --- saving

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        obj.pk = _make(request, form.cleaned_data, timezone.now()).pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """All is written, and told, by the service."""

    def effect_first(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        if object_id is not None or not self.has_add_permission(request):
            return None
        form: Any = self.get_form(request)(request.POST)
        if not form.is_valid():
            return None
        said, now = form.cleaned_data, timezone.now()
        rotation: Rotation = said["rotation"]
        start, end = max(said["starts_at"] or now, now), said["ends_at"]

        def make() -> Rotation:
            _make(request, said, now)
            return rotation

        # What cannot be is refused before there is a window to look at.
        tried = services.what_if(make, rotation, start=min(start, end), end=end)
        return effect_page(self, request, tried, what="the override", original=None, start=start, end=end)

    @action(
        description="End or withdraw",
        icon="event_busy",
        permissions=["end"],
        dialog={
            "title": "End or withdraw",
            "description": "One in progress ends now, and one to come never begins. Those whose shifts move are told.",
            "form_submit_text": "Yes, end it",
        },
    )
    def end_it(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        override = Override.objects.select_related("rotation").filter(pk=object_id).first()
        if override is None:
            raise Http404("There is no such override.")
        if not may_change(request, override.rotation.team_id):
            messages.error(request, "You end overrides of your own teams' rotations only.")
            return dialogs.leave(request, reverse("admin:rotations_override_changelist"))
        try:
            services.end_override(override, now=timezone.now())
        except RotationError as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, "The override is ended.")
        return dialogs.leave(request, reverse("admin:rotations_override_changelist"))


def _make(request: HttpRequest, said: dict[str, Any], now: datetime) -> Override:
    return services.add_override(
        said["rotation"],
        role=said["role"],
        starts_at=said["starts_at"],
        ends_at=said["ends_at"],
        remove=said["remove"],
        add=said["add"],
        reason=said["reason"],
        by=request.user,  # type: ignore[arg-type]
        now=now,
    )
