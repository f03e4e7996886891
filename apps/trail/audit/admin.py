"""Which types of events are on the audit log, for managers to choose."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelect2Widget

from apps.dashboard import moments
from apps.trail import later
from apps.trail.audit import choosing
from apps.trail.audited import AuditedAdmin
from apps.trail.catalogue import catalogue
from apps.trail.events import in_words
from apps.trail.models import AuditType


@cache
def meanings() -> dict[str, str]:
    """What each type of the code means in short, by its name: what its fields hold is said after a semicolon."""
    return {entry.type: f"{entry.meaning.partition(';')[0].rstrip('.')}." for entry in catalogue()}


def grouped(names: Collection[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Types to choose from, by the app that records them; those published under names of their own come last."""
    apps = {entry.type: entry.app for entry in catalogue()}
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(names, key=lambda name: (apps.get(name, "~"), name)):
        group = apps.get(name, "published here").capitalize()
        groups.setdefault(group, []).append((name, f"{in_words(name)} ({name})"))
    return list(groups.items())


class NewAuditType(forms.ModelForm[AuditType]):
    """One more type on the audit log."""

    type = forms.ChoiceField(widget=UnfoldAdminSelect2Widget, help_text="Its past events are put on the log as well.")

    class Meta:
        model = AuditType
        fields = ("type",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = set(AuditType.objects.values_list("type", flat=True))
        field: Any = self.fields["type"]
        field.choices = [("", "Choose one"), *grouped([name for name in choosing.choices() if name not in known])]


@admin.register(AuditType)
class AuditTypeAdmin(AuditedAdmin):
    """The chosen types. Turned off, one stays listed, so that it can be turned on again."""

    # list
    list_display = ("name", "meaning", "since", "past_events", "state")
    list_filter = ("shown",)
    list_fullwidth = True
    list_before_template = "admin/trail/audittype/list_before.html"
    search_fields = ("type",)
    search_help_text = "A type, such as TicketOpened"
    actions = ("show", "hide")

    # form
    fields = ("type", "meaning", "shown", "since", "past_events")
    readonly_fields = ("type", "meaning", "since", "past_events")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewAuditType
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("type",) if obj is None else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.readonly_fields

    def get_urls(self) -> Any:
        usual = path("usual/", self.admin_site.admin_view(self.choose_usual), name="trail_audittype_usual")
        return [usual, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {
            "nothing_chosen": not AuditType.objects.filter(shown=True).exists(),
            "usual": [in_words(name) for name in choosing.USUAL],
            "may_choose": self.has_change_permission(request),
        }
        response: HttpResponse = super().changelist_view(request, {**context, **(extra_context or {})})
        return response

    # behaviour

    def save_model(self, request: HttpRequest, obj: AuditType, form: Any, change: bool) -> None:  # type: ignore[override]
        if change:
            # A worker may have got on with its past since the form was read.
            now = AuditType.objects.select_for_update().get(pk=obj.pk)
            for field in obj._meta.concrete_fields:
                if not field.editable:
                    setattr(obj, field.attname, getattr(now, field.attname))
        begins = obj.shown and (not change or "shown" in form.changed_data)
        if begins:
            obj.start_anew(timezone.now())
        super().save_model(request, obj, form, change)
        if begins:
            later.enqueue(choosing.FILL)

    def choose_usual(self, request: HttpRequest) -> HttpResponse:
        """What is asked for most is on the audit log."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request):
            raise PermissionDenied
        fresh = choosing.choose(choosing.USUAL, now=timezone.now())
        self._say(request, fresh, "put on the audit log; its past follows within moments")
        return HttpResponseRedirect(reverse("admin:trail_audittype_changelist"))

    @action(description="Put on the audit log", permissions=["change"])
    def show(self, request: HttpRequest, queryset: QuerySet[AuditType]) -> None:
        fresh = choosing.choose(list(queryset.values_list("type", flat=True)), now=timezone.now())
        self._say(request, fresh, "put on the audit log; its past follows within moments")

    @action(description="Take off the audit log", permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[AuditType]) -> None:
        hidden = choosing.hide(list(queryset.values_list("type", flat=True)), now=timezone.now())
        self._say(request, hidden, "taken off the audit log")

    def _say(self, request: HttpRequest, count: int, done: str) -> None:
        if count:
            self.message_user(request, f"{count} type{'s' if count != 1 else ''} {done}.", messages.SUCCESS)
        else:
            self.message_user(request, "That was so already.", messages.INFO)

    # columns

    @display(description="Type", ordering="type", header=True)
    def name(self, row: AuditType) -> list[str]:
        return [str(row), row.type]

    @display(description="Meaning")
    def meaning(self, row: AuditType) -> str:
        return meanings().get(row.type, "Published under a name of its own, by integrations or at the console.")

    @display(description="Since", ordering="chosen_at")
    def since(self, row: AuditType) -> SafeString:
        return moments.moment(row.chosen_at, timezone.now())

    @display(description="Its past")
    def past_events(self, row: AuditType) -> str:
        if row.filled_at is not None:
            return f"Whole: {row.seen:,}, of which {row.linked:,} are customers'" if row.seen else "There was none"
        if not row.shown:
            return "Not filled"
        if row.past is None:
            return "Waits for a worker"
        return f"{row.seen:,} of {row.past:,} looked at ({row.progress} %)"

    @display(description="Audit log", ordering="shown", label={"On": "success", "Off": "warning"})
    def state(self, row: AuditType) -> str:
        return "On" if row.shown else "Off"
