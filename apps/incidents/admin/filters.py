"""The filters of the list of incidents."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.incidents import states
from apps.incidents.models import Component, Incident
from apps.tickets.listing import KnownChoices

MONTHS = 24


class OverFilter(KnownChoices):
    """Whether it still lasts."""

    title = "open or over"
    parameter_name = "over"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        return [
            ("no", "Open"),
            ("unacknowledged", "Open, nobody looked yet"),
            ("closed", "Closed"),
            ("no-rca", "Closed, without an RCA"),
            ("invalid", "Invalid"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "no":
                return queryset.filter(closed_at__isnull=True)
            case "unacknowledged":
                return queryset.filter(closed_at__isnull=True, acknowledged_at__isnull=True)
            case "closed":
                return queryset.filter(status=states.State.RESOLVED)
            case "no-rca":
                return queryset.filter(status=states.State.RESOLVED, rca_url="")
            case "invalid":
                return queryset.filter(status=states.State.INVALID)
        return queryset


class PublicFilter(KnownChoices):
    """Who may know of it."""

    title = "who reads it"
    parameter_name = "public"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        return [("yes", "Public"), ("no", "Among ourselves"), ("waits", "Waits for approval")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        shown = Q(published_at__isnull=False) & ~Q(status=states.State.INVALID)
        match self.value():
            case "yes":
                return queryset.filter(shown)
            case "no":
                return queryset.exclude(shown)
            case "waits":
                return queryset.filter(awaiting_since__isnull=False)
        return queryset


class MineFilter(KnownChoices):
    """What is whose, for whoever looks."""

    title = "mine"
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        return [
            ("any", "Mine in any way"),
            ("point", "I work on it"),
            ("contact", "I am its contact"),
            ("lead", "I lead"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        me, chosen = request.user, self.value()
        if chosen == "any":
            return queryset.filter(Q(point=me) | Q(contact=me) | Q(lead=me))
        return queryset.filter(**{chosen: me}) if chosen in {"point", "contact", "lead"} else queryset


class ComponentFilter(KnownChoices):
    """What it affected at any time."""

    title = "component"
    parameter_name = "component"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        rows = Component.objects.select_related("group")
        return [(each.slug, f"{each}, archived" if each.archived else str(each)) for each in rows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if not chosen:
            return queryset
        # As keys: joined, one that touched the component twice would be there twice.
        touched = Incident.objects.filter(impacts__component__slug=chosen).order_by().values("pk")
        return queryset.filter(pk__in=touched)


class BeganFilter(KnownChoices):
    """In which month it began, in the viewer's zone."""

    title = "when it began"
    parameter_name = "month"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        # Part of a door, so it reads the clock.
        year, month = (today := timezone.localdate()).year, today.month
        found = []
        for _ in range(MONTHS):
            first = today.replace(year=year, month=month, day=1)
            found.append((f"{first:%Y-%m}", f"{first:%B %Y}"))
            year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        asked = request.GET.get(self.parameter_name, "")
        if _month(asked) and asked not in dict(found):
            found.append((asked, asked))
        return found

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        bounds = _month(str(self.value() or ""))
        return queryset.filter(reported_at__gte=bounds[0], reported_at__lt=bounds[1]) if bounds else queryset


def _month(said: str) -> tuple[datetime, datetime] | None:
    """The instants at which the month begins and ends; None where it is none."""
    found = re.fullmatch(r"(2\d{3})-(0[1-9]|1[0-2])", said)
    if not found:
        return None
    year, month = int(found[1]), int(found[2])
    after = (year, month + 1) if month < 12 else (year + 1, 1)
    start, end = datetime(year, month, 1), datetime(*after, 1)  # noqa: DTZ001
    return timezone.make_aware(start), timezone.make_aware(end)
