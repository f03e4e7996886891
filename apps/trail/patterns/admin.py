"""Patterns in the admin: support managers keep them, everybody checks by them."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from apps.people.models import Channel
from apps.sla.durations import spell
from apps.sla.fields import DurationField
from apps.trail.audited import AuditedAdmin
from apps.trail.events import in_words
from apps.trail.patterns.forms import TypesField, clean_channel, clean_kind
from apps.trail.patterns.models import Pattern

CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{7,19}")


class PatternForm(forms.ModelForm):  # type: ignore[type-arg]
    """What to look for, in what time, and whom to tell."""

    required = TypesField(
        label="These happened",
        help_text="One type in each box. The same type twice: it happened twice. Save for more boxes.",
    )
    within = DurationField(
        label="Within",
        required=False,
        help_text="The longest time from the first to the last of them, such as 2 h. Empty: any.",
    )
    forbidden = TypesField(label="None of these happened", required=False)

    class Meta:
        model = Pattern
        fields = (
            "name",
            "advice",
            "required",
            "in_order",
            "within",
            "forbidden",
            "forbidden_where",
            "active",
            "watch",
            "watched_kind",
            "channel",
        )
        labels = {"forbidden_where": "Where not"}

    def clean_watched_kind(self) -> str:
        return clean_kind(self.cleaned_data["watched_kind"])

    def clean_channel(self) -> str:
        return clean_channel(self.cleaned_data["channel"], known=known_channel)


def known_channel(name: str) -> bool:
    """Whether a message can be sent there."""
    return bool(CHANNEL_ID.fullmatch(name)) or Channel.objects.filter(Q(slack_id=name) | Q(name=name)).exists()


@admin.register(Pattern)
class PatternAdmin(AuditedAdmin):
    """Patterns. Turning the watch on begins with what happens from then on."""

    # list
    list_display = ("name", "looks_for", "watching", "is_on")
    list_filter = ("active", "watch")
    search_fields = ("name", "advice")
    search_help_text = "A pattern's name, or words of its advice"
    list_fullwidth = True
    actions = None
    actions_list = ("check_a_case",)

    # form
    form = PatternForm
    fieldsets = (
        (None, {"fields": ("name", "advice", "active")}),
        ("What to look for", {"fields": ("required", ("in_order", "within"), "forbidden", "forbidden_where")}),
        (
            "Tell when it happens again",
            {
                "description": "Looked at whenever something of it is recorded; each place it is found is told once.",
                "fields": ("watch", ("watched_kind", "channel")),
            },
        ),
    )

    # behaviour
    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "watched_kind":
            field.help_text = "The kind of story to look in: ticket, customer … Empty: all an event belongs to."
        elif db_field.name == "channel":
            field.help_text = "Its name or its id. Empty: it is only recorded on the trail."
        elif db_field.name == "advice":
            field.widget.attrs["rows"] = 4
        return field

    def save_model(self, request: HttpRequest, obj: Pattern, form: Any, change: bool) -> None:  # type: ignore[override]
        watched = obj.active and obj.watch
        obj.watched_since = (obj.watched_since or timezone.now()) if watched else None
        super().save_model(request, obj, form, change)

    @action(description="Check a case", icon="rule", url_path="check", permissions=["view"])
    def check_a_case(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("trail_patterns"))

    @display(description="Looks for")
    def looks_for(self, pattern: Pattern) -> SafeString:
        joined = (" → " if pattern.in_order else ", ").join(map(in_words, pattern.required))
        within = f" within {spell(pattern.within)}" if pattern.within else ""
        without = f", without {', '.join(map(in_words, pattern.forbidden))}" if pattern.forbidden else ""
        return format_html('<span class="portal-wrap">{}{}{}</span>', joined, within, without)

    @display(description="Watched for")
    def watching(self, pattern: Pattern) -> str:
        if not pattern.watch:
            return "–"
        where = f"each {pattern.watched_kind}" if pattern.watched_kind else "every story"
        return f"In {where}, tells {pattern.channel}" if pattern.channel else f"In {where}"

    @display(description="State", ordering="active", label={"On": "success", "Archived": "default"})
    def is_on(self, pattern: Pattern) -> str:
        return "On" if pattern.active else "Archived"
