"""Planned work in the admin: what is ahead, what runs, what was; its steps are dialogs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from apps.dashboard import dialogs
from apps.dashboard.moments import moment, rough, zone_name
from apps.incidents.admin.maintenance_forms import BeginForm, CancelForm, EndForm, MaintenanceForm, StepForm, UpdateForm
from apps.incidents.errors import IncidentError
from apps.incidents.models import Maintenance
from apps.incidents.services import maintenance as services
from apps.people.acting import Acting
from apps.trail.audited import AuditedAdmin
from apps.trail.refusals import RefusalsAsMessages

Status = Maintenance.Status
LABELS = {"Scheduled": "info", "In progress": "warning", "Verifying": "warning", "Completed": "success"}


@admin.register(Maintenance)
class MaintenanceAdmin(RefusalsAsMessages, AuditedAdmin):
    """Maintenance, what runs and what is next first. The state moves by itself or by actions."""

    refusal = IncidentError

    # list
    list_display = ("title", "state_label", "start", "end", "lasts", "on_components", "on_page")
    list_display_links = ("title",)
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("components", RelatedDropdownFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    search_fields = ("title", "public_text", "internal_note", "components__name", "components__slug")
    search_help_text = "Words of the title or texts, or a component"
    show_facets = admin.ShowFacets.NEVER
    actions = None

    # form
    form = MaintenanceForm
    readonly_fields = ("state_label", "begun", "over", "planned_by", "words")

    # behaviour
    warn_unsaved_form = True
    actions_detail: ClassVar[list[str]] = ["post_update", "begin", "end_it", "cancel"]

    def get_fieldsets(self, request: HttpRequest, obj: Maintenance | None = None) -> Any:
        fields = (
            (None, {"fields": ("title", "components", "public", "public_text", "internal_note")}),
            (
                "When",
                {
                    "fields": ("starts_at", "ends_at", "remind_before"),
                    "description": f"Times are in {zone_name()}. It begins and ends by itself, and silences nothing: "
                    "promises, pages and reminders go on.",
                },
            ),
        )
        if obj is None:
            return fields
        return (
            ("How it stands", {"fields": (("state_label", "planned_by"), ("begun", "over"), "words")}),
            *fields,
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Maintenance | None = None) -> Any:
        fixed: tuple[str, ...] = ()
        if obj is not None and obj.started_at is not None:
            fixed = ("starts_at", "remind_before")
        if obj is not None and obj.is_over:
            fixed = ("starts_at", "ends_at", "remind_before")
        return (*self.readonly_fields, *fixed)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        # Whose form it is: what they may not is refused beside what they typed.
        return type(form.__name__, (form,), {"by": Acting(request.user)})  # type: ignore[arg-type]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Maintenance]:
        rows: QuerySet[Maintenance] = super().get_queryset(request)
        return rows.prefetch_related("components")

    def get_ordering(self, request: HttpRequest) -> Any:
        """What runs first, then what is ahead, then what is over; of these the latest."""
        rank = Case(
            When(status__in=services.RUNNING, then=Value(0)),
            When(status=Status.SCHEDULED, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
        return [rank, "-starts_at", "-pk"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A cancelled one is kept as it was."""
        return super().has_change_permission(request, obj) and (obj is None or obj.status != Status.CANCELLED)

    # --- columns

    @display(description="State", ordering="status", label={**LABELS, "Cancelled": "default"})
    def state_label(self, row: Maintenance) -> str:
        return row.get_status_display()

    @display(description="Begins", ordering="starts_at")
    def start(self, row: Maintenance) -> SafeString:
        return moment(row.started_at or row.starts_at, timezone.now())

    @display(description="Ends", ordering="ends_at")
    def end(self, row: Maintenance) -> SafeString:
        return moment(row.ended_at or row.ends_at, timezone.now())

    @display(description="Lasts")
    def lasts(self, row: Maintenance) -> str:
        return rough((row.ended_at or row.ends_at) - (row.started_at or row.starts_at))

    @display(description="Components")
    def on_components(self, row: Maintenance) -> str:
        return ", ".join(each.name for each in row.components.all()) or "None"

    @display(description="Public", boolean=True, ordering="public")
    def on_page(self, row: Maintenance) -> bool:
        return row.public

    @display(description="Began")
    def begun(self, row: Maintenance) -> SafeString | str:
        return moment(row.started_at, timezone.now()) if row.started_at else "Not yet"

    @display(description="Ended")
    def over(self, row: Maintenance) -> SafeString | str:
        return moment(row.ended_at, timezone.now()) if row.ended_at else "Not yet"

    @display(description="Planned by")
    def planned_by(self, row: Maintenance) -> str:
        return row.created_by or "–"

    @display(description="What was said")
    def words(self, row: Maintenance) -> SafeString | str:
        rows = row.updates.order_by("-position")
        return said_lines(rows) or "Nothing yet"

    # --- who may

    def _at(self, request: HttpRequest, object_id: Any, *states: str) -> bool:
        if object_id is None or not str(object_id).isdecimal():
            return bool(self.has_change_permission(request))
        row = Maintenance.objects.filter(pk=object_id, status__in=states).first()
        return row is not None and bool(self.has_change_permission(request, row))

    def has_speak_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._at(request, object_id, Status.SCHEDULED, *services.RUNNING)

    def has_begin_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._at(request, object_id, Status.SCHEDULED)

    def has_end_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._at(request, object_id, *services.RUNNING)

    # --- saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by, now = Acting(request.user), timezone.now()  # type: ignore[arg-type]
        if change:
            services.change(Maintenance.objects.get(pk=obj.pk), form.said(), by=by, now=now)
        else:
            obj.pk = services.plan(**form.said(), by=by, now=now).pk
            obj._state.adding = False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """All is written, and told, by the service."""

    # --- steps

    @action(
        description="Say how it stands",
        icon="campaign",
        permissions=["speak"],
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": "Say how it stands",
            "description": "Everybody reads the public text, and subscribers hear of it.",
            "form_class": UpdateForm,
            "form_submit_text": "Say it",
        },
    )
    def post_update(self, request: HttpRequest, form: StepForm, object_id: str) -> HttpResponse:
        return self._do(request, form, object_id, "It is said.")

    @action(
        description="Begin now",
        icon="play_arrow",
        permissions=["begin"],
        dialog={
            "title": "Begin now",
            "description": "It begins earlier than planned: its components are under maintenance from now on.",
            "form_class": BeginForm,
            "form_submit_text": "Begin",
        },
    )
    def begin(self, request: HttpRequest, form: StepForm, object_id: str) -> HttpResponse:
        return self._do(request, form, object_id, "It has begun.")

    @action(
        description="End now",
        icon="check_circle",
        permissions=["end"],
        dialog={
            "title": "End now",
            "description": "The work is done: its components are as their incidents leave them.",
            "form_class": EndForm,
            "form_submit_text": "End",
        },
    )
    def end_it(self, request: HttpRequest, form: StepForm, object_id: str) -> HttpResponse:
        return self._do(request, form, object_id, "It has ended.")

    @action(
        description="Cancel",
        icon="event_busy",
        permissions=["speak"],
        dialog={
            "title": "Cancel the maintenance",
            "description": "The public page forgets it. What is cancelled cannot be taken up again: plan it anew.",
            "form_class": CancelForm,
            "form_submit_text": "Yes, cancel it",
        },
    )
    def cancel(self, request: HttpRequest, form: StepForm, object_id: str) -> HttpResponse:
        return self._do(request, form, object_id, "It is cancelled.")

    def _do(self, request: HttpRequest, form: StepForm, object_id: str, said: str) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            raise PermissionDenied

        def deed() -> str:
            form.take(row, by=Acting(request.user), now=timezone.now())  # type: ignore[arg-type]
            return said

        return dialogs.do(
            request,
            deed,
            refusals=(IncidentError,),
            page=reverse("admin:incidents_maintenance_change", args=[row.pk]),
        )

    def response_add(
        self, request: HttpRequest, obj: Maintenance, post_url_continue: str | None = None
    ) -> HttpResponse:
        messages.success(request, f"“{obj.title}” is planned.")
        return dialogs.leave(request, reverse("admin:incidents_maintenance_change", args=[obj.pk]))


def said_lines(rows: Any) -> SafeString:
    """Each word on it: when, how it stood, what the public reads, and what is for us."""
    return format_html_join(
        "",
        "<p>{} · <strong>{}</strong> by {}: {}{}</p>",
        (
            (
                moment(each.at, timezone.now()),
                each.get_status_display(),
                each.by,
                each.public_text or "–",
                f" (internal: {each.internal_note})" if each.internal_note else "",
            )
            for each in rows
        ),
    )
