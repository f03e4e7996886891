"""The seals: which there are, how far they reach, what was found last, and verifying anew."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display

from apps.dashboard import moments
from apps.trail import later
from apps.trail.access import READ
from apps.trail.audited import ReadOnly
from apps.trail.seals import sealing, selectors
from apps.trail.seals.models import Seal

VERIFY = "apps.trail.seals.jobs.verify"


class NumberedPages(Paginator):  # type: ignore[type-arg]
    """Seals are numbered without a gap, so of all of them the newest says how many there are."""

    @cached_property
    def count(self) -> int:
        seals: QuerySet[Seal] = self.object_list  # type: ignore[assignment]
        if seals.query.where:
            return seals.order_by().count()
        return int(seals.aggregate(newest=Max("number"))["newest"] or 0)


@admin.register(Seal)
class SealAdmin(ReadOnly, ModelAdmin):
    """The chain of seals. Nobody changes one; the database would refuse it."""

    # list
    list_display = ("number_label", "sealed", "events", "reach", "hash_text")
    list_display_links = ("number_label",)
    list_before_template = "admin/trail/seal/list_before.html"
    list_fullwidth = True
    list_per_page = 50
    search_fields = ("number",)
    search_help_text = "A seal's number, or event 4711 for the seal that covers it"
    show_full_result_count = False
    paginator = NumberedPages
    ordering = ("-number",)

    # form
    fields = ("number_label", "sealed", "events", "reach", "hash_whole", "previous_whole", "root_whole", "how_to_keep")

    # behaviour

    def get_queryset(self, request: HttpRequest) -> QuerySet[Seal]:
        seals: QuerySet[Seal] = super().get_queryset(request)
        return seals.defer("places", "leaves")

    def get_readonly_fields(self, request: HttpRequest, obj: Seal | None = None) -> tuple[str, ...]:
        return self.fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Seal], search_term: str
    ) -> tuple[QuerySet[Seal], bool]:
        words = search_term.lower().split()
        number = words[-1] if words else ""
        if not words:
            return queryset, False
        if not (number.isascii() and number.isdecimal() and len(number) < 19):
            return queryset.none(), False
        if words[0] == "event":
            covering = selectors.covering(int(number))
            return queryset.filter(number=covering.number if covering else -1), False
        return queryset.filter(number=int(number)), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {
            "lag": sealing.lag(),
            "outcome": selectors.standing().outcome,
            "newest": selectors.newest(),
            "may_verify": self.has_verify_permission(request),
            "may_read": request.user.has_perm(READ),
        }
        response: HttpResponse = super().changelist_view(request, {**context, **(extra_context or {})})
        return response

    def get_urls(self) -> Any:
        verify = path("verify/", self.admin_site.admin_view(self.verify), name="trail_seal_verify")
        return [verify, *super().get_urls()]

    def verify(self, request: HttpRequest) -> HttpResponse:
        """A worker looks through everything that is sealed; what it finds is an event."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_verify_permission(request):
            raise PermissionDenied
        later.enqueue(VERIFY)
        messages.success(request, "A worker verifies the trail now; what it finds is shown here and on the trail.")
        return HttpResponseRedirect(reverse("admin:trail_seal_changelist"))

    def has_verify_permission(self, request: HttpRequest) -> bool:
        """Whoever answers for the trail outside may have it verified."""
        return self.has_view_permission(request) and request.user.has_perm("trail.export_trail")

    # --- columns

    @display(description="Seal", ordering="number")
    def number_label(self, seal: Seal) -> str:
        return str(seal).capitalize()

    @display(description="Sealed", ordering="number")
    def sealed(self, seal: Seal) -> SafeString:
        return moments.moment(seal.made_at, timezone.now())

    @display(description="Events", ordering="count")
    def events(self, seal: Seal) -> str:
        return f"{seal.count:,}"

    @display(description="From – up to")
    def reach(self, seal: Seal) -> SafeString:
        link = '<a class="portal-link" href="{}">event {}</a>'
        first, last = (
            format_html(link, reverse("trail_event", args=[position]), position)
            for position in (seal.first_position, seal.position)
        )
        return first if seal.count == 1 else format_html("{} – {}", first, last)

    @display(description="Hash")
    def hash_text(self, seal: Seal) -> SafeString:
        return format_html('<code title="{}">{}…</code>', bytes(seal.hash).hex(), bytes(seal.hash).hex()[:16])

    @display(description="Hash")
    def hash_whole(self, seal: Seal) -> SafeString:
        return _code(bytes(seal.hash))

    @display(description="Hash of the seal before")
    def previous_whole(self, seal: Seal) -> SafeString:
        return _code(bytes(seal.previous))

    @display(description="Root over its events")
    def root_whole(self, seal: Seal) -> SafeString:
        return _code(bytes(seal.root))

    @display(description="To keep elsewhere")
    def how_to_keep(self, seal: Seal) -> SafeString:
        return format_html(
            '<code class="portal-wrap">{}</code><br>Kept where nobody who can change the database can change it, '
            "<code>manage.py verify_trail --head</code> shows later whether anything up to here was rewritten.",
            str(seal.head),
        )


def _code(hashed: bytes) -> SafeString:
    return format_html('<code class="portal-wrap">{}</code>', hashed.hex())
