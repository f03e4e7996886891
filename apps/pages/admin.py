"""Pages in the admin: which are open, who is paged now, and what one does about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, Prefetch, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from apps.dashboard import dialogs, moments
from apps.dashboard.page_steps import steps_of_team
from apps.escalations.models import Check, Clock
from apps.escalations.paging import role_of
from apps.escalations.steps import steps
from apps.pages import rights, services
from apps.pages.errors import PageError
from apps.pages.forms import ItemForm, PageForm, SureForm
from apps.pages.models import Page, Paged
from apps.pages.selectors import find
from apps.people.acting import Acting
from apps.rfhs import rights as item_rights
from apps.rfhs import services as items
from apps.rfhs.errors import RFHError
from apps.rfhs.models import RFH
from apps.rfhs.selectors import whose
from apps.trail.audited import AuditedAdmin
from apps.trail.selectors import story

STORY_LENGTH = 200
State = Page.State


@admin.register(Page)
class PageAdmin(AuditedAdmin):
    """Pages, open ones first. Sending is adding; the state moves by actions alone."""

    # list
    list_display = ("what", "team", "urgency_label", "state_label", "paged_now", "since", "next_step")
    list_display_links = ("what",)
    list_select_related = ("team", "owner")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("team", RelatedDropdownFilter),
        ("urgency", ChoicesDropdownFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    search_fields = ("subject", "message", "team__name", "team__slug", "owner__first_name", "owner__last_name")
    search_help_text = "Words of the message, a team, or who owns it"
    show_facets = admin.ShowFacets.NEVER
    actions = None

    # form
    form = PageForm
    fieldsets = ((None, {"fields": ("team", "urgency", "subject", "message")}),)
    add_fieldsets = (
        (
            None,
            {
                "description": "Whoever is on duty for the team is told at once, and then the next, until somebody "
                "acknowledges.",
                "fields": ("team", "urgency", "subject", "message"),
            },
        ),
    )
    change_form_template = "admin/pages/page/change_form.html"

    # behaviour
    tells_stories = False
    guards_unseen = False
    warn_unsaved_form = False
    actions_detail: ClassVar[list[str]] = ["acknowledge", "pass_on", "ask_to_join", "resolve", "make_item"]
    actions_row: ClassVar[list[str]] = ["acknowledge", "resolve"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets if obj else self.add_fieldsets

    def get_queryset(self, request: HttpRequest) -> QuerySet[Page]:
        waiting = Check.objects.filter(state=Check.State.WAITING).order_by("due_at")
        running = Clock.objects.filter(state=Clock.State.RUNNING).prefetch_related(Prefetch("checks", waiting))
        told = Paged.objects.select_related("agent").order_by("-at", "-pk")
        pages: QuerySet[Page] = super().get_queryset(request)
        return pages.prefetch_related(Prefetch("clocks", running), Prefetch("paged", told))

    def get_ordering(self, request: HttpRequest) -> Any:
        """What is open first, then what somebody is at, then what is over; of these the urgent, then the newest."""
        rank = Case(
            When(state=State.OPEN, then=Value(0)),
            When(state=State.ACKNOWLEDGED, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
        return [rank, "urgency", "-opened_at", "-pk"]

    # --- columns

    @display(description="Page", ordering="opened_at", header=True)
    def what(self, page: Page) -> list[Any]:
        return [page.title, f"{page}, by {page.opened_by}" if page.opened_by else str(page)]

    @display(description="Urgency", ordering="urgency", label={"High": "danger", "Low": "info"})
    def urgency_label(self, page: Page) -> str:
        return page.get_urgency_display()

    @display(
        description="State",
        ordering="state",
        label={"Open": "danger", "Acknowledged": "warning", "Resolved": "success"},
    )
    def state_label(self, page: Page) -> str:
        return page.get_state_display()

    @display(description="Paged now")
    def paged_now(self, page: Page) -> str:
        if page.state != State.OPEN:
            return f"{page.owner or page.acknowledged_by or 'Nobody'} has it" if page.state != State.RESOLVED else "–"
        rows = list(page.paged.all())
        latest = [row for row in rows if row.step == rows[0].step] if rows else []
        if not latest:
            return "Nobody yet"
        return format_html_join(", ", "{}{}", ((row, f" ({row.role})" if row.role else "") for row in latest))

    @display(description="Since")
    def since(self, page: Page) -> str:
        rows = list(page.paged.all())
        at = rows[0].at if page.state == State.OPEN and rows else page.resolved_at or page.acknowledged_at
        return moments.moment(at or page.opened_at, timezone.now())

    @display(description="Next step")
    def next_step(self, page: Page) -> str:
        waiting = [check for clock in page.clocks.all() for check in clock.checks.all()]
        if page.state != State.OPEN:
            return "–"
        if not waiting:
            return "Nobody further"
        return format_html(
            "{} · {}", moments.countdown(waiting[0].due_at, timezone.now()), role_of(waiting[0].audience)
        )

    # --- who may

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody edits a page that is sent; what is done about it are actions."""
        return False

    def has_acknowledge_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may_act(request, object_id, State.OPEN)

    def has_pass_on_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may_act(request, object_id, State.OPEN)

    def has_ask_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may_act(request, object_id, State.OPEN, State.ACKNOWLEDGED)

    def has_resolve_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may_act(request, object_id, State.OPEN, State.ACKNOWLEDGED)

    def has_item_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Whoever may ask for help, once a page: after that the page shows its item."""
        if not item_rights.may_begin(request.user) or not self.has_view_permission(request):  # type: ignore[arg-type]
            return False
        if object_id is None:
            return True
        return object_id.isdecimal() and not RFH.objects.filter(source_key=f"page:{object_id}").exists()

    def _may_act(self, request: HttpRequest, object_id: str | None, *states: str) -> bool:
        """Whether the button is there; on the list, whose rows share their buttons, for whoever may see pages."""
        if object_id is None:
            return bool(self.has_view_permission(request))
        try:
            page = find(object_id)
        except PageError:
            return False
        return page.state in states and rights.may_act(request.user, page, now=timezone.now())  # type: ignore[arg-type]

    # --- sending

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        said = form.cleaned_data
        page, _ = services.open_page(
            team=said["team"],
            message=said["message"],
            subject=said["subject"],
            urgency=said["urgency"],
            origin=Page.Origin.WEB,
            by=str(request.user),
            now=timezone.now(),
        )
        obj.pk = page.pk
        obj._state.adding = False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A page is its own columns; the service has saved and recorded them."""

    def response_add(self, request: HttpRequest, obj: Page, post_url_continue: str | None = None) -> HttpResponse:
        messages.success(request, f"{obj.team} is paged.")
        return dialogs.leave(request, reverse("admin:pages_page_change", args=[obj.pk]))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        page = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if page is not None and self.has_view_permission(request, page):
            now = timezone.now()
            context |= {
                "shown": page,
                "may_acknowledge": self.has_acknowledge_permission(request, object_id),
                "steps": steps(page, now=now),
                "team_steps": steps_of_team(page.team, request.user),  # type: ignore[arg-type]
                "item": RFH.objects.filter(source_key=page.stream).select_related("owner").first(),
                "policy_name": Clock.objects.filter(page=page).values_list("policy_name", flat=True).first(),
                "newest_first": True,
                "story": story(page.stream, newest_first=True, limit=STORY_LENGTH),
                "title": f"{page}: {page.title}",
                "subtitle": None,
            }
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    # --- one page

    @action(
        description="Acknowledge",
        icon="front_hand",
        permissions=["acknowledge"],
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": "Acknowledge",
            "description": "You act on it now: it is yours, and nobody further is told.",
            "form_class": SureForm,
            "form_submit_text": "Yes, it is mine",
        },
    )
    def acknowledge(self, request: HttpRequest, form: SureForm, object_id: str) -> HttpResponse:
        def deed(page: Page, by: Acting, now: datetime) -> str:
            services.acknowledge(page, by=by, now=now)
            return f"{page} is yours."

        return self._do(request, object_id, deed)

    @action(
        description="Not mine, next please",
        icon="redo",
        permissions=["pass_on"],
        dialog={
            "title": "Not mine, next please",
            "description": "The next step speaks at once, instead of when its time comes.",
            "form_class": SureForm,
            "form_submit_text": "Yes, tell the next",
        },
    )
    def pass_on(self, request: HttpRequest, form: SureForm, object_id: str) -> HttpResponse:
        def deed(page: Page, by: Acting, now: datetime) -> str:
            services.pass_on(page, by=by, now=now)
            return f"{page}: the next is told now."

        return self._do(request, object_id, deed)

    @action(
        description="Ask the backup to join",
        icon="group_add",
        permissions=["ask"],
        dialog={
            "title": "Ask the backup to join",
            "description": "Whoever is on duty after you is told. The page stays yours; an open one becomes yours.",
            "form_class": SureForm,
            "form_submit_text": "Yes, ask",
        },
    )
    def ask_to_join(self, request: HttpRequest, form: SureForm, object_id: str) -> HttpResponse:
        def deed(page: Page, by: Acting, now: datetime) -> str:
            return f"{', '.join(services.ask_to_join(page, by=by, now=now))} was asked to join."

        return self._do(request, object_id, deed)

    @action(
        description="Resolve",
        icon="check_circle",
        permissions=["resolve"],
        dialog={
            "title": "Resolve",
            "description": "What the page called for is done, and nobody needs to act any more.",
            "form_class": SureForm,
            "form_submit_text": "Yes, it is done",
        },
    )
    def resolve(self, request: HttpRequest, form: SureForm, object_id: str) -> HttpResponse:
        def deed(page: Page, by: Acting, now: datetime) -> str:
            services.resolve(page, by=by, now=now)
            return f"{page} is resolved."

        return self._do(request, object_id, deed)

    @action(
        description="Make it an item",
        icon="view_kanban",
        permissions=["item"],
        dialog={
            "title": "Make it an item",
            "description": "The team has it on its board, and the primary on shift owns it. The page stays as it is.",
            "form_class": ItemForm,
            "form_submit_text": "Make the item",
        },
    )
    def make_item(self, request: HttpRequest, form: ItemForm, object_id: str) -> HttpResponse:
        def deed(page: Page, by: Acting, now: datetime) -> str:
            rfh, fresh = items.make_item(
                team=page.team,
                description=page.message,
                source=RFH.Source.PAGE,
                source_key=page.stream,
                by=by,
                now=now,
                **form.item(),
            )
            return whose(rfh) if fresh else f"Somebody made {rfh} of it before you."

        return self._do(request, object_id, deed)

    def _do(self, request: HttpRequest, object_id: str, deed: Callable[[Page, Acting, datetime], str]) -> HttpResponse:
        page = self.get_object(request, object_id)
        if page is None or not self.has_view_permission(request, page):
            raise PermissionDenied
        by = Acting(request.user)  # type: ignore[arg-type]
        return dialogs.do(
            request,
            lambda: deed(page, by, timezone.now()),
            refusals=(PageError, RFHError),
            page=reverse("admin:pages_page_change", args=[page.pk]),
        )
