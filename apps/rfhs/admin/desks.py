"""How a team takes requests."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from apps.rfhs.models import RFH, Desk
from apps.rfhs.states import WITH_A_TEAM
from apps.trail.audited import AuditedAdmin


class DeskForm(forms.ModelForm):  # type: ignore[type-arg]
    """A desk; one team alone is the Sustained Engineering Team."""

    limit = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=1000,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="More open requests than this show all teams' queues as one ranked list. Empty: never.",
    )
    stuck_after_days = forms.IntegerField(
        min_value=1,
        max_value=365,
        widget=UnfoldAdminIntegerFieldWidget,
        initial=3,
        help_text="No movement for so many days: stuck.",
    )

    class Meta:
        model = Desk
        fields = ("team", "limit", "stuck_after_days", "is_set", "ask_channel")

    def clean_is_set(self) -> bool:
        is_set: bool = self.cleaned_data["is_set"]
        other = Desk.objects.filter(is_set=True).exclude(pk=self.instance.pk).select_related("team").first()
        if is_set and other is not None:
            raise forms.ValidationError(f"{other.team} is that team: take the mark from its desk first.")
        return is_set


@admin.register(Desk)
class DeskAdmin(AuditedAdmin):
    """Desks: a team's limit, what counts as stuck there, and whether it is the SET."""

    list_display = ("team", "open_requests", "limit_or_none", "stuck_after_days", "is_set", "ask_channel")
    list_display_links = ("team",)
    list_select_related = ("team", "ask_channel")
    list_filter = ("is_set",)
    search_fields = ("team__name", "team__slug")
    search_help_text = "A team's name"
    ordering = ("team__name",)
    form = DeskForm
    autocomplete_fields = ("team", "ask_channel")
    fields = ("team", ("limit", "stuck_after_days"), "is_set", "ask_channel")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Desk]:
        waiting = (
            RFH.objects.filter(team=OuterRef("team"), state__in=WITH_A_TEAM)
            .order_by()
            .values("team")
            .annotate(count=Count("pk"))
            .values("count")
        )
        desks: QuerySet[Desk] = super().get_queryset(request)
        return desks.annotate(open_count=Coalesce(Subquery(waiting), 0))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("team",) if obj else ()

    @display(description="Open requests", ordering="open_count")
    def open_requests(self, desk: Desk) -> str:
        count: int = getattr(desk, "open_count", 0)
        return f"{count}, over its limit" if desk.limit and count > desk.limit else str(count)

    @display(description="Limit", ordering="limit", empty_value="None")
    def limit_or_none(self, desk: Desk) -> int | None:
        return desk.limit
