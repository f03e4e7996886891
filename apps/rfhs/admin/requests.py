"""Requests for help in the admin: the list, the page with its story, and what one does there."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, Prefetch, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from apps.dashboard import moments
from apps.dashboard.rfh_page import page_of
from apps.dashboard.step_dialogs import buttons_of
from apps.escalations.models import Clock
from apps.people.acting import Acting
from apps.rfhs import rights, services
from apps.rfhs.admin.filters import MineFilter, OverFilter, TeamFilter
from apps.rfhs.admin.forms import RFHForm
from apps.rfhs.admin.publishing import Publishing, may_be_published
from apps.rfhs.admin.steps import ACTIONS, MAIN, Steps
from apps.rfhs.admin.tracking import Tracking
from apps.rfhs.admin.tracking import possible as possible_with_issues
from apps.rfhs.admin.working import Working, possible
from apps.rfhs.errors import RFHError
from apps.rfhs.models import RFH
from apps.rfhs.searching import search
from apps.rfhs.selectors import RELATED, find
from apps.rfhs.states import steps_from
from apps.tickets.listing import BoundedPaginator
from apps.trail.audited import AuditedAdmin
from apps.trail.refusals import RefusalsAsMessages

# What is done while it lasts, and in which part of the page its button is.
PLACES: dict[str, tuple[str, ...]] = {
    "state": ("change_priority", "ask_estimate", "give_estimate", "nudge"),
    "people": (
        "take_over",
        "assign",
        "change_accountable",
        "ask_to_join",
        "answer_join",
        "bring_in",
        "follow",
        "unfollow",
    ),
    "context": ("add_details",),
    "notes": ("post_update",),
    "issues": ("try_issue_again", "link_issue", "publish"),
}


@admin.register(RFH)
class RFHAdmin(Steps, Working, Tracking, Publishing, RefusalsAsMessages, AuditedAdmin):
    """Requests for help, open ones first. The state moves by steps alone, along the table in states.py."""

    refusal = RFHError

    # list
    list_display = (
        "asked",
        "state_label",
        "priority_label",
        "team_named",
        "whose",
        "customer",
        "due",
        "aged",
    )
    list_display_links = ("asked",)
    list_select_related = ("ticket", "customer", "team", "accountable", "owner")
    list_filter = (
        OverFilter,
        MineFilter,
        ("state", ChoicesDropdownFilter),
        TeamFilter,
        ("kind", ChoicesDropdownFilter),
        ("priority", ChoicesDropdownFilter),
        ("level", ChoicesDropdownFilter),
        "set_item",
    )
    list_filter_submit = True
    list_fullwidth = True
    search_fields = ("summary",)
    search_help_text = "RFH-12, a ticket's number, a customer, or words of it and of its answer"
    paginator = BoundedPaginator
    show_facets = admin.ShowFacets.NEVER
    actions = None

    # form
    form = RFHForm
    fieldsets = (
        (None, {"fields": ("summary", "description", ("kind", "timeline"), ("ticket", "customer"))}),
        ("For a Sustained Engineering Team", {"fields": (("level", "bug_class"), "symptoms", "production")}),
    )
    autocomplete_fields = ("ticket", "customer")
    change_form_template = "admin/rfhs/rfh/change_form.html"

    # behaviour
    guards_unseen = False
    tells_stories = False
    actions_detail: ClassVar[list[str]] = [*ACTIONS.values(), *(name for names in PLACES.values() for name in names)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RFH]:
        rfhs: QuerySet[RFH] = super().get_queryset(request)
        running = Clock.objects.filter(state=Clock.State.RUNNING).order_by("due_at", "pk")
        return rfhs.defer("search").prefetch_related(Prefetch("clocks", running))

    def get_ordering(self, request: HttpRequest) -> Any:
        """What is open first, of it the urgent; then the newest."""
        over = Case(When(ended_at=None, then=Value(0)), default=Value(1), output_field=IntegerField())
        urgent = Case(When(ended_at=None, then="priority"), default=Value(""))
        return [over, urgent, "-opened_at", "-pk"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[RFH], search_term: str
    ) -> tuple[QuerySet[RFH], bool]:
        return search(queryset, search_term), False

    # --- columns

    @display(description="Request", ordering="opened_at", header=True)
    def asked(self, rfh: RFH) -> list[Any]:
        about = f"Ticket {rfh.ticket.number}" if rfh.ticket else _without_ticket(rfh)
        return [rfh.summary or "No summary yet", f"{rfh} · {rfh.get_kind_display()} · {about}"]

    @display(
        description="State",
        ordering="state",
        label={
            "Draft": "info",
            "Filed": "danger",
            "Handed over": "danger",
            "Acknowledged": "warning",
            "In progress": "warning",
            "Answered": "primary",
            "Resolved": "success",
        },
    )
    def state_label(self, rfh: RFH) -> str:
        return rfh.get_state_display()

    @display(description="Priority", ordering="priority", label={"P1": "danger", "P2": "info"})
    def priority_label(self, rfh: RFH) -> str:
        return rfh.get_priority_display()

    @display(description="Team", ordering="team__name", empty_value="None yet")
    def team_named(self, rfh: RFH) -> str | None:
        level = f" · {rfh.level}" if rfh.level else ""
        return f"{rfh.team}{level}" if rfh.team else None

    @display(description="Works on it")
    def whose(self, rfh: RFH) -> str:
        accountable = f"{rfh.accountable} is accountable" if rfh.accountable else "nobody is accountable"
        return format_html('{}<br><span class="portal-quiet">{}</span>', rfh.owner or "Nobody yet", accountable)

    @display(description="Owed", empty_value="–")
    def due(self, rfh: RFH) -> str | None:
        clock = next(iter(rfh.clocks.all()), None)
        if clock is None:
            return None
        return format_html("{}: {}", clock.get_promise_display(), moments.countdown(clock.due_at, timezone.now()))

    @display(description="Age", ordering="opened_at")
    def aged(self, rfh: RFH) -> str:
        now = timezone.now()
        if rfh.ended_at:
            took = moments.rough(rfh.ended_at - rfh.opened_at)
            return format_html("Took {}, over {}", took, moments.ago(rfh.ended_at, now))
        return format_html("{}, moved {}", moments.rough(now - rfh.opened_at), moments.ago(rfh.moved_at, now))

    # --- who may

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leads and engineers those of their own teams, and what is theirs."""
        allowed = bool(super().has_change_permission(request, obj))
        return allowed and (obj is None or rights.may_change(request.user, obj))  # type: ignore[arg-type]

    def has_work_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Whether they may do any of the steps; which are legal is another question, which a dialog answers."""
        if object_id is None:
            return bool(self.has_view_permission(request))
        known: dict[str, bool] = request.__dict__.setdefault("_may_work", {})
        if object_id not in known:
            try:
                known[object_id] = rights.may_change(request.user, find(object_id))  # type: ignore[arg-type]
            except RFHError:
                known[object_id] = False
        return known[object_id]

    # --- buttons

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """The head of the page holds what leads on; the rest is on the page."""
        rfh = self.get_object(request, str(object_id))
        wanted = [name for name in self._legal(rfh) if name in MAIN] if rfh else []
        allowed = super().get_actions_detail(request, object_id)
        return [each for each in allowed if each.action_name.removeprefix("rfhs_rfh_") in wanted]

    def _legal(self, rfh: RFH) -> list[str]:
        return [ACTIONS[step] for step in steps_from(rfh.at) if step in ACTIONS]

    def _buttons(self, request: HttpRequest, rfh: RFH) -> dict[str, Any]:
        """What may be done now: what leads on, what leads aside, and what moves nothing."""
        if not self.has_work_permission(request, str(rfh.pk)):
            return {}
        legal, sensible = (
            self._legal(rfh),
            [
                *possible(rfh, request.user.pk),
                *possible_with_issues(rfh),
                *(["publish"] if may_be_published(rfh) else []),
            ],
        )
        groups = {place: [name for name in names if name in sensible] for place, names in PLACES.items()}
        groups["main"] = [name for name in legal if name in MAIN]
        groups["state"] += [name for name in legal if name not in MAIN]
        return {place: buttons_of(self, names, rfh) for place, names in groups.items()}

    # --- saving, always by a service

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        services.change(find(obj.pk), form.changes, by=Acting(request.user), now=timezone.now())  # type: ignore[arg-type]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A request is its own columns; the service has saved and recorded them."""

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A request is begun in the guided form."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("rfhs:new"))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        rfh = RFH.objects.select_related(*RELATED).filter(pk=object_id).first() if object_id.isdecimal() else None
        if rfh is not None and self.has_view_permission(request, rfh):
            newest_first = request.GET.get("story") != "oldest"
            extra_context = {
                **(extra_context or {}),
                **page_of(rfh, request.user, newest_first=newest_first, now=timezone.now()),
                "buttons": self._buttons(request, rfh),
                "show_save_and_add_another": False,
            }
        response: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return response


def _without_ticket(rfh: RFH) -> str:
    """Where it came from when it is about no ticket."""
    return "No ticket" if rfh.source == RFH.Source.TICKET else rfh.get_source_display()
