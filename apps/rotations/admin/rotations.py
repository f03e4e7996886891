"""Rotations in the admin: who is on now, and what they are defined by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display

from apps.dashboard import dialogs
from apps.dashboard.effect_first import EffectFirst
from apps.dashboard.moments import moment
from apps.people.models import Team
from apps.rotations import services
from apps.rotations.admin.bounds import is_bounded, may_change, teams_of
from apps.rotations.admin.effects import AHEAD, effect_page, moves_nobody
from apps.rotations.admin.in_slack import InSlack
from apps.rotations.admin.roster import RosterPage, told_rosters
from apps.rotations.errors import RotationRefused
from apps.rotations.forms import LayerForm, RoleForm, RotationForm
from apps.rotations.models import Layer, Role, Rotation
from apps.rotations.schedules import on_call
from apps.rotations.specs import RotationSpec
from apps.trail.audited import AuditedAdmin, NamedRows


class StateFilter(DropdownFilter):  # type: ignore[misc]
    """In use, unless asked for the archived ones."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("archived", "Archived"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Rotation]) -> QuerySet[Rotation]:
        match self.value():
            case "archived":
                return queryset.exclude(archived_at=None)
            case "all":
                return queryset
            case _:
                return queryset.filter(archived_at=None)


class OfRotation:
    """A part of a rotation: who may change the rotation may change it."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = request.user.has_perm("rotations.change_rotation")
        return allowed and (obj is None or may_change(request, obj.team_id))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request, obj)


class RoleInline(OfRotation, NamedRows):
    """The roles, the first asked first."""

    model = Role
    form = RoleForm
    extra = 0
    hide_title = True

    def get_extra(self, request: HttpRequest, obj: Rotation | None = None, **kwargs: Any) -> int:
        return 0 if obj else 3


class LayerInline(OfRotation, StackedInline):  # type: ignore[misc]
    """The layers that fill the roles."""

    model = Layer
    form = LayerForm
    extra = 0
    readonly_fields = ("who",)

    def get_fieldsets(self, request: HttpRequest, obj: Rotation | None = None) -> Any:
        # Who may only look sees the columns; who takes the turns of what is stored is changed on a page of its own.
        looking = obj is not None and not self.has_change_permission(request, obj)
        role = "role" if looking else "role_name"
        first = ((role, "name"), ("kind", "priority"), "who", *(() if obj else ("people",)))
        turns = (
            ("unit", "length"),
            ("start_date", "start_time"),
            ("index_offset", "advance"),
            "turn_active_minutes",
        )
        times = ("active_days", ("active_from", "active_to"), "valid_from", "valid_until")
        return (
            (None, {"fields": first}),
            ("Turns", {"fields": turns, "description": "Days and times are on the clock of the rotation's zone."}),
            ("Only at times", {"fields": times, "classes": ["collapse"]}),
            ("By shifts or a calendar", {"fields": (("shift_kind", "calendar"),), "classes": ["collapse"]}),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Layer]:
        layers: QuerySet[Layer] = super().get_queryset(request)
        return layers.select_related("role", "rotation", "calendar").prefetch_related("rosters__participants__agent")

    def get_extra(self, request: HttpRequest, obj: Rotation | None = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    @display(description="Who is in it")
    def who(self, layer: Layer) -> SafeString | str:
        if not layer.pk:
            return "Nobody yet"
        if layer.kind == Layer.Kind.SHIFTS:
            return "Whoever of the team entered a shift of this kind"
        if layer.kind == Layer.Kind.CALENDAR:
            return f"Whom the calendar “{layer.calendar}” names"
        now = timezone.now()
        lines = format_html_join("", "<p>{}{}</p>", told_rosters(layer, now))
        address = reverse("admin:rotations_rotation_roster", args=[layer.rotation_id, layer.pk])
        words = "Change who takes the turns, from when"
        return format_html('{}<p><a class="portal-link" href="{}">{}</a></p>', lines, address, words)


@admin.register(Rotation)
class RotationAdmin(RosterPage, InSlack, EffectFirst, AuditedAdmin):
    """Rotations. A lead changes those of the own teams; what the form says is written by `services.save_rotation`."""

    # list
    list_display = ("name", "team", "on_now", "handoff", "time_zone", "state")
    list_select_related = ("team",)
    list_filter = (StateFilter, ("team", RelatedDropdownFilter))
    search_fields = ("name", "slug", "team__name", "roles__name")
    search_help_text = "A rotation, a team or a role"
    ordering = ("name", "pk")
    list_fullwidth = True
    actions = None

    # form
    form = RotationForm
    refused = RotationRefused
    inlines = (RoleInline, LayerInline)
    autocomplete_fields = ("team", "channel")
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = ((None, {"fields": (("name", "slug"), ("team", "time_zone"), "channel")}),)

    # behaviour
    actions_detail = ("board", "calendar_address", "archive", "restore")

    # --- list

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changes = super().get_changelist_instance(request)
        keys = [rotation.pk for rotation in changes.result_list]
        found = on_call(timezone.now(), Rotation.objects.filter(pk__in=keys, archived_at=None))
        for rotation in changes.result_list:
            rotation.current = found.get(rotation, [])
        return changes

    @display(description="On now")
    def on_now(self, rotation: Rotation) -> SafeString | str:
        current: list[Any] = getattr(rotation, "current", [])
        return (
            format_html_join(
                "", "<div>{}: {}</div>", ((each.role, ", ".join(each.names) or "nobody") for each in current)
            )
            or "–"
        )

    @display(description="Next handoff")
    def handoff(self, rotation: Rotation) -> SafeString:
        ends = [each.end for each in getattr(rotation, "current", []) if each.end]
        return moment(min(ends, default=None), timezone.now())

    @display(description="State", label={"In use": "success", "Archived": "default"})
    def state(self, rotation: Rotation) -> str:
        return "Archived" if rotation.archived_at else "In use"

    # --- who may

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = bool(super().has_change_permission(request, obj))
        return allowed and (not isinstance(obj, Rotation) or may_change(request, obj.team_id))

    def has_look_permission(self, request: HttpRequest, key: Any = None) -> bool:
        """For the ways to the board and to the calendar's address: whoever sees rotations; the rest is said there."""
        return bool(self.has_view_permission(request))

    def has_archive_permission(self, request: HttpRequest, key: Any = None) -> bool:
        """For the page's button: one in use that is theirs."""
        return self._may(request, key, archived=False)

    def has_restore_permission(self, request: HttpRequest, key: Any = None) -> bool:
        """For the page's button: an archived one that is theirs."""
        return self._may(request, key, archived=True)

    def _may(self, request: HttpRequest, key: Any, *, archived: bool) -> bool:
        rotation = Rotation.objects.filter(pk=key).first() if str(key).isdecimal() else None
        if rotation is None or (rotation.archived_at is not None) is not archived:
            return False
        return self.has_change_permission(request, rotation)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "team" and is_bounded(request):
            kwargs["queryset"] = Team.objects.filter(pk__in=teams_of(request))
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "team" and is_bounded(request):
            field.error_messages["invalid_choice"] = "You change the rotations of your own teams only."
        return field

    # --- form

    def get_readonly_fields(self, request: HttpRequest, obj: Rotation | None = None) -> Any:
        return ("slug", "in_slack") if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Rotation | None = None) -> Any:
        return {} if obj else self.prepopulated_fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        own = teams_of(request)
        return {
            "time_zone": timezone.get_current_timezone_name(),
            **({"team": next(iter(own))} if len(own) == 1 else {}),
            **super().get_changeform_initial_data(request),
        }

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        """Written with its roles and layers, in save_related."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        saved = services.save_rotation(form.stored, _spec(form, formsets), now=timezone.now())
        form.instance.pk = saved.pk

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        # The inlines are not saved by themselves; the trail tells all of it.
        return super().construct_change_message(request, form, [], add)

    def effect_first(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        """What saving would do; None when nobody's shifts move, or nothing could be saved."""
        rotation = self.get_object(request, object_id) if object_id else None
        allowed = self.has_change_permission(request, rotation) if rotation else self.has_add_permission(request)
        if not allowed or (object_id and rotation is None):
            return None
        # A copy, since cleaning writes to the instance and Django's own form comes afterwards.
        fresh = Rotation.objects.get(pk=rotation.pk) if rotation else None
        form: Any = self.get_form(request, fresh, change=rotation is not None)(request.POST, instance=fresh)
        formsets, _ = self._create_formsets(request, form.instance, change=rotation is not None)
        if not (form.is_valid() and all(formset.is_valid() for formset in formsets)):
            return None
        spec, now = _spec(form, formsets), timezone.now()
        tried = services.what_if(
            lambda: services.save_rotation(rotation, spec, now=now), rotation, start=now, end=now + AHEAD
        )
        if moves_nobody(tried, start=now, end=now + AHEAD):
            return None
        return effect_page(self, request, tried, what=f"“{spec.name}”", original=rotation, start=now, end=now + AHEAD)

    @action(description="On the board", icon="view_timeline", permissions=["look"], url_path="board")
    def board(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Its timeline, and what is changed from there."""
        rotation = self.get_object(request, object_id)
        if rotation is None:
            raise Http404
        return HttpResponseRedirect(reverse("rotations_board:rotation", args=[rotation.slug]))

    @action(description="Calendar address", icon="calendar_add_on", permissions=["look"], url_path="calendar-address")
    def calendar_address(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page on which it is made and revoked, where this rotation is on it."""
        rotation = self.get_object(request, object_id)
        if rotation is None:
            raise Http404
        return HttpResponseRedirect(f"{reverse('calendar_addresses')}#{rotation.slug}")

    # --- archive

    @action(
        description="Archive",
        icon="archive",
        permissions=["archive"],
        dialog={
            "title": "Archive",
            "description": "Nobody is on duty by this rotation from now on. Who was on stays known.",
            "form_submit_text": "Archive it",
        },
    )
    def archive(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._mark(request, object_id, services.archive, "It is archived: nobody is on duty by it any more.")

    @action(
        description="Restore",
        icon="unarchive",
        permissions=["restore"],
        dialog={
            "title": "Restore",
            "description": "An archived rotation goes on from now, by the turns it would have.",
            "form_submit_text": "Restore it",
        },
    )
    def restore(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._mark(request, object_id, services.restore, "It goes on from now.")

    def _mark(self, request: HttpRequest, object_id: str, mark: Callable[..., None], said: str) -> HttpResponse:
        rotation = self.own(request, object_id)
        mark(rotation, now=timezone.now())
        messages.success(request, said)
        return dialogs.leave(request, reverse("admin:rotations_rotation_change", args=[rotation.pk]))

    def own(self, request: HttpRequest, object_id: str) -> Rotation:
        rotation: Rotation | None = self.get_object(request, object_id)
        if rotation is None:
            raise Http404("There is no such rotation.")
        if not self.has_change_permission(request, rotation):
            raise PermissionDenied
        return rotation


def _spec(form: RotationForm, formsets: Any) -> RotationSpec:
    """What the form and its inlines ask for; rows to be removed and empty rows are none."""
    roles, layers = (
        [row for row in formset.forms if (row.has_changed() or row.instance.pk) and not row.cleaned_data.get("DELETE")]
        for formset in formsets
    )
    roles.sort(key=lambda row: row.cleaned_data["position"])
    return form.spec([row.spec() for row in roles], [row.spec() for row in layers])
