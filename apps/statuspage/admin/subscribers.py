"""Subscribers in the admin: who hears of what, whose endpoint fails, and adding or removing somebody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from apps.dashboard import dialogs
from apps.dashboard.moments import moment
from apps.incidents.choosing import only_choose
from apps.statuspage.errors import SubscribingError
from apps.statuspage.models import Delivery, Subscriber
from apps.statuspage.subscribing import links, services
from apps.statuspage.visible import public_components
from apps.trail.audited import AuditedAdmin

Kind = Subscriber.Kind
LAST = 20
STATES = {
    "hears": ("Hears", Q(confirmed_at__isnull=False, disabled_at=None, failing_since=None)),
    "asked": ("Asked, no yes yet", Q(confirmed_at=None)),
    "failing": ("Failing", Q(failing_since__isnull=False, disabled_at=None)),
    "disabled": ("Disabled", Q(disabled_at__isnull=False)),
}
LABELS = {"Hears": "success", "Asked, no yes yet": "info", "Failing": "warning", "Disabled": "danger"}


class StateFilter(DropdownFilter):  # type: ignore[misc]
    """How it stands with them."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, words) for key, (words, _) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
        found = STATES.get(self.value() or "")
        return queryset.filter(found[1]) if found else queryset


class SubscriberForm(forms.ModelForm):  # type: ignore[type-arg]
    """Somebody to add, or what they hear of."""

    class Meta:
        model = Subscriber
        fields = ("kind", "email", "url", "components")
        widgets = {"components": UnfoldAdminCheckboxSelectMultipleWidget()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whoever only looks has no fields.
        if "components" in self.fields:
            # On nobody's page, so on nobody's choice.
            self.fields["components"].queryset = public_components()  # type: ignore[attr-defined]
            only_choose(self.fields["components"])
        if "email" in self.fields:
            self.fields[
                "email"
            ].help_text = "They are asked by email whether they want it. For a webhook: whom to tell when it fails."
            self.fields["url"].help_text = "Only for a webhook; it is called from now on. It begins with https://."

    @property
    def chosen(self) -> list[str]:
        """The components as the service takes them."""
        return [each.public_id for each in self.cleaned_data["components"]]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors or self.instance.pk:
            return said
        try:
            services.check(said["kind"], email=said["email"], url=said["url"])
        except SubscribingError as refused:
            for field, sentences in getattr(refused, "errors", {"": [str(refused)]}).items():
                self.add_error(field or None, sentences)
        return said

    def validate_unique(self) -> None:
        """Who is there already is told so by email, by the service."""

    def validate_constraints(self) -> None:
        """The service says it beside the field."""


@admin.register(Subscriber)
class SubscriberAdmin(AuditedAdmin):
    """Subscribers, the newest first."""

    # list
    list_display = ("address", "kind_label", "state_label", "hears_of", "since")
    list_display_links = ("address",)
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        StateFilter,
        ("components", RelatedDropdownFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    search_fields = ("email", "url")
    search_help_text = "An email, or a webhook’s address"
    show_facets = admin.ShowFacets.NEVER
    actions = None

    # form
    form = SubscriberForm
    readonly_fields = ("state_label", "asked", "since", "failing", "trouble_said", "secret", "last")

    # behaviour
    actions_detail: ClassVar[list[str]] = ["enable", "ask_again", "remove"]

    def get_fieldsets(self, request: HttpRequest, obj: Subscriber | None = None) -> Any:
        if obj is None:
            return ((None, {"fields": ("kind", "email", "url", "components")}),)
        webhook = ("url", "email", "secret") if obj.kind == Kind.WEBHOOK else ("email",)
        shown = webhook if self.has_change_permission(request, obj) else tuple(n for n in webhook if n != "secret")
        return (
            (None, {"fields": ("state_label", *shown, "components")}),
            ("What became of it", {"fields": (("asked", "since"), ("failing", "trouble_said"), "last")}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Subscriber | None = None) -> Any:
        return (*self.readonly_fields, *(("kind", "email", "url") if obj else ()))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscriber]:
        rows: QuerySet[Subscriber] = super().get_queryset(request)
        return rows.prefetch_related("components")

    # --- columns

    @display(description="Subscriber", ordering="email")
    def address(self, row: Subscriber) -> str:
        return str(row)

    @display(description="By", ordering="kind")
    def kind_label(self, row: Subscriber) -> str:
        return row.get_kind_display()

    @display(description="State", label=LABELS)
    def state_label(self, row: Subscriber) -> str:
        if row.disabled_at:
            return STATES["disabled"][0]
        if row.confirmed_at is None:
            return STATES["asked"][0]
        return STATES["failing" if row.failing_since else "hears"][0]

    @display(description="Hears of")
    def hears_of(self, row: Subscriber) -> str:
        return ", ".join(each.name for each in row.components.all()) or "Everything"

    @display(description="Subscribed", ordering="confirmed_at")
    def since(self, row: Subscriber) -> SafeString | str:
        return moment(row.confirmed_at, timezone.now()) if row.confirmed_at else "Not yet"

    @display(description="Asked")
    def asked(self, row: Subscriber) -> SafeString:
        return moment(row.asked_at, timezone.now())

    @display(description="Failing since")
    def failing(self, row: Subscriber) -> SafeString | str:
        return moment(row.failing_since, timezone.now()) if row.failing_since else "It does not fail"

    @display(description="The last failure")
    def trouble_said(self, row: Subscriber) -> str:
        return row.trouble or "None"

    @display(description="Secret its messages are signed with")
    def secret(self, row: Subscriber) -> SafeString:
        # Cut anywhere: it has no words, and a phone no room.
        return format_html('<code style="overflow-wrap: anywhere">{}</code>', links.secret_of(row))

    @display(description="The last messages")
    def last(self, row: Subscriber) -> SafeString | str:
        rows = row.deliveries.select_related("announcement").order_by("-pk")[:LAST]
        lines = ((_when(each), each.get_state_display(), _what(each), each.error) for each in rows)
        return format_html_join("", "<p>{} · <strong>{}</strong> · {} {}</p>", lines) or "None yet"

    # --- who may

    def has_enable_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._if(request, object_id, Q(disabled_at__isnull=False))

    def has_ask_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._if(request, object_id, Q(confirmed_at=None))

    def has_remove_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._if(request, object_id, Q())

    def _if(self, request: HttpRequest, object_id: Any, wanted: Q) -> bool:
        if not self.has_change_permission(request):
            return False
        key = str(object_id)
        return object_id is None or (key.isdecimal() and Subscriber.objects.filter(wanted, pk=key[:18]).exists())

    # --- saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        now, by = timezone.now(), str(request.user)
        if change:
            services.choose(Subscriber.objects.get(pk=obj.pk), form.chosen, now=now, by=by)
            return
        said = form.cleaned_data
        made = services.subscribe(
            said["kind"], email=said["email"], url=said["url"], components=form.chosen, now=now, by=by
        )
        obj.pk = made.pk
        obj._state.adding = False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """All is written, and told, by the service."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.leave(obj, now=timezone.now(), by=str(request.user))

    def response_add(self, request: HttpRequest, obj: Subscriber, post_url_continue: Any = None) -> HttpResponse:
        row = Subscriber.objects.get(pk=obj.pk)
        said = "hears from now on." if row.confirmed_at else "is asked by email, and hears once they say yes."
        messages.success(request, f"{row} {said}")
        return dialogs.leave(request, reverse("admin:statuspage_subscriber_change", args=[row.pk]))

    # --- steps

    @action(
        description="Enable again",
        icon="play_arrow",
        permissions=["enable"],
        dialog={
            "title": "Enable again",
            "description": "Its endpoint is mended: it hears of what happens from now on, not of what it missed.",
            "form_submit_text": "Yes, it is mended",
        },
    )
    def enable(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        def deed(row: Subscriber) -> str:
            services.enable(row, now=timezone.now(), by=str(request.user))
            return f"{row} hears again."

        return self._do(request, object_id, deed)

    @action(
        description="Ask again",
        icon="forward_to_inbox",
        permissions=["ask"],
        dialog={
            "title": "Ask again",
            "description": "Another email asks whether they want it; at most one within ten minutes.",
            "form_submit_text": "Ask again",
        },
    )
    def ask_again(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        def deed(row: Subscriber) -> str:
            asked = services.ask_again(row, now=timezone.now())
            return f"{row.email} is asked again." if asked else f"{row.email} was asked just now. Wait ten minutes."

        return self._do(request, object_id, deed)

    @action(
        description="Remove",
        icon="person_remove",
        permissions=["remove"],
        dialog={
            "title": "Remove the subscriber",
            "description": "They hear no more, and nothing of them is kept. They are not told.",
            "form_submit_text": "Yes, remove",
        },
    )
    def remove(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        row = self._row(request, object_id)
        services.leave(row, now=timezone.now(), by=str(request.user))
        messages.success(request, f"{row} hears no more.")
        address = reverse("admin:statuspage_subscriber_changelist")
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": address})
        return dialogs.leave(request, address)

    def _row(self, request: HttpRequest, object_id: str) -> Subscriber:
        row: Subscriber | None = self.get_object(request, object_id)
        if row is None or not self.has_change_permission(request, row):
            raise PermissionDenied
        return row

    def _do(self, request: HttpRequest, object_id: str, deed: Callable[[Subscriber], str]) -> HttpResponse:
        row = self._row(request, object_id)
        page = reverse("admin:statuspage_subscriber_change", args=[row.pk])
        return dialogs.do(request, lambda: deed(row), refusals=(SubscribingError,), page=page)


def _when(each: Delivery) -> SafeString:
    return moment(each.done_at or each.ready_at, timezone.now())


def _what(each: Delivery) -> str:
    return str(each.announcement) if each.announcement else each.get_what_display()
