"""The table of which team answers what, with a box to try a text in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display

from apps.rfhs.admin.archiving import Archived
from apps.rfhs.admin.area_filters import InUseFilter, ReachFilter
from apps.rfhs.admin.area_forms import AreaForm, ExceptionForm, SubTeamForm
from apps.rfhs.models import Area, RoutingException, SubTeam
from apps.rfhs.routing.proposing import LONGEST, propose
from apps.rfhs.routing.reaching import known_groups, reach
from apps.rfhs.routing.taken import instead_of, with_counts
from apps.trail.audited import AuditedAdmin, NamedRows

SHOWN = 8


class OfArea:
    """Before an inline's own class: adding and removing a row is a change of the area."""

    extra = 0

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("rfhs.change_area"))


class SubTeamInline(OfArea, StackedInline):  # type: ignore[misc]
    """Parts of the team with a handle and a label of their own."""

    model = SubTeam
    form = SubTeamForm
    fieldsets = ((None, {"fields": (("name", "label"), ("handle", "mention"), "keywords", "about")}),)
    verbose_name = "sub-team"
    verbose_name_plural = "sub-teams"


class ExceptionInline(OfArea, NamedRows):
    """Questions that go to another team for a while."""

    model = RoutingException
    form = ExceptionForm
    fields = ("keyword", "team", "via", "until", "holds")
    readonly_fields = ("holds",)
    autocomplete_fields = ("team",)
    verbose_name = "exception"
    verbose_name_plural = "exceptions"

    @display(description="Now")
    def holds(self, exception: RoutingException) -> str:
        if exception.pk is None:
            return "–"
        return "Holds" if timezone.localdate() <= exception.until else "Over"


class TryForm(forms.Form):
    """A text somebody wants to see routed."""

    text = forms.CharField(max_length=LONGEST, error_messages={"required": "Write or paste a question first."})


@admin.register(Area)
class AreaAdmin(Archived, AuditedAdmin):
    """Areas of questions: their words, the team that answers, and how it is reached."""

    # list
    list_display = ("name_and_note", "team", "counts_as", "words", "reached", "proposals", "state")
    list_display_links = ("name_and_note",)
    list_select_related = ("team__channel", "channel")
    list_filter = (InUseFilter, ("team", RelatedDropdownFilter), "engineering", ReachFilter)
    search_fields = ("name", "keywords", "team__name", "handles", "label", "sub_teams__name", "exceptions__keyword")
    search_help_text = "A name, keyword, team, handle or label"
    ordering = ("position", "name")
    list_before_template = "admin/rfhs/area/try.html"
    list_fullwidth = True

    # form
    form = AreaForm
    inlines = (SubTeamInline, ExceptionInline)
    autocomplete_fields = ("team", "channel")
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("how_reached", "how_taken")
    fieldsets = (
        (None, {"fields": (("name", "slug"), ("team", "engineering"), "keywords", "any_language")}),
        ("How it is reached", {"fields": (("channel", "handles"), "label", "how_reached")}),
        ("For who asks", {"fields": ("note", "tie_break", "position")}),
        ("How good its words are", {"fields": ("how_taken",)}),
    )
    actions_detail = ("archive", "restore")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Area]:
        areas: QuerySet[Area] = super().get_queryset(request)
        return with_counts(areas).prefetch_related("sub_teams")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets if obj else self.fieldsets[:3]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Its name in the API, and in figures.
        return (*self.readonly_fields, "slug") if obj else self.readonly_fields

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if obj else self.prepopulated_fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        last = Area.objects.order_by("-position").values_list("position", flat=True).first()
        return {"position": (last or 0) + 1, **super().get_changeform_initial_data(request)}

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changes = super().get_changelist_instance(request)
        groups = known_groups()
        for area in changes.result_list:
            area.how = reach(area.team, area, groups=groups)
        return changes

    def get_urls(self) -> list[URLPattern]:
        own = path("try/", self.admin_site.admin_view(self.try_text), name="rfhs_area_try")
        return [own, *super().get_urls()]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        area = form.instance
        if not area.archived:
            how = reach(area.team, area)
            if not how.possible:
                messages.warning(request, " ".join([*how.lacks, "Until then nothing can be filed here."]))

    def try_text(self, request: HttpRequest) -> HttpResponse:
        """Which teams a text would be proposed for, as a fragment of the page; nothing is kept."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = TryForm(request.POST)
        context: dict[str, Any]
        if form.is_valid():
            groups = known_groups()
            found = propose(form.cleaned_data["text"], today=timezone.localdate())
            context = {
                "proposals": [(each, reach(each.team, each.area, each.sub_team, groups=groups)) for each in found]
            }
        else:
            context = {"reason": " ".join(map(str, form.errors["text"]))}
        return TemplateResponse(request, "admin/rfhs/area/try_result.html", context)

    # --- list

    @display(description="Area", ordering="name", header=True)
    def name_and_note(self, area: Area) -> list[str]:
        return [area.name, ", ".join(part.name for part in area.sub_teams.all())]

    @display(description="Counts as", ordering="engineering", label={"Engineering": "warning", "Other": "primary"})
    def counts_as(self, area: Area) -> str:
        return "Engineering" if area.engineering else "Other"

    @display(description="Keywords")
    def words(self, area: Area) -> str:
        words = [*area.keywords, *(["any programming language"] if area.any_language else [])]
        more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
        return ", ".join(words[:SHOWN]) + more or "–"

    @display(description="Reached by")
    def reached(self, area: Area) -> SafeString:
        how = getattr(area, "how", None) or reach(area.team, area)
        if not how.possible:
            return format_html('<span class="portal-word portal-bad" title="{}">Not yet</span>', " ".join(how.lacks))
        channel = f"#{how.channel_name}" if how.channel_name else how.channel or "no channel"
        parts = any(part.handle for part in area.sub_teams.all())
        return format_html("{}<br>{}", channel, how.handle or ("by sub-team" if parts else "no handle"))

    @display(description="Proposals taken", ordering="proposed")
    def proposals(self, area: Area) -> SafeString | str:
        proposed, taken, other = (getattr(area, name, 0) for name in ("proposed", "taken", "chosen_unproposed"))
        share = f"{taken} of {proposed} ({round(100 * taken / proposed)} %)" if proposed else "Never proposed"
        if not other:
            return share
        return format_html('{}<br><span class="portal-quiet">chosen {}× unproposed</span>', share, other)

    @display(description="State", ordering="archived", label={"In use": "success", "Archived": "default"})
    def state(self, area: Area) -> str:
        return "Archived" if area.archived else "In use"

    # --- form

    @display(description="As it stands")
    def how_reached(self, area: Area) -> SafeString:
        how = reach(area.team, area)
        channel = f"#{how.channel_name}" if how.channel_name else how.channel
        lines = [f"In {channel}" if channel else "", f"by {how.handle}" if how.handle else "", *how.lacks]
        return format_html_join("", "<p>{}</p>", ((line,) for line in lines if line))

    @display(description="Proposals taken")
    def how_taken(self, area: Area) -> SafeString:
        proposed, taken, other = (getattr(area, name, 0) for name in ("proposed", "taken", "chosen_unproposed"))
        lines = [
            f"Proposed first for {_times(proposed)}, and taken for {taken} of them." if proposed else "Never proposed.",
            *(f"Instead {_times(each.count)} went to {each.name}." for each in instead_of(area)),
            f"Chosen for {_times(other)} though something else, or nothing, was proposed." if other else "",
        ]
        return format_html_join("", "<p>{}</p>", ((line,) for line in lines if line))


def _times(count: int) -> str:
    return "1 request" if count == 1 else f"{count} requests"
