"""Tickets in the admin: the list, the page with its story, and what one does there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from apps.dashboard import dialogs, moments
from apps.dashboard.ticket_page import latest_clock, page_of, state_of_promise
from apps.escalations import services as escalations
from apps.escalations.errors import EscalationError
from apps.escalations.models import Check, Clock
from apps.people.models import Agent, Customer
from apps.rfhs.rights import may_begin
from apps.sla.durations import spell
from apps.tickets import services
from apps.tickets.errors import TicketError
from apps.tickets.forms import EndForm, ReplyForm, SnoozeForm, TicketForm
from apps.tickets.listing import BoundedPaginator, DueFilter, PlanFilter, PolicyFilter, TicketList
from apps.tickets.models import Ticket
from apps.tickets.searching import search
from apps.trail.audited import AuditedAdmin
from apps.trail.refusals import RefusalsAsMessages

SNOOZE = timedelta(minutes=30)
MOST_AT_ONCE = 200


@admin.register(Ticket)
class TicketAdmin(RefusalsAsMessages, AuditedAdmin):
    """Tickets. Status moves by actions alone; every change goes through tickets' services."""

    refusal = TicketError

    # list
    list_display = ("ticket", "customer", "plan", "severity_label", "status_label", "policy", "due", "next_check")
    list_display_links = ("ticket",)
    list_select_related = ("customer", "plan")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("severity", ChoicesDropdownFilter),
        PlanFilter,
        PolicyFilter,
        DueFilter,
    )
    list_filter_submit = True
    list_fullwidth = True
    list_before_template = "admin/tickets/ticket/list_before.html"
    search_fields = ("number",)
    search_help_text = "A number, or words of the subject or of the customer's name"
    paginator = BoundedPaginator
    # A count beside every choice of every filter would read the table once for each.
    show_facets = admin.ShowFacets.NEVER
    list_disable_select_all = True
    ordering = ("-opened_at",)

    # form
    form = TicketForm
    fieldsets = (
        (None, {"fields": ("subject", ("customer", "plan"), ("severity", "type"))}),
        ("Where it lives", {"fields": (("channel", "thread_ts"), "url")}),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("number", "subject", ("customer", "plan"), ("severity", "type"), "opened_at", "really_then")},
        ),
        ("Where it lives", {"fields": (("channel", "thread_ts"), "url")}),
    )
    change_form_template = "admin/tickets/ticket/change_form.html"

    # behaviour
    guards_unseen = False
    tells_stories = False
    actions = ("reply_to_all", "snooze_all", "solve_all", "close_all")
    actions_row: ClassVar[list[str]] = ["reply", "snooze", "end"]
    actions_detail: ClassVar[list[str]] = ["reply", "snooze", "end", "ask_for_help"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        waiting = Check.objects.filter(state=Check.State.WAITING).order_by("due_at")
        clocks = Clock.objects.order_by("-started_at").prefetch_related(Prefetch("checks", waiting))
        tickets: QuerySet[Ticket] = super().get_queryset(request)
        return tickets.defer("search").prefetch_related(Prefetch("clocks", clocks))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[TicketList]:
        return TicketList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Ticket], search_term: str
    ) -> tuple[QuerySet[Ticket], bool]:
        return search(queryset, search_term), False

    def get_autocomplete_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("customer",) if self.admin_site.is_registered(Customer) else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"opened_at": timezone.now(), **super().get_changeform_initial_data(request)}

    # --- columns

    @display(description="Ticket", ordering="opened_at", header=True)
    def ticket(self, ticket: Ticket) -> list[Any]:
        return [ticket.number, ticket.subject or "No subject yet"]

    @display(
        description="Severity",
        ordering="severity",
        label={"Urgent": "danger", "High": "warning", "Normal": "info"},
    )
    def severity_label(self, ticket: Ticket) -> str:
        return ticket.get_severity_display()

    @display(
        description="Status",
        ordering="status",
        label={"New": "primary", "Open": "info", "Solved": "success"},
    )
    def status_label(self, ticket: Ticket) -> str:
        return ticket.get_status_display()

    @display(description="Policy", empty_value="No promise")
    def policy(self, ticket: Ticket) -> str | None:
        clock = latest_clock(ticket)
        return clock.policy_name if clock else None

    @display(description="Due", ordering="running_due")
    def due(self, ticket: Ticket) -> str:
        return state_of_promise(latest_clock(ticket), timezone.now())

    @display(description="Next check")
    def next_check(self, ticket: Ticket) -> str:
        clock = latest_clock(ticket)
        waiting = list(clock.checks.all()) if clock and clock.state == Clock.State.RUNNING else []
        if not waiting:
            return "–"
        return format_html("{} · {}", moments.countdown(waiting[0].due_at, timezone.now()), f"tier {waiting[0].tier}")

    # --- saving, always by a service

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        now = timezone.now()
        if change:
            services.change_ticket(services.find(obj.number), form.changes, now=now)
            return
        data = {name: form.cleaned_data[name] for name in (*services.FILLABLE, "number", "opened_at")}
        ticket, opened = services.open_ticket(**data, origin=Ticket.Origin.WEB, now=now)
        obj.pk = ticket.pk
        obj._state.adding = False
        if not opened:
            messages.warning(request, f"Ticket {ticket.number} was opened by somebody else a moment ago.")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A ticket's relations are its own columns; the service has saved and recorded them."""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        ticket = self.get_object(request, object_id)
        if ticket is not None and self.has_view_permission(request, ticket):
            extra_context = {
                **(extra_context or {}),
                **page_of(
                    ticket,
                    request.user,
                    newest_first=request.GET.get("story") != "oldest",
                    now=timezone.now(),
                ),
            }
        response: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return response

    # --- one ticket

    @action(
        description="Record a reply",
        icon="reply",
        permissions=["change"],
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": "Record a reply",
            "description": "An agent's reply stops the promise, by the reply's own time.",
            "form_class": ReplyForm,
            "form_submit_text": "Record",
        },
    )
    def reply(self, request: HttpRequest, form: ReplyForm, object_id: str) -> HttpResponse:
        def record(ticket: Ticket, now: datetime) -> str:
            author = form.cleaned_data["author"]
            new = services.record_reply(ticket, author=author, at=form.at_or(ticket, now), now=now)
            return "The reply is recorded." if new else "That reply was known already."

        return self._do(request, object_id, record)

    @action(
        description="Snooze",
        icon="snooze",
        permissions=["change"],
        dialog={
            "title": "Snooze",
            "description": "Somebody is on it: whoever would hear next hears later.",
            "form_class": SnoozeForm,
            "form_submit_text": "Snooze",
        },
    )
    def snooze(self, request: HttpRequest, form: SnoozeForm, object_id: str) -> HttpResponse:
        def push(ticket: Ticket, now: datetime) -> str:
            return snooze(ticket, form.cleaned_data["by"], request, now)

        return self._do(request, object_id, push)

    @action(
        description="Solve or close",
        icon="check_circle",
        permissions=["change"],
        dialog={
            "title": "Solve or close",
            "description": "A promise that is still unanswered is cancelled, and nobody hears of it again.",
            "form_class": EndForm,
            "form_submit_text": "Yes, end it",
        },
    )
    def end(self, request: HttpRequest, form: EndForm, object_id: str) -> HttpResponse:
        def move(ticket: Ticket, now: datetime) -> str:
            to = form.cleaned_data["to"]
            moved = services.move(ticket, to, now=now)
            return f"{ticket} is {to}." if moved else f"{ticket} was {to} already."

        return self._do(request, object_id, move)

    @action(description="Ask for help", icon="contact_support", permissions=["ask_for_help"])
    def ask_for_help(self, request: HttpRequest, object_id: str) -> HttpResponse:
        ticket = self.get_object(request, object_id)
        if ticket is None:
            raise Http404("There is no such ticket.")
        return HttpResponseRedirect(f"{reverse('rfhs:new')}?{urlencode({'ticket': ticket.number})}")

    def has_ask_for_help_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return isinstance(request.user, Agent) and may_begin(request.user)

    def _do(self, request: HttpRequest, object_id: str, verb: Callable[[Ticket, datetime], str]) -> HttpResponse:
        ticket = self.get_object(request, object_id)
        if ticket is None or not self.has_change_permission(request, ticket):
            raise PermissionDenied
        return dialogs.do(
            request,
            lambda: verb(ticket, timezone.now()),
            refusals=(TicketError, EscalationError),
            page=reverse("admin:tickets_ticket_change", args=[ticket.pk]),
        )

    # --- many tickets

    @admin.action(description="Record a reply, now", permissions=["change"])
    def reply_to_all(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> HttpResponse | None:
        def record(ticket: Ticket, now: datetime) -> None:
            services.record_reply(ticket, author="agent", at=now, now=now)

        return self._do_all(
            request, queryset, record, "reply_to_all", "Record that an agent replied, now", "Their promises stop."
        )

    @admin.action(description="Snooze 30 min", permissions=["change"])
    def snooze_all(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> HttpResponse | None:
        def push(ticket: Ticket, now: datetime) -> None:
            snooze(ticket, SNOOZE, request, now)

        return self._do_all(
            request, queryset, push, "snooze_all", "Snooze 30 min", "Whoever would hear next hears 30 min later."
        )

    @admin.action(description="Solve", permissions=["change"])
    def solve_all(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> HttpResponse | None:
        return self._end_all(request, queryset, "solve_all", Ticket.Status.SOLVED)

    @admin.action(description="Close", permissions=["change"])
    def close_all(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> HttpResponse | None:
        return self._end_all(request, queryset, "close_all", Ticket.Status.CLOSED)

    def _end_all(self, request: HttpRequest, queryset: QuerySet[Ticket], name: str, to: str) -> HttpResponse | None:
        def move(ticket: Ticket, now: datetime) -> None:
            services.move(ticket, to, now=now)

        warning = "Promises that are still unanswered are cancelled, and nobody hears of them again."
        return self._do_all(request, queryset, move, name, f"Mark as {to}", warning)

    def _do_all(
        self,
        request: HttpRequest,
        queryset: QuerySet[Ticket],
        verb: Callable[[Ticket, datetime], None],
        name: str,
        title: str,
        warning: str,
    ) -> HttpResponse | None:
        """Ask on a page of its own, then do it ticket by ticket: one that refuses does not hold up the others."""
        tickets = list(queryset.select_related("customer", "plan")[: MOST_AT_ONCE + 1])
        if len(tickets) > MOST_AT_ONCE:
            messages.error(request, f"Choose at most {MOST_AT_ONCE} tickets at once.")
            return None
        if "confirmed" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": title,
                "warning": warning,
                "tickets": tickets,
                "action": name,
                "opts": self.opts,
                "media": self.media,
            }
            return TemplateResponse(request, "admin/tickets/ticket/confirm.html", context)
        now, done, refused = timezone.now(), 0, []
        for ticket in tickets:
            try:
                with transaction.atomic():
                    verb(ticket, now)
                done += 1
            except (TicketError, EscalationError) as refusal:
                refused.append(str(refusal))
        messages.success(request, f"{title}: done for {done} of {len(tickets)}.")
        for sentence in refused[:5]:
            messages.warning(request, sentence)
        if len(refused) > 5:
            messages.warning(request, f"{len(refused) - 5} more were refused.")
        return None


def snooze(ticket: Ticket, by: timedelta, request: HttpRequest, now: datetime) -> str:
    """Push the ticket's checks for the signed-in person; a sentence with the new time."""
    next_at = escalations.snooze(ticket, by=by, key=f"admin/{request.user.pk}/{uuid4()}", now=now)
    if next_at is None:
        return f"{ticket} was snoozed, but every tier has spoken already: only a reply is awaited."
    local = timezone.localtime(next_at)
    return f"Snoozed for {spell(by)}: the next check of {ticket} is at {local:%H:%M} {moments.zone_name(next_at)}."
