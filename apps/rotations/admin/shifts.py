"""Shifts in the admin: who is there when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Case, F, Q, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from apps.dashboard.moments import moment, zone_name
from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.admin.bounds import agents_of, is_bounded
from apps.rotations.admin.when import WhenFilter, when
from apps.rotations.models import Shift
from apps.rotations.validation import overlapping, problems, why_it_stays
from apps.trail.audited import AuditedAdmin


class ShiftForm(forms.ModelForm):  # type: ignore[type-arg]
    """A shift; a product is named when somebody is embedded in it, and only then."""

    class Meta:
        model = Shift
        fields = ("agent", "kind", "product", "starts_at", "ends_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("starts_at", "ends_at"):
            # An instant has two boxes, each with a field of its own.
            boxes = getattr(self.fields.get(name), "fields", ())
            for box, sentence in zip(
                boxes, ("Use a date such as 2026-11-21.", "Use a time such as 14:30."), strict=False
            ):
                box.error_messages["invalid"] = sentence

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("kind") == Shift.Kind.SUPPORT:
            said["product"] = ""
        agent = said.get("agent")
        if agent is not None:
            services.hold(agent)
        # By now the instance has what was typed; what it was is in the database.
        stored = Shift.objects.filter(pk=self.instance.pk).first()
        found = problems(
            stored,
            agent=agent,
            kind=said.get("kind"),
            product=said.get("product", ""),
            starts_at=said.get("starts_at"),
            ends_at=said.get("ends_at"),
        )
        for field, sentences in found.items():
            self.add_error(field, sentences)
        return said


@admin.register(Shift)
class ShiftAdmin(AuditedAdmin):
    """Shifts. A lead changes those of people in a team of the lead's own."""

    # list
    list_display = ("agent", "what", "start", "end", "when")
    list_select_related = ("agent",)
    list_filter = (WhenFilter, ("kind", ChoicesDropdownFilter), ("agent", AutocompleteSelectFilter))
    list_filter_submit = True
    search_fields = ("agent__first_name", "agent__last_name", "agent__nickname", "agent__email", "product")
    search_help_text = "An agent's name, or a product"
    date_hierarchy = "starts_at"
    ordering = ("starts_at", "pk")

    # form
    form = ShiftForm
    autocomplete_fields = ("agent",)

    def get_ordering(self, request: HttpRequest) -> Any:
        """What is now or comes, the soonest first; below it what was, the latest first."""
        over = Q(ends_at__lte=timezone.now())
        ahead = Case(When(~over, then=F("starts_at")))
        return [ahead.asc(nulls_last=True), F("starts_at").desc(), "pk"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        times = {"fields": ("starts_at", "ends_at"), "description": f"Times are in {zone_name()}."}
        return ((None, {"fields": ("agent", "kind", "product")}), ("When", times))

    # --- columns

    @display(description="Shift", ordering="kind")
    def what(self, shift: Shift) -> str:
        return f"Embedded in {shift.product}" if shift.kind == Shift.Kind.EMBEDDED else "Support"

    @display(description="Start", ordering="starts_at")
    def start(self, shift: Shift) -> SafeString:
        return moment(shift.starts_at, timezone.now())

    @display(description="End", ordering="ends_at")
    def end(self, shift: Shift) -> SafeString:
        return moment(shift.ends_at, timezone.now())

    @display(description="When", label={"Now": "success", "Upcoming": "info", "Past": "default"})
    def when(self, shift: Shift) -> str:
        return when(shift, ended="Past")

    # --- who may

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = bool(super().has_change_permission(request, obj))
        if not allowed or not isinstance(obj, Shift):
            return allowed
        return obj.agent_id in agents_of(request) if is_bounded(request) else True

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "agent" and is_bounded(request):
            # The autocomplete offers everybody; the form accepts the own teams only, and says so.
            kwargs["queryset"] = Agent.objects.filter(pk__in=agents_of(request))
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "agent" and is_bounded(request):
            field.error_messages["invalid_choice"] = "You change the shifts of your own teams only."
            field.help_text = "Somebody in a team of yours."
        return field

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may change a shift may cancel it before it begins; any other is a superuser's to delete."""
        if super().has_delete_permission(request, obj):
            return True
        ahead = isinstance(obj, Shift) and not why_it_stays(obj, now=timezone.now())
        return ahead and self.has_change_permission(request, obj)

    # --- saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        kind = Shift.Kind.EMBEDDED if obj.kind == Shift.Kind.SUPPORT else Shift.Kind.SUPPORT
        other = overlapping(obj, agent=obj.agent, starts_at=obj.starts_at, ends_at=obj.ends_at, kind=kind)
        if other is not None:
            # Embedded and on support at once can be meant, and is easily not.
            messages.warning(
                request,
                format_html(
                    "{} has another shift then: {}, {} to {}.",
                    obj.agent,
                    self.what(other).lower(),
                    moment(other.starts_at),
                    moment(other.ends_at),
                ),
            )
