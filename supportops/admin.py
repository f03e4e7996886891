"""The admin site: its home, the order of its rooms, and one look for every page."""

from __future__ import annotations

from contextlib import nullcontext
from http import HTTPStatus
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.admin import ModelAdmin as DjangoModelAdmin
from django.contrib.auth.views import PasswordChangeView
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.module_loading import import_string
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from apps.trail.audited import AuditedAdmin


class PortalAdminSite(UnfoldAdminSite):
    """Unfold's site; pages of packages, such as django-q2's, wear its look too, and their changes are on the trail."""

    def register(
        self, model_or_iterable: Any, admin_class: type[DjangoModelAdmin[Model]] | None = None, **options: Any
    ) -> None:
        chosen: Any = admin_class or AuditedAdmin
        if not issubclass(chosen, ModelAdmin):
            chosen = type(chosen.__name__, (chosen, AuditedAdmin), {"__module__": chosen.__module__})
        super().register(model_or_iterable, chosen, **options)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        # Nobody is in without the trail telling of it.
        with transaction.atomic() if request.method == "POST" else nullcontext():
            response: HttpResponse = super().login(request, extra_context)
            if request.method == "POST":
                self._tell_of_sign_in(request, came_in=response.status_code == HTTPStatus.FOUND)
        return response

    def _tell_of_sign_in(self, request: HttpRequest, *, came_in: bool) -> None:
        # By name: it needs models, which are not there yet when this module is read.
        people = import_module("apps.people.signing_in")
        given = request.POST.get("username", "")
        if came_in and request.user.is_authenticated:
            people.signed_in(request.user, now=timezone.now())
        elif given and request.POST.get("password"):
            people.sign_in_failed(given, address=request.META.get("REMOTE_ADDR", ""), now=timezone.now())

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        who, was_in = request.user, request.user.is_authenticated
        response: HttpResponse = super().logout(request, extra_context)
        if was_in and not request.user.is_authenticated:
            import_module("apps.people.signing_in").signed_out(who, now=timezone.now())
        return response

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        # Unfold's, but with a form that puts the change on the trail.
        view = PasswordChangeView.as_view(
            form_class=import_string("apps.people.forms.OwnPasswordForm"),
            success_url=reverse_lazy(f"{self.name}:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        request.current_app = self.name  # type: ignore[attr-defined]
        return view(request)


def home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the home page shows."""
    return {**context, **import_string("apps.dashboard.views.home")(request)}


def environment(request: HttpRequest) -> list[str] | None:
    """The label in the header: nobody should mistake the demo for the real thing."""
    return ["Demo", "warning"] if settings.DEMO else None


def account_links(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu under one's own name."""
    return [{"title": "Your profile", "link": reverse_lazy("profile")}]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The rooms, in the order of a day's work; each shows to those who may enter."""

    def item(title: str, icon: str, model: str) -> dict[str, Any]:
        app, name = model.split(".")
        return {
            "title": title,
            "icon": icon,
            "link": reverse_lazy(f"admin:{app}_{name}_changelist"),
            "permission": lambda request: request.user.has_perm(f"{app}.view_{name}"),
        }

    audit = {
        "title": "Audit log",
        "icon": "policy",
        "link": reverse_lazy("trail_audit"),
        "permission": lambda request: request.user.has_perm("trail.view_storedevent"),
        # Its types are chosen on a page of the admin.
        "active": lambda request: "/trail/audit" in request.path,
    }
    demo = [
        {
            "title": "Slack preview",
            "icon": "forum",
            "link": reverse_lazy("slack_preview"),
        }
    ]
    return [
        {
            "items": [
                {"title": "Home", "icon": "home", "link": reverse_lazy("admin:index")},
                item("Tickets", "confirmation_number", "tickets.ticket"),
                item("Requests for help", "support", "rfhs.rfh"),
                {
                    "title": "Board of requests",
                    "icon": "view_kanban",
                    "link": reverse_lazy("rfhs:board"),
                    "permission": lambda request: request.user.has_perm("rfhs.view_rfh"),
                    "active": lambda request: request.path.startswith("/rfhs/board/"),
                },
                {
                    **item("Answers", "school", "rfhs.rfh"),
                    "link": reverse_lazy("rfhs:answers"),
                },
                item("Incidents", "emergency_home", "incidents.incident"),
                item("Pages", "notifications_active", "pages.page"),
                {
                    "title": "On-call board",
                    "icon": "view_timeline",
                    "link": reverse_lazy("rotations_board:board"),
                    "permission": lambda request: request.user.has_perm("rotations.view_rotation"),
                    # Below it are pages that have an entry of their own.
                    "active": lambda request: getattr(request.resolver_match, "app_name", "") == "rotations_board",
                },
                {
                    "title": "Engineering’s help",
                    "icon": "monitoring",
                    "link": reverse_lazy("engineering_help"),
                    "permission": lambda request: request.user.has_perm("rfhs.view_rfh"),
                    "active": lambda request: request.path.startswith("/reports/engineering-help"),
                },
                {
                    "title": "Figures of incidents",
                    "icon": "query_stats",
                    "link": reverse_lazy("incident_figures"),
                    "permission": lambda request: request.user.has_perm("incidents.view_incident"),
                    "active": lambda request: request.path.startswith("/reports/incidents"),
                },
                *(demo if settings.DEMO else []),
            ],
        },
        {
            "title": "Promises",
            "separator": True,
            "items": [
                item("Policies", "handshake", "sla.policy"),
                item("Rotations", "autorenew", "rotations.rotation"),
                {
                    **item("Cycles", "cycle", "rotations.cycle"),
                    "link": reverse_lazy("rotations_cycles:list"),
                    "active": lambda request: request.path.startswith(("/rotations/cycles", "/admin/rotations/cycle")),
                },
                {
                    "title": "Hand-overs",
                    "icon": "move_up",
                    "link": reverse_lazy("rotations_handovers:list"),
                    "permission": lambda request: request.user.has_perm("rotations.view_rotation"),
                },
                item("Overrides", "swap_horiz", "rotations.override"),
                {
                    "title": "Swaps",
                    "icon": "swap_calls",
                    "link": reverse_lazy("rotations_swaps:list"),
                    "permission": lambda request: request.user.has_perm("rotations.view_rotation"),
                    "active": lambda request: request.path.startswith("/rotations/swaps/"),
                    # How many wait for an answer of whoever looks; none shows nothing.
                    "badge": import_string("apps.rotations.swapping.selectors.count_waiting")(
                        request.user, now=timezone.now()
                    ),
                },
                item("Shifts", "schedule", "rotations.shift"),
                {
                    **item("Calendars", "calendar_month", "rotations.calendar"),
                    # The entries have a page of their own.
                    "active": lambda request: request.path.startswith("/admin/rotations/calendar"),
                },
                item("Outbox", "outbox", "notices.notice"),
                {
                    **item("Trail", "history", "trail.storedevent"),
                    "link": reverse_lazy("trail"),
                    # Unfold looks for the link anywhere in the path, and /admin/trail/pattern/ has it.
                    "active": lambda request: request.path.startswith("/trail/") and "/audit/" not in request.path,
                },
                audit,
                item("Seals", "verified_user", "trail.seal"),
                item("Patterns", "rule", "trail.pattern"),
                item("Told to customers", "record_voice_over", "trail.toldtype"),
            ],
        },
        {
            "title": "Status page",
            "separator": True,
            "items": [
                {"title": "Public status page", "icon": "public", "link": reverse_lazy("statuspage:page")},
                item("Maintenance", "engineering", "incidents.maintenance"),
                item("Subscribers", "campaign", "statuspage.subscriber"),
                *([item("Emails", "mail", "statuspage.mail")] if settings.DEMO else []),
                item("Components", "lan", "incidents.component"),
                item("Component groups", "folder_open", "incidents.componentgroup"),
                item("Severities", "signal_cellular_alt", "incidents.severity"),
            ],
        },
        {
            "title": "People",
            "separator": True,
            "items": [
                item("Customers", "apartment", "people.customer"),
                item("Plans", "workspace_premium", "people.plan"),
                item("Agents", "badge", "people.agent"),
                item("Teams", "groups", "people.team"),
                item("Which team answers what", "alt_route", "rfhs.area"),
                item("Owners of alerts", "sell", "rfhs.namedowner"),
                item("Desks", "inbox", "rfhs.desk"),
                item("Named groups", "diversity_3", "people.namedgroup"),
            ],
        },
        {
            "title": "Slack",
            "separator": True,
            "items": [
                item("Watched channels", "visibility", "slack.watchedchannel"),
                item("Messages seen", "mark_chat_read", "slack.slackmessage"),
                item("Channels", "tag", "people.channel"),
                item("User groups", "alternate_email", "people.usergroup"),
            ],
        },
        {
            "title": "Machine room",
            "separator": True,
            "collapsible": True,
            "items": [
                item("API keys", "key", "api.apikey"),
                item("Roles", "shield_person", "auth.group"),
                item("Slack events", "webhook", "slack.slackevent"),
                item("Followers of the trail", "directions_walk", "trail.follower"),
                item("Scheduled jobs", "event_repeat", "django_q.schedule"),
                item("Failed jobs", "error", "django_q.failure"),
                item("Finished jobs", "task_alt", "django_q.success"),
                item("Waiting jobs", "hourglass_top", "django_q.ormq"),
            ],
        },
    ]
