"""What every admin page of ours shares: each change is an event with before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import Field, ModelForm, Widget
from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline

from apps.trail import managed, stories
from apps.trail.access import may_read_stream
from apps.trail.unseen import SEEN, Unseen, state_of


class AuditedAdmin(ModelAdmin):
    """An admin page whose saves and deletions are on the trail. Deleting is a superuser's; others archive."""

    compressed_fields = True
    warn_unsaved_form = True
    show_full_result_count = False
    list_per_page = 50
    change_form_before_template = "admin/trail/seen.html"
    change_form_outer_after_template = "admin/trail/stories.html"
    # Off where a page tells its story itself.
    tells_stories = True
    # Off where a form saves only what this person changed, so that two can edit at once.
    guards_unseen = True

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        # An instant has two boxes and one label.
        boxes: Iterable[Widget] = getattr(field and field.widget, "widgets", ())
        for box, part in zip(boxes, ("date", "time"), strict=False):
            box.attrs["aria-label"] = f"{field.label}, {part}"
        return field

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        asked = request.META.get("QUERY_STRING", "")
        if "%00" in asked:
            # PostgreSQL has no such character, and no filter of the admin knows.
            return HttpResponseRedirect(f"{request.path}?{asked.replace('%00', '')}")
        return super().changelist_view(request, extra_context)

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        formset = super().get_changelist_formset(request, **kwargs)
        name_fields(formset.form.base_fields)
        return formset

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        return type(form.__name__, (Unseen, form), {}) if obj is not None and self.guards_unseen else form

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        form, obj = context["adminform"].form, context.get("original")
        if obj is not None and isinstance(form, Unseen):
            context["seen"] = form.seen_now or form.data.get(SEEN) or state_of(obj)
        if obj is not None and self.tells_stories and may_read_stream(request.user, managed.stream_of(obj)):
            context["stories"] = [stories.told(story) for story in self.stories(obj)]
        return super().render_change_form(request, context, *args, **kwargs)

    def stories(self, obj: Model) -> list[stories.Story]:
        """What the object's page tells below the form."""
        return [stories.about(managed.stream_of(obj))]

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

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            managed.record_deleted(obj, now=timezone.now())  # noqa: TID251
        super().delete_queryset(request, queryset)


class ReadOnly:
    """Before an admin page's own class: nobody adds, changes or deletes one here."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class NamedRows(TabularInline):  # type: ignore[misc]
    """Rows of a table in a form, whose fields are named for those who do not see the column's header."""

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        name_fields(formset.form.base_fields)
        return formset


def name_fields(fields: Mapping[str, Field]) -> None:
    """Each field says its label itself: a column's header is nobody's label."""
    for name, field in fields.items():
        field.widget.attrs["aria-label"] = field.label or name.replace("_", " ").capitalize()
