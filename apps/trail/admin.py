"""The trail as a list: newest first, for reading alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin as DjangoModelAdmin
from django.core.paginator import Paginator
from django.db.models import Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from apps.dashboard import moments
from apps.trail.events import types
from apps.trail.models import StoredEvent

# Types and actors have no index of their own; looking through this many of the newest takes milliseconds.
NEWEST = 100_000
MOST_COUNTED = 5_000


def newest(events: QuerySet[StoredEvent]) -> QuerySet[StoredEvent]:
    """Of these events, those among the newest of the whole trail."""
    last = StoredEvent.objects.aggregate(last=Max("position"))["last"] or 0
    return events.filter(position__gt=last - NEWEST)


class TypeFilter(DropdownFilter):
    """What kind of thing happened."""

    title = "type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: DjangoModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        return [(name, name) for name in sorted(types())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return newest(queryset).filter(type=self.value()) if self.value() else queryset


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts at most MOST_COUNTED events: the trail only ever grows."""

    @cached_property
    def count(self) -> int:
        events: QuerySet[StoredEvent] = self.object_list  # type: ignore[assignment]
        return events.order_by()[:MOST_COUNTED].count()


@admin.register(StoredEvent)
class StoredEventAdmin(ModelAdmin):
    """Events. Nobody adds, changes or deletes one here; the database would refuse it."""

    # list
    list_display = ("when", "what", "actor_name", "streams")
    list_display_links = None
    list_filter = (TypeFilter,)
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    search_fields = ("type",)
    search_help_text = f"A stream such as ticket:4711; or a type or an actor, among the newest {NEWEST:,} events"
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    ordering = ("-position",)
    actions = None

    # behaviour
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404
        return HttpResponseRedirect(reverse("trail_event", args=[int(object_id)]))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StoredEvent], search_term: str
    ) -> tuple[QuerySet[StoredEvent], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if ":" in term and " " not in term:
            found = queryset.filter(links__stream=term)
        else:
            found = newest(queryset).filter(Q(type__icontains=term) | Q(actor_label__icontains=term) | Q(actor_id=term))
        in_palette = request.resolver_match is not None and request.resolver_match.url_name == "search"
        return (found[:20] if in_palette else found), False

    @display(description="When", ordering="position")
    def when(self, event: StoredEvent) -> SafeString:
        return moments.moment(event.occurred_at, timezone.now())

    @display(description="What happened")
    def what(self, event: StoredEvent) -> SafeString:
        page = reverse("trail_event", args=[event.position])
        return format_html('<a class="portal-link portal-wrap" href="{}">{}</a>', page, event.sentence)

    @display(description="By")
    def actor_name(self, event: StoredEvent) -> str:
        return event.actor

    @display(description="About")
    def streams(self, event: StoredEvent) -> SafeString:
        return format_html_join(", ", '<a class="portal-link" href="?q={}">{}</a>', ((s, s) for s in event.about))
