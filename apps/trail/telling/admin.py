"""Which types customers are told of: managers switch single ones off, and see in which words they are told."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from apps.trail.audited import AuditedAdmin
from apps.trail.events import in_words
from apps.trail.telling.models import ToldType
from apps.trail.telling.wordings import wordings


@admin.register(ToldType)
class ToldTypeAdmin(AuditedAdmin):
    """The allow-list is the code's: nobody adds a type here, or has one told that has no words for customers."""

    # list
    list_display = ("name", "about", "is_told")
    list_filter = ("told",)
    search_fields = ("type",)
    search_help_text = "A type, such as TicketOpened"
    actions = None

    # form
    fields = ("type", "about", "told")
    readonly_fields = ("type", "about")

    # behaviour
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @display(description="Type", ordering="type", header=True)
    def name(self, row: ToldType) -> list[str]:
        return [in_words(row.type), row.type]

    @display(description="What the customer reads of it")
    def about(self, row: ToldType) -> str:
        known: Any = wordings().get(row.type)
        return known.about if known else "No longer: this version has no words for it."

    @display(description="Customers are told", ordering="told", label={"Told": "success", "Withheld": "warning"})
    def is_told(self, row: ToldType) -> str:
        return "Told" if row.told else "Withheld"
