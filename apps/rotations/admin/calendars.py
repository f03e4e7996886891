"""Calendars in the admin: how old their copies are, what they say, and whom nobody here is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display

from apps.dashboard import dialogs
from apps.dashboard.moments import ago, moment
from apps.people.models import Team
from apps.rotations import services
from apps.rotations.admin.bounds import is_bounded, may_change, teams_of
from apps.rotations.models import Calendar, CalendarEntry
from apps.trail.audited import AuditedAdmin, ReadOnly
from apps.trail.later import enqueue

SHOWN = 20
WHERE = ("source", "feed_address", "time_zone")


class CalendarForm(forms.ModelForm):  # type: ignore[type-arg]
    """A calendar; its address is one of its kind."""

    class Meta:
        model = Calendar
        fields = (
            "name", "team", "source", "feed_address", "purpose", "embedded_word", "leave_words", "time_zone", "enabled",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        address = str(said.get("feed_address", "")).strip()
        if said.get("source") == Calendar.Source.ICALENDAR and address:
            try:
                parts = urlsplit(address)
                right = parts.scheme in ("http", "https", "webcal") and bool(parts.hostname)
            except ValueError:
                right = False
            if not right:
                self.add_error("feed_address", "An iCalendar address begins with https:// (or http://, or webcal://).")
        elif said.get("source") == Calendar.Source.GOOGLE and ("://" in address or " " in address):
            self.add_error(
                "feed_address",
                "Google is asked by the calendar's id, such as …@group.calendar.google.com: it is in the calendar's "
                "settings, under “Integrate calendar”. For an address choose the other source.",
            )
        if said.get("purpose") == Calendar.Purpose.LEAVE and not str(said.get("leave_words", "")).strip(" ,"):
            self.add_error("leave_words", "Say by which words leave is known, such as vacation, OOO.")
        if said.get("purpose") == Calendar.Purpose.LEAVE and self.instance.pk and self.instance.layers.exists():
            self.add_error("purpose", "A rotation goes by this calendar: change its layer first.")
        return said


class UnmatchedFilter(DropdownFilter):  # type: ignore[misc]
    """Those that name somebody nobody here is."""

    title = "people"
    parameter_name = "people"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("unmatched", "Somebody is not known"), ("known", "Everybody is known")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[CalendarEntry]) -> QuerySet[CalendarEntry]:
        match self.value():
            case "unmatched":
                return queryset.exclude(unmatched=[])
            case "known":
                return queryset.filter(unmatched=[])
            case _:
                return queryset


class EndsFilter(DropdownFilter):  # type: ignore[misc]
    """What is now or comes, unless asked for all."""

    title = "when"
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("past", "Past"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[CalendarEntry]) -> QuerySet[CalendarEntry]:
        match self.value():
            case "past":
                return queryset.filter(ends_at__lte=timezone.now())
            case "all":
                return queryset
            case _:
                return queryset.filter(ends_at__gt=timezone.now())


@admin.register(Calendar)
class CalendarAdmin(AuditedAdmin):
    """Calendars. A lead changes those of the own teams."""

    # list
    list_display = ("name", "team", "kind", "state", "read", "ahead", "not_known")
    list_select_related = ("team",)
    list_filter = (
        ("purpose", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
        ("team", RelatedDropdownFilter),
    )
    list_filter_submit = True
    search_fields = ("name", "team__name")
    search_help_text = "A calendar's or a team's name"

    # form
    form = CalendarForm
    autocomplete_fields = ("team",)
    readonly_fields = ("state", "read", "trouble", "ahead", "who_is_not_known")

    # behaviour
    actions_detail = ("read_now",)

    def get_fieldsets(self, request: HttpRequest, obj: Calendar | None = None) -> Any:
        # An address is a secret: who may only look sees where it leads.
        address = "feed_address" if obj is None or self.has_change_permission(request, obj) else "where"
        fields = (
            (None, {"fields": (("name", "team"), ("source", address), ("purpose", "time_zone"), "enabled")}),
            ("What its entries say", {"fields": ("embedded_word", "leave_words")}),
        )
        if obj is None:
            return fields
        return (*fields, ("As it was read", {"fields": ("state", "read", "trouble", "ahead", "who_is_not_known")}))

    def get_readonly_fields(self, request: HttpRequest, obj: Calendar | None = None) -> Any:
        return (*self.readonly_fields, "where")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Calendar]:
        now = timezone.now()
        ahead = Q(entries__ends_at__gt=now) & ~Q(entries__kind=CalendarEntry.Kind.IGNORED)
        calendars: QuerySet[Calendar] = super().get_queryset(request)
        return calendars.annotate(
            entries_ahead=Count("entries", filter=ahead),
            entries_unmatched=Count("entries", filter=ahead & ~Q(entries__unmatched=[])),
        )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        own = teams_of(request)
        return {
            **({"team": next(iter(own))} if len(own) == 1 else {}),
            **super().get_changeform_initial_data(request),
        }

    # --- columns

    @display(description="Says", ordering="purpose")
    def kind(self, calendar: Calendar) -> str:
        return calendar.get_purpose_display()

    @display(
        description="State",
        label={
            "Well": "success",
            "Not reached just now": "warning",
            "Not read for an hour": "danger",
            "Not read yet": "info",
            "Off": "default",
        },
    )
    def state(self, calendar: Calendar) -> str:
        if not calendar.enabled:
            return "Off"
        if calendar.is_stale(timezone.now()):
            return "Not read for an hour"
        if calendar.failing_since:
            return "Not reached just now"
        return "Well" if calendar.synced_at else "Not read yet"

    @display(description="Last read", ordering="synced_at")
    def read(self, calendar: Calendar) -> SafeString | str:
        return ago(calendar.synced_at, timezone.now()) if calendar.synced_at else "Never yet"

    @display(description="Trouble")
    def trouble(self, calendar: Calendar) -> SafeString | str:
        said = [calendar.error] if calendar.error else []
        if calendar.error and calendar.synced_at:
            said.append("Its entries as they were last read go on to count.")
        lines = [*said, *calendar.notes]
        return format_html_join("", "<p>{}</p>", ((line,) for line in lines)) or "None"

    @display(description="Entries ahead", ordering="entries_ahead")
    def ahead(self, calendar: Calendar) -> SafeString:
        address = f"{reverse('admin:rotations_calendarentry_changelist')}?calendar__id__exact={calendar.pk}"
        return format_html('<a href="{}">{}</a>', address, getattr(calendar, "entries_ahead", 0))

    @display(description="Name somebody not known", ordering="entries_unmatched")
    def not_known(self, calendar: Calendar) -> SafeString | str:
        count: int = getattr(calendar, "entries_unmatched", 0)
        if not count:
            return "–"
        address = reverse("admin:rotations_calendarentry_changelist")
        return format_html('<a href="{}?calendar__id__exact={}&people=unmatched">{}</a>', address, calendar.pk, count)

    @display(description="Not known")
    def who_is_not_known(self, calendar: Calendar) -> SafeString | str:
        rows = calendar.entries.filter(ends_at__gt=timezone.now()).exclude(unmatched=[])
        names = list(dict.fromkeys(name for found in rows.values_list("unmatched", flat=True)[:500] for name in found))
        if not names:
            return "Everybody is known"
        listed = format_html_join("", "<li>{}</li>", ((name,) for name in names[:SHOWN]))
        more = f"and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        return format_html(
            "<ul>{}</ul><p>{}</p><p>Give the agent this email or this name, or mend the calendar: the next reading "
            "finds them.</p>",
            listed,
            more,
        )

    @display(description="Address")
    def where(self, calendar: Calendar) -> str:
        if calendar.source == Calendar.Source.GOOGLE:
            return calendar.feed_address
        try:
            return f"At {urlsplit(calendar.feed_address).hostname}; its leads see the whole of it."
        except ValueError:
            return "Its leads see it."

    # --- who may

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = bool(super().has_change_permission(request, obj))
        return allowed and (not isinstance(obj, Calendar) or may_change(request, obj.team_id))

    def has_read_now_permission(self, request: HttpRequest, key: Any = None) -> bool:
        """For the page's button: one that is read and is theirs."""
        calendar = Calendar.objects.filter(pk=key, enabled=True).first() if str(key).isdecimal() else None
        return calendar is not None and self.has_change_permission(request, calendar)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "team" and is_bounded(request):
            kwargs["queryset"] = Team.objects.filter(pk__in=teams_of(request))
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "team" and is_bounded(request):
            field.error_messages["invalid_choice"] = "You change the calendars of your own teams only."
        return field

    # --- saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and any(name in form.changed_data for name in WHERE):
            services.pointed_elsewhere(obj, now=timezone.now())
        elif change and form.changed_data:
            services.read_anew(obj, now=timezone.now())
        if obj.enabled:
            enqueue("apps.rotations.jobs.sync_calendar", obj.pk)

    @action(
        description="Read it now",
        icon="sync",
        permissions=["read_now"],
        dialog={
            "title": "Read it now",
            "description": "It is read every five minutes by itself; this does not wait for that.",
            "form_submit_text": "Read it now",
        },
    )
    def read_now(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        if not self.has_read_now_permission(request, object_id):
            raise PermissionDenied
        enqueue("apps.rotations.jobs.sync_calendar", int(object_id))
        messages.info(request, "It is being read; this page shows what came of it in a moment.")
        return dialogs.leave(request, reverse("admin:rotations_calendar_change", args=[object_id]))


@admin.register(CalendarEntry)
class CalendarEntryAdmin(ReadOnly, AuditedAdmin):
    """What calendars say; one changes it there."""

    # list
    list_display = ("title", "says", "who", "not_known", "start", "end", "calendar")
    list_display_links = ("title",)
    list_select_related = ("calendar",)
    list_filter = (
        EndsFilter,
        UnmatchedFilter,
        ("kind", ChoicesDropdownFilter),
        ("calendar", RelatedDropdownFilter),
    )
    list_filter_submit = True
    search_fields = ("summary", "product", "people__email", "people__first_name", "people__last_name")
    search_help_text = "A title, a product or an agent"

    # form
    fields = ("title", "calendar", "says", "who", "not_known", "start", "end")
    readonly_fields = fields
    tells_stories = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalendarEntry]:
        entries: QuerySet[CalendarEntry] = super().get_queryset(request)
        return entries.prefetch_related("people")

    @display(description="Title", ordering="summary")
    def title(self, entry: CalendarEntry) -> str:
        return str(entry)

    @display(description="Says", ordering="kind")
    def says(self, entry: CalendarEntry) -> str:
        return f"Embedded in {entry.product}" if entry.product else entry.get_kind_display()

    @display(description="Who", empty_value="Nobody known")
    def who(self, entry: CalendarEntry) -> str | None:
        return ", ".join(str(agent) for agent in entry.people.all()) or None

    @display(description="Not known", empty_value="–")
    def not_known(self, entry: CalendarEntry) -> str | None:
        return ", ".join(entry.unmatched) or None

    @display(description="Start", ordering="starts_at")
    def start(self, entry: CalendarEntry) -> SafeString:
        return moment(entry.starts_at, timezone.now())

    @display(description="End", ordering="ends_at")
    def end(self, entry: CalendarEntry) -> SafeString:
        return moment(entry.ends_at, timezone.now())
