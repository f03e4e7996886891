"""Slack in the admin: watched channels, the messages seen in them, and Slack's events."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from apps.dashboard import moments
from apps.integrations.slack import selectors, services, ticket_messages
from apps.integrations.slack.candidates import instant, ts_of
from apps.integrations.slack.forms import OpenByHandForm, TryForm, WatchedChannelForm, likely_number
from apps.integrations.slack.models import SlackEvent, SlackMessage, WatchedChannel
from apps.integrations.slack.parsing import Unparsed, text_for_pattern
from apps.people.models import Channel
from apps.people.services import channel as known_channel
from apps.sla.durations import spell
from apps.tickets.errors import TicketError
from apps.trail.audited import AuditedAdmin
from apps.trail.managed import saving

DAY = timedelta(days=1)


@admin.register(WatchedChannel)
class WatchedChannelAdmin(AuditedAdmin):
    """Watched channels, with a box to try the pattern in before it is saved."""

    # list
    list_display = ("channel_and_id", "plan_or_none", "horizon_in_words", "last_scan", "state", "tickets_today")
    list_display_links = ("channel_and_id",)
    list_select_related = ("channel", "plan")
    search_fields = ("channel__name", "channel__slack_id")
    search_help_text = "A channel's name or Slack id"

    # form
    form = WatchedChannelForm
    fieldsets = (
        (None, {"fields": (("slack_id", "name"), ("plan", "horizon"), "enabled", "pattern")}),
        ("What the bot sees", {"fields": ("last_scan", "state", "trouble")}),
    )
    readonly_fields = ("last_scan", "state", "trouble")
    change_form_outer_after_template = "admin/slack/watchedchannel/try.html"

    # behaviour
    def get_queryset(self, request: HttpRequest) -> QuerySet[WatchedChannel]:
        # The range of ts is the unique index's; counting by when it was seen would read the whole channel.
        since = ts_of(timezone.now() - DAY)
        seen = (
            SlackMessage.objects.filter(
                channel=OuterRef("channel__slack_id"), ts__gte=since, outcome=SlackMessage.Outcome.TICKET
            )
            .order_by()
            .values("channel")
            .annotate(count=Count("pk"))
            .values("count")
        )
        channels: QuerySet[WatchedChannel] = super().get_queryset(request)
        return channels.annotate(ticket_count=Coalesce(Subquery(seen), 0))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else self.fieldsets[:1]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Coming from /sla-setup, the channel is known already."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        known = Channel.objects.filter(slack_id=initial.get("slack_id", "")).first()
        return {**initial, "name": known.name} if known else initial

    def get_urls(self) -> list[URLPattern]:
        own = path("try/", self.admin_site.admin_view(self.try_pattern), name="slack_watchedchannel_try")
        return [own, *super().get_urls()]

    def save_model(  # type: ignore[override]
        self, request: HttpRequest, obj: WatchedChannel, form: WatchedChannelForm, change: bool
    ) -> None:
        name = form.cleaned_data["name"]
        if not change:
            obj.channel = known_channel(form.cleaned_data["slack_id"], name, now=timezone.now())
        if name and obj.channel.name != name:
            with saving(obj.channel, now=timezone.now()):
                obj.channel.name = name
                obj.channel.save(update_fields=["name"])
        super().save_model(request, obj, form, change)

    def try_pattern(self, request: HttpRequest) -> HttpResponse:
        """What a pasted message would be read as, as a fragment of the page; nothing is kept."""
        if not (self.has_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        form = TryForm(request.POST)
        parsed = form.parsed() if form.is_valid() else Unparsed("Paste a message first.")
        context = {"reason": parsed.reason} if isinstance(parsed, Unparsed) else {"ticket": parsed}
        return TemplateResponse(request, "admin/slack/watchedchannel/try_result.html", context)

    @display(description="Channel", ordering="channel__name", header=True)
    def channel_and_id(self, watched: WatchedChannel) -> list[str]:
        return [str(watched.channel), watched.channel.slack_id]

    # The form's two fields, for those who may only look.
    @display(description="Slack id")
    def slack_id(self, watched: WatchedChannel) -> str:
        return watched.channel.slack_id

    @display(description="Name", empty_value="Not known")
    def name(self, watched: WatchedChannel) -> str | None:
        return watched.channel.name or None

    @display(description="Plan", ordering="plan__position", empty_value="None of its own")
    def plan_or_none(self, watched: WatchedChannel) -> str | None:
        return str(watched.plan) if watched.plan else None

    @display(description="Horizon", ordering="horizon")
    def horizon_in_words(self, watched: WatchedChannel) -> str:
        return spell(watched.horizon)

    @display(description="Last read", ordering="scanned_at")
    def last_scan(self, watched: WatchedChannel) -> str:
        return moments.ago(watched.scanned_at, timezone.now()) if watched.scanned_at else "Never yet"

    @display(
        description="State", label={"Well": "success", "In trouble": "danger", "Not read yet": "info", "Off": "warning"}
    )
    def state(self, watched: WatchedChannel) -> str:
        if not watched.enabled:
            return "Off"
        if watched.error:
            return "In trouble"
        return "Well" if watched.scanned_at else "Not read yet"

    @display(description="Trouble", empty_value="None")
    def trouble(self, watched: WatchedChannel) -> str | None:
        return watched.error or None

    @display(description="Tickets in 24 h", ordering="ticket_count")
    def tickets_today(self, watched: WatchedChannel) -> int:
        count: int = watched.ticket_count  # type: ignore[attr-defined]
        return count


class SeenAdmin(AuditedAdmin):
    """What came from Slack is looked at and acted upon, never edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SlackMessage)
class SlackMessageAdmin(SeenAdmin):
    """Messages that could be tickets, and what became of them."""

    # list
    list_display = ("where", "posted", "outcome_label", "ticket_link", "reason")
    list_display_links = ("where",)
    list_select_related = ("ticket",)
    list_filter = (("outcome", ChoicesDropdownFilter),)
    list_filter_submit = True
    search_fields = ("channel", "ts", "ticket__number")
    search_help_text = "A channel's Slack id, a ts or a ticket's number"

    # form
    fields = ("where", "posted", "outcome_label", "reason", "ticket_link", "text", "raw")
    readonly_fields = fields

    # behaviour
    actions = ("read_again",)
    actions_detail: ClassVar[list[str]] = ["sort_out"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SlackMessage]:
        name = Channel.objects.filter(slack_id=OuterRef("channel")).values("name")[:1]
        seen: QuerySet[SlackMessage] = super().get_queryset(request)
        return seen.annotate(channel_name=Subquery(name))

    def has_open_tickets_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may open tickets may say which ticket a message is."""
        return bool(request.user.has_perm("tickets.add_ticket"))

    @display(description="Channel", ordering="channel")
    def where(self, seen: SlackMessage) -> str:
        name: str | None = seen.channel_name  # type: ignore[attr-defined]
        return f"#{name}" if name else seen.channel

    @display(description="Posted", ordering="ts")
    def posted(self, seen: SlackMessage) -> str:
        return moments.moment(instant(seen.ts), timezone.now())

    @display(
        description="What became of it",
        ordering="outcome",
        label={
            "Opened a ticket": "success",
            "Ticket was known": "info",
            "Not understood": "danger",
            "Older than the channel's horizon": "warning",
        },
    )
    def outcome_label(self, seen: SlackMessage) -> str:
        return seen.get_outcome_display()

    @display(description="Ticket", empty_value="–")
    def ticket_link(self, seen: SlackMessage) -> str | None:
        if seen.ticket is None:
            return None
        page = reverse("admin:tickets_ticket_change", args=[seen.ticket.pk])
        return format_html('<a href="{}">{}</a>', page, seen.ticket)

    @display(description="As the pattern sees it")
    def text(self, seen: SlackMessage) -> SafeString:
        return _preformatted(text_for_pattern(seen.payload))

    @display(description="As Slack sent it")
    def raw(self, seen: SlackMessage) -> SafeString:
        return _preformatted(json.dumps(seen.payload, indent=2, ensure_ascii=False))

    @admin.action(description="Try again", permissions=["open_tickets"])
    def read_again(self, request: HttpRequest, queryset: QuerySet[SlackMessage]) -> None:
        waiting = queryset.filter(outcome=SlackMessage.Outcome.UNPARSED)
        understood = sum(self._read_again(seen) for seen in waiting)
        messages.info(request, f"{understood} of {len(waiting)} are tickets now.")

    @action(
        description="Try again, or open a ticket by hand",
        icon="add_task",
        permissions=["open_tickets"],
        variant=ActionVariant.PRIMARY,
        url_path="sort-out",
    )
    def sort_out(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A page of its own: what changes something is posted."""
        seen = self._seen(request, object_id)
        done = HttpResponseRedirect(reverse("admin:slack_slackmessage_change", args=[seen.pk]))
        if seen.ticket is not None:
            messages.info(request, f"The message is {seen.ticket} already.")
            return done
        if "again" in request.POST:
            if self._read_again(seen):
                messages.success(request, f"The message is {seen.ticket} now.")
                return done
            messages.warning(request, f"Still not a ticket. {seen.reason or 'Its channel is not watched.'}")
            return HttpResponseRedirect(request.path)
        form = OpenByHandForm(request.POST or None, initial={"number": likely_number(seen)})
        if request.method == "POST" and form.is_valid():
            try:
                ticket, ours = ticket_messages.open_by_hand(seen, form.ticket_message(), now=timezone.now())
                if ours:
                    messages.success(request, f"The message is {ticket} now.")
                else:
                    messages.warning(request, f"Somebody else just made the message {ticket}; yours was not opened.")
                return done
            except TicketError as refusal:
                form.add_error(None, str(refusal))
        context = {
            **self.admin_site.each_context(request),
            "title": "Try again, or open a ticket by hand",
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "seen": seen,
            "text": text_for_pattern(seen.payload),
        }
        return TemplateResponse(request, "admin/slack/slackmessage/sort_out.html", context)

    def _seen(self, request: HttpRequest, object_id: str) -> SlackMessage:
        seen = self.get_object(request, object_id)
        if not isinstance(seen, SlackMessage) or not self.has_open_tickets_permission(request):
            raise PermissionDenied
        return seen

    @staticmethod
    def _read_again(seen: SlackMessage) -> bool:
        watched = selectors.watch_of(seen.channel)
        with transaction.atomic():
            locked = SlackMessage.objects.select_for_update().get(pk=seen.pk)
            if watched is None or locked.outcome != SlackMessage.Outcome.UNPARSED:
                return False
            understood = ticket_messages.read_again(locked, watched, now=timezone.now())
        seen.outcome, seen.reason, seen.ticket = locked.outcome, locked.reason, locked.ticket
        return understood


@admin.register(SlackEvent)
class SlackEventAdmin(SeenAdmin):
    """Slack's events as they came; those that failed can be worked again."""

    # list
    list_display = ("event_id", "kind", "received", "state_label", "attempts", "error")
    list_filter = (("state", ChoicesDropdownFilter),)
    list_filter_submit = True
    search_fields = ("event_id", "kind")

    # form
    fields = ("event_id", "kind", "received", "state_label", "attempts", "error", "correlation_id", "raw")
    readonly_fields = fields

    # behaviour
    actions = ("work_again",)

    def has_work_permission(self, request: HttpRequest) -> bool:
        """A matter of the machine room."""
        return bool(request.user.has_perm("slack.change_slackevent"))

    @display(description="Received", ordering="received_at")
    def received(self, event: SlackEvent) -> str:
        return moments.moment(event.received_at, timezone.now())

    @display(description="State", ordering="state", label={"Waiting": "info", "Worked": "success", "Failed": "danger"})
    def state_label(self, event: SlackEvent) -> str:
        return event.get_state_display()

    @display(description="As Slack sent it")
    def raw(self, event: SlackEvent) -> SafeString:
        return _preformatted(json.dumps(event.payload, indent=2, ensure_ascii=False))

    @admin.action(description="Work again", permissions=["work"])
    def work_again(self, request: HttpRequest, queryset: QuerySet[SlackEvent]) -> None:
        messages.info(request, f"{services.work_again(queryset)} failed events will be worked again.")


def _preformatted(text: str) -> SafeString:
    return format_html('<pre class="portal-code portal-wrap">{}</pre>', text)
