"""Filters of the routing table's pages."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from apps.rfhs.models import Area
from apps.rfhs.routing.reaching import known_groups, reach


class InUseFilter(DropdownFilter):  # type: ignore[misc]
    """In use, unless asked for the archived ones."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("archived", "Archived"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        match self.value():
            case "archived":
                return queryset.filter(archived=True)
            case "all":
                return queryset
            case _:
                return queryset.filter(archived=False)


class ReachFilter(DropdownFilter):  # type: ignore[misc]
    """Areas whose team would not hear."""

    title = "how it is reached"
    parameter_name = "reach"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("none", "Not at all"), ("partly", "Without a channel or a handle")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Area]) -> QuerySet[Area]:
        if self.value() not in {"none", "partly"}:
            return queryset
        groups = known_groups()
        # Areas are a few dozen, and which handle exists is not a question for one column.
        areas = Area.objects.select_related("team__channel", "channel").prefetch_related("sub_teams")
        found = {area.pk: reach(area.team, area, groups=groups) for area in areas}
        lacking = self.value() == "partly"
        return queryset.filter(pk__in=[pk for pk, how in found.items() if (how.lacks if lacking else not how.possible)])
