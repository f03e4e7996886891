"""Incidents in the admin: the list, declaring, the page with all that was said, and what one does there."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from apps.dashboard import moments
from apps.dashboard.incident_page import page_of
from apps.dashboard.step_dialogs import buttons_of
from apps.incidents import rights, services
from apps.incidents.admin.filters import BeganFilter, ComponentFilter, MineFilter, OverFilter, PublicFilter
from apps.incidents.admin.incident_forms import DeclareForm, IncidentForm
from apps.incidents.admin.publishing import Publishing
from apps.incidents.admin.publishing import possible as possible_with_the_public
from apps.incidents.admin.snoozing import Snoozing
from apps.incidents.admin.snoozing import possible as possible_with_reminders
from apps.incidents.admin.steps import ACTIONS, MAIN, THEIRS, Steps
from apps.incidents.errors import IncidentError
from apps.incidents.models import Component, ImpactChange, Incident
from apps.incidents.searching import search
from apps.incidents.selectors import RELATED, find, order
from apps.incidents.states import legal
from apps.people.acting import Acting
from apps.rfhs.models import RFH
from apps.statuspage.markdown import render
from apps.tickets.listing import BoundedPaginator
from apps.tickets.models import Ticket
from apps.trail.audited import AuditedAdmin
from apps.trail.refusals import RefusalsAsMessages

# What is done while it lasts and after, and in which part of the page its button is.
PLACES: dict[str, tuple[str, ...]] = {
    "public": ("publish", "decline", "unpublish"),
    "people": ("assign",),
    "components": ("affect",),
    "links": ("link_others",),
    "updates": ("edit_update",),
    "promises": ("snooze",),
}
MOST_SHOWN = 3


@admin.register(Incident)
class IncidentAdmin(Steps, Publishing, Snoozing, RefusalsAsMessages, AuditedAdmin):
    """Incidents in Crashbot's order. They move by steps alone, along the table in states.py."""

    refusal = IncidentError

    # list
    list_display = ("asked", "state_label", "severity_label", "audience_label", "whose", "affects", "aged")
    list_display_links = ("asked",)
    list_select_related = RELATED
    list_filter = (
        OverFilter,
        PublicFilter,
        MineFilter,
        ("status", ChoicesDropdownFilter),
        ("severity", ChoicesDropdownFilter),
        ("level", ChoicesDropdownFilter),
        ComponentFilter,
        BeganFilter,
    )
    list_filter_submit = True
    list_fullwidth = True
    search_fields = ("title",)
    search_help_text = "INC-7, a ticket's or request's number, or words of it"
    paginator = BoundedPaginator
    show_facets = admin.ShowFacets.NEVER
    actions = None

    # form
    form = IncidentForm
    fieldsets = ((None, {"fields": ("title", "severity", "description", "reported_at", ("point", "contact"), "lead")}),)
    over_fieldsets = (
        (
            None,
            {
                "fields": (
                    "title",
                    "severity",
                    "description",
                    "reported_at",
                    "closed_at",
                    ("point", "contact"),
                    "lead",
                )
            },
        ),
    )
    add_fieldsets = (
        (None, {"fields": ("title", "severity", "description", "token")}),
        ("What is said of it", {"fields": ("public_text", "at_once", "internal_note")}),
        ("What it affects", {"fields": ("components",)}),
        ("More", {"fields": ("reported_at", ("point", "contact"), "lead", ("tickets", "rfhs"))}),
    )
    autocomplete_fields = ("point", "contact", "lead", "tickets", "rfhs")
    change_form_template = "admin/incidents/incident/change_form.html"

    # behaviour
    guards_unseen = False
    tells_stories = False
    actions_detail: ClassVar[list[str]] = [*ACTIONS.values(), *(name for names in PLACES.values() for name in names)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incident]:
        incidents: QuerySet[Incident] = super().get_queryset(request)
        changes = ImpactChange.objects.select_related("component").order_by("component_id", "since", "pk")
        return incidents.defer("search").prefetch_related(Prefetch("impacts", changes, to_attr="did"))

    def get_ordering(self, request: HttpRequest) -> Any:
        return order()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Incident], search_term: str
    ) -> tuple[QuerySet[Incident], bool]:
        return search(queryset, search_term), False

    # --- columns

    @display(description="Incident", ordering="reported_at", header=True)
    def asked(self, incident: Incident) -> list[Any]:
        return [incident.title, f"{incident}, declared by {incident.declared_by}"]

    @display(
        description="State",
        ordering="status",
        label={
            "Investigating": "danger",
            "Identified": "warning",
            "Monitoring": "info",
            "Resolved": "success",
            "Invalid": "default",
        },
    )
    def state_label(self, incident: Incident) -> str:
        return incident.get_status_display()

    @display(
        description="Severity",
        ordering="severity",
        label={"sev-1 · L1": "danger", "sev-2 · L2": "danger", "sev-3 · L3": "warning"},
    )
    def severity_label(self, incident: Incident) -> str:
        return f"{incident.severity} · {incident.level}"

    @display(
        description="Who reads it",
        ordering="published_at",
        label={"Public": "success", "Waits for approval": "warning", "Among ourselves": "default"},
    )
    def audience_label(self, incident: Incident) -> str:
        if incident.awaiting_since:
            return "Waits for approval"
        return "Public" if incident.is_public else "Among ourselves"

    @display(description="Point and contact")
    def whose(self, incident: Incident) -> str:
        contact = f"contact: {incident.contact}" if incident.contact else "no contact"
        return format_html('{}<br><span class="portal-quiet">{}</span>', incident.point or "Nobody yet", contact)

    @display(description="Affects", empty_value="–")
    def affects(self, incident: Incident) -> str | None:
        changes: list[ImpactChange] = getattr(incident, "did", [])
        if incident.is_over:
            names = dict.fromkeys(change.component.name for change in changes)
        else:
            latest = {change.component.name: change.status for change in changes}
            names = dict.fromkeys(name for name, status in latest.items() if status != Component.Status.OPERATIONAL)
        more = f" and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
        return ", ".join(list(names)[:MOST_SHOWN]) + more or None

    @display(description="Age", ordering="reported_at")
    def aged(self, incident: Incident) -> str:
        now = timezone.now()
        if incident.closed_at:
            took = moments.rough(incident.closed_at - incident.reported_at)
            return format_html("Took {}, over {}", took, moments.ago(incident.closed_at, now))
        lasts = moments.rough(now - incident.reported_at)
        return format_html("{}, last word {}", lasts, moments.ago(incident.updated_at, now))

    # --- who may

    def has_work_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Whether they may do any of the steps; which are legal is another question, which a dialog answers."""
        return rights.may_change(request.user)  # type: ignore[arg-type]

    def has_publish_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Whether they decide what the public reads, and close."""
        return self.has_work_permission(request) and rights.may_publish(Acting(request.user))  # type: ignore[arg-type]

    # --- buttons

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """The head of the page holds what leads on; the rest is on the page."""
        incident = self.get_object(request, str(object_id))
        wanted = [name for name in self._legal(request, incident) if name in MAIN] if incident else []
        allowed = super().get_actions_detail(request, object_id)
        return [each for each in allowed if each.action_name.removeprefix("incidents_incident_") in wanted]

    def _legal(self, request: HttpRequest, incident: Incident) -> list[str]:
        """What leads on first. An incident is acknowledged once, and gets one channel."""
        steps = legal(incident.at)
        names = [name for step, name in ACTIONS.items() if step in steps]
        if incident.acknowledged_at:
            names = [name for name in names if name != "acknowledge"]
        if incident.slack_channel or incident.channel_asked_at:
            names = [name for name in names if name != "open_channel"]
        publishes = self.has_publish_permission(request)
        return [name for name in names if publishes or name not in THEIRS]

    def _buttons(self, request: HttpRequest, incident: Incident) -> dict[str, Any]:
        """What may be done now: what leads on, what leads aside, and what moves nothing."""
        if not self.has_work_permission(request):
            return {}
        names = self._legal(request, incident)
        publishes = self.has_publish_permission(request)
        groups = {place: list(found) for place, found in PLACES.items()}
        groups["public"] = possible_with_the_public(incident) if publishes else []
        groups["promises"] = possible_with_reminders(incident)
        groups["main"] = [name for name in names if name in MAIN]
        groups["state"] = [name for name in names if name not in MAIN]
        if incident.is_over:
            groups["components"] = []
        return {place: buttons_of(self, found, incident) for place, found in groups.items()}

    # --- declaring, and saving, always by a service

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        return self.over_fieldsets if obj.closed_at and self.has_publish_permission(request) else self.fieldsets

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return super().get_form(request, obj, **kwargs)
        # Fields that are no columns are the forms' own, so the columns are theirs to say, too.
        wanted = {**kwargs, "form": IncidentForm if obj else DeclareForm, "fields": None}
        form = super().get_form(request, obj, **wanted)
        return type(form.__name__, (form,), {"publishes": self.has_publish_permission(request)})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """About the ticket or request whose page the button was on."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        initial.pop("ticket", None)
        initial.pop("rfh", None)
        if number := request.GET.get("ticket", "").replace("\x00", ""):
            ticket = Ticket.objects.filter(number=number[:64]).first()
            if ticket is not None:
                initial |= {"tickets": [ticket.pk], "title": initial.get("title") or ticket.subject}
        if (number := request.GET.get("rfh", "")).isdecimal() and len(number) < 19:
            rfh = RFH.objects.filter(pk=number).select_related("ticket").first()
            if rfh is not None:
                initial |= {"rfhs": [rfh.pk], "title": initial.get("title") or rfh.summary}
                if rfh.ticket:
                    initial["tickets"] = [rfh.ticket.pk]
        return initial

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by, now = Acting(request.user), timezone.now()  # type: ignore[arg-type]
        if change:
            incident = find(obj.pk)
            services.change(incident, form.changes, by=by, now=now)
            if incident.awaiting_since == now:
                messages.info(request, "What the public would read of it waits for a manager or lead.")
            return
        incident, fresh = services.declare(**form.declared(request, now), by=by, now=now)
        obj.pk = incident.pk
        obj._state.adding = False
        obj.refresh_from_db()
        obj.is_new = fresh

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The services have saved and recorded what belongs to it."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The trail tells it."""

    def response_add(self, request: HttpRequest, obj: Incident, post_url_continue: str | None = None) -> HttpResponse:
        told = "The public reads it." if obj.is_public else "The public does not read it."
        if obj.awaiting_since:
            told = "What you wrote to the public waits for a manager or lead."
        if getattr(obj, "is_new", True):
            messages.success(request, f"{obj} is declared. {told}")
        else:
            # A second press, or somebody went back and typed something else.
            said = f"{obj} was declared by this form before: it is as it was. Begin a new one if need be."
            messages.warning(request, said)
        return HttpResponseRedirect(reverse("admin:incidents_incident_change", args=[obj.pk]))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": "Declare an incident", "show_save_and_add_another": False, "show_save_and_continue": False}
        response: HttpResponse = super().add_view(request, form_url, {**(extra_context or {}), **context})
        return response

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        incident = self.get_object(request, object_id) if object_id.isdecimal() and len(object_id) < 19 else None
        if incident is not None and self.has_view_permission(request, incident):
            newest_first = request.GET.get("story") != "oldest"
            extra_context = {
                **(extra_context or {}),
                **page_of(incident, request.user, newest_first=newest_first, now=timezone.now()),
                "rendered": _rendered(incident),
                "buttons": self._buttons(request, incident),
                "show_save_and_add_another": False,
            }
        response: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return response


def _rendered(incident: Incident) -> dict[int, SafeString]:
    """What the public reads, or would, by update: as it reads it."""
    return {each.pk: SafeString(render(each.public_text)) for each in incident.updates.exclude(public_text="")}
