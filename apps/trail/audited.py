"""What every admin page of ours shares: each change is an event with before and after."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from apps.trail import managed


class AuditedAdmin(ModelAdmin):
    """An admin page whose saves and deletions are on the trail. Deleting is a superuser's; others archive."""

    compressed_fields = True
    warn_unsaved_form = True
    show_full_result_count = False
    list_per_page = 50

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm[Any], change: bool) -> None:
        before = managed.stored(type(obj), obj.pk) if change else None
        # Kept on the form: relations and inlines are saved after this, and belong to the same change.
        form.before = before  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: ModelForm[Any], formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        # Part of a door, so it reads the clock.
        managed.record_saved(form.instance, form.before, now=timezone.now())  # type: ignore[attr-defined]  # noqa: TID251

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        managed.record_deleted(obj, now=timezone.now())  # noqa: TID251
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            managed.record_deleted(obj, now=timezone.now())  # noqa: TID251
        super().delete_queryset(request, queryset)
