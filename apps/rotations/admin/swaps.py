"""Swap requests in the admin: to be looked at; what is done about one is done on its own page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from apps.dashboard.moments import moment
from apps.rotations.models import SwapRequest
from apps.trail.audited import AuditedAdmin

State = SwapRequest.State


@admin.register(SwapRequest)
class SwapRequestAdmin(AuditedAdmin):
    """Every request, and what became of it."""

    # list
    list_display = ("what", "start", "end", "asked_of", "in_return", "state_shown", "taken_by", "page")
    list_select_related = ("rotation", "role", "back_role", "person", "to", "taken_by")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("rotation", RelatedDropdownFilter),
        ("person", AutocompleteSelectFilter),
        ("taken_by", AutocompleteSelectFilter),
    )
    list_filter_submit = True
    search_fields = (
        "message", "rotation__name", "person__first_name", "person__last_name", "person__email", "to__first_name",
        "to__last_name", "to__email",
    )  # fmt: skip
    search_help_text = "A person, a rotation or what they said"
    date_hierarchy = "starts_at"
    ordering = ("-asked_at", "-pk")
    list_fullwidth = True
    actions = None

    # --- columns

    @display(description="Request", ordering="person__first_name")
    def what(self, request: SwapRequest) -> str:
        return str(request)

    @display(description="Start", ordering="starts_at")
    def start(self, request: SwapRequest) -> SafeString:
        return moment(request.starts_at, timezone.now())

    @display(description="End", ordering="ends_at")
    def end(self, request: SwapRequest) -> SafeString:
        return moment(request.ends_at, timezone.now())

    @display(description="Asked of", ordering="to__first_name")
    def asked_of(self, request: SwapRequest) -> str:
        return str(request.to or "Anyone in the roster")

    @display(description="In return")
    def in_return(self, request: SwapRequest) -> SafeString | str:
        if not request.in_return:
            return "Nothing"
        return format_html("{}, {}", request.back_role, moment(request.back_starts_at, timezone.now()))

    @display(
        description="State",
        ordering="state",
        label={
            State.OPEN.label: "warning",
            State.TAKEN.label: "success",
            State.DECLINED.label: "default",
            State.WITHDRAWN.label: "default",
            State.EXPIRED.label: "default",
        },
    )
    def state_shown(self, request: SwapRequest) -> str:
        return request.get_state_display()

    @display(description="Its page")
    def page(self, request: SwapRequest) -> SafeString:
        address = reverse("rotations_swaps:swap", args=[request.pk])
        return format_html(
            '<a class="portal-link" href="{}">Look<span class="portal-hidden"> at {}</span></a>', address, request
        )

    # --- who may

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody here: one asks on the pages for it."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: what becomes of it is said by those who are asked."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: it says who asked whom."""
        return False
