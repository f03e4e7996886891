"""The outbox in the admin: what is owed, what was sent, what failed and why; and “send again”."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat, Trim
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from apps.dashboard import blockkit, dialogs, moments
from apps.dashboard.preview import reader
from apps.notices import selectors, services
from apps.notices.errors import NoticesError
from apps.notices.models import Notice
from apps.people.models import Agent, Channel
from apps.trail.audited import AuditedAdmin
from apps.trail.models import StoredEvent

ICONS = {
    Notice.State.WAITING: ("hourglass_top", "portal-soft"),
    Notice.State.SENDING: ("send", "portal-soft"),
    Notice.State.UNSURE: ("help", "portal-warn"),
    Notice.State.SENT: ("check_circle", "portal-good"),
    Notice.State.FOLDED: ("stacks", "portal-soft"),
    Notice.State.OUTDATED: ("event_busy", "portal-soft"),
    Notice.State.FAILED: ("error", "portal-bad"),
}
CHANNELS = 300


class ChannelFilter(DropdownFilter):
    """By a channel people know by name; the outbox itself is never searched for the choices."""

    title = "channel"
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(channel.slack_id, str(channel)) for channel in Channel.objects.all()[:CHANNELS]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        return queryset.filter(channel=self.value()) if self.value() else queryset


@admin.register(Notice)
class NoticeAdmin(AuditedAdmin):
    """Notices. Nobody edits one; what failed is sent again by an action."""

    # list
    list_display = ("summary", "state_label", "to", "because", "created", "what_failed")
    list_display_links = ("summary",)
    list_filter = (("state", ChoicesDropdownFilter), ChannelFilter)
    list_filter_submit = True
    list_fullwidth = True
    list_before_template = "admin/notices/notice/list_before.html"
    search_fields = ("summary", "=about", "=channel")
    search_help_text = "Words of the message, a stream such as ticket:4711, or a channel's Slack id"
    # By the key: a long outbox has no index by time alone.
    ordering = ("-pk",)

    # form
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "summary",
                    ("state_label", "trouble"),
                    ("to", "in_slack"),
                    ("because", "about"),
                    ("created", "sent", "attempts"),
                    "spoken_by",
                )
            },
        ),
        ("What it says", {"fields": ("said", "folded_ones")}),
        ("As Slack gets it", {"classes": ("collapse",), "fields": ("text", "raw_blocks")}),
    )

    # behaviour
    actions = ("send_all_again",)
    actions_row: ClassVar[list[str]] = ["send_again"]
    actions_detail: ClassVar[list[str]] = ["send_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        position = StoredEvent.objects.filter(event_id=OuterRef("event_id")).values("position")[:1]
        named = Channel.objects.filter(slack_id=OuterRef("channel")).values("name")[:1]
        # A message for one person alone names them as its user, a direct one as its channel.
        person = Agent.objects.filter(slack_id__in=(OuterRef("user"), OuterRef("channel")))
        who = person.values_list(Concat("first_name", Value(" "), "last_name"))[:1]
        notices: QuerySet[Notice] = super().get_queryset(request)
        return notices.annotate(
            position=Subquery(position), channel_name=Subquery(named), person_name=Trim(Subquery(who))
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {**(extra_context or {}), "outbox": selectors.health()}
        response: HttpResponse = super().changelist_view(request, context)
        return response

    def get_readonly_fields(self, request: HttpRequest, obj: Notice | None = None) -> list[str]:
        return [
            name
            for _, options in self.fieldsets
            for row in options["fields"]
            for name in ([row] if isinstance(row, str) else row)
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Notice | None = None) -> Any:
        """Without the rows that have nothing to say here."""
        empty = set()
        if obj is None or obj.folded_into_id is None:
            empty.add("spoken_by")
        if obj is None or not obj.folded.exists():
            empty.add("folded_ones")
        return [
            (name, {**options, "fields": tuple(field for field in options["fields"] if field not in empty)})
            for name, options in self.fieldsets
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_resend_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change notices may have them sent again; nobody edits them."""
        return request.user.has_perm("notices.change_notice")

    # --- columns

    @display(description="State", ordering="state")
    def state_label(self, notice: Notice) -> SafeString:
        icon, tone = ICONS[Notice.State(notice.state)]
        said = notice.get_state_display()
        if selectors.not_configured(notice):
            icon, tone, said = "link_off", "portal-soft", "Not configured"
        return format_html(
            '<span class="{} whitespace-nowrap">'
            '<span class="material-symbols-outlined portal-icon" aria-hidden="true">{}</span> {}</span>',
            tone,
            icon,
            said,
        )

    @display(description="To", ordering="recipient")
    def to(self, notice: Notice) -> str:
        return selectors.recipient(
            notice,
            channel_name=getattr(notice, "channel_name", None) or "",
            person_name=getattr(notice, "person_name", None) or "",
        )

    @display(description="Because of")
    def because(self, notice: Notice) -> str:
        position = getattr(notice, "position", None)
        if position is None:
            return "–"
        return format_html(
            '<a class="portal-link" href="{}">event {}</a>', reverse("trail_event", args=[position]), position
        )

    @display(description="Created", ordering="created_at")
    def created(self, notice: Notice) -> SafeString:
        return moments.moment(notice.created_at, timezone.now())

    @display(description="Sent")
    def sent(self, notice: Notice) -> SafeString:
        return moments.moment(notice.sent_at, timezone.now())

    # Why nothing at all is sent is said once above the list, not in every row.
    @display(description="What is wrong")
    def what_failed(self, notice: Notice) -> str:
        return notice.error or "–"

    @display(description="What is wrong")
    def trouble(self, notice: Notice) -> str:
        return selectors.why_it_waits(notice) or "–"

    @display(description="In Slack")
    def in_slack(self, notice: Notice) -> str:
        address = selectors.address_in_slack(notice)
        if not address:
            return "–"
        return format_html('<a class="portal-link" href="{}" rel="noreferrer">Open in Slack</a>', address)

    @display(description="Said in")
    def spoken_by(self, notice: Notice) -> str:
        if notice.folded_into is None:
            return "–"
        address = reverse("admin:notices_notice_change", args=[notice.folded_into_id])
        return format_html('<a class="portal-link" href="{}">{}</a>', address, notice.folded_into)

    @display(description="Message")
    def said(self, notice: Notice) -> str:
        names = reader(now=timezone.now())
        shown = blockkit.pieces(notice.blocks, names)
        return render_to_string(
            "admin/notices/notice/said.html", {"pieces": shown, "text": blockkit.mrkdwn(notice.text, names)}
        )

    @display(description="It spoke for")
    def folded_ones(self, notice: Notice) -> str:
        return render_to_string("admin/notices/notice/folded.html", {"notices": notice.folded.order_by("pk")})

    @display(description="Blocks")
    def raw_blocks(self, notice: Notice) -> SafeString:
        pretty = json.dumps(notice.blocks, indent=2, ensure_ascii=False)
        return format_html('<pre class="portal-code portal-wrap">{}</pre>', pretty)

    # --- sending again

    @action(
        description="Send again",
        icon="replay",
        permissions=["resend"],
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": "Send again",
            "description": "What had failed is tried anew; what was perhaps sent is looked for in Slack first.",
            "form_submit_text": "Send again",
        },
    )
    def send_again(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        notice = self.get_object(request, object_id)
        if notice is None:
            raise PermissionDenied
        self._send(request, [notice.pk])
        return dialogs.leave(request, reverse("admin:notices_notice_change", args=[notice.pk]))

    @admin.action(description="Send again", permissions=["resend"])
    def send_all_again(self, request: HttpRequest, queryset: QuerySet[Notice]) -> HttpResponse | None:
        notices = list(queryset)
        if "confirmed" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": "Send again",
                "notices": notices,
                # A form has room for a thousand fields; there may be more that failed in an outage.
                "across": request.POST.get("select_across") == "1",
                "opts": self.opts,
                "media": self.media,
            }
            return TemplateResponse(request, "admin/notices/notice/send_again.html", context)
        self._send(request, [notice.pk for notice in notices])
        return None

    def _send(self, request: HttpRequest, keys: list[int]) -> None:
        try:
            count = services.send_again(keys, now=timezone.now())
        except NoticesError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{count} message{'' if count == 1 else 's'} will be sent again.")
