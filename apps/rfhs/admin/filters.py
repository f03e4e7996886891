"""The filters of the list of requests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from apps.people.models import Team
from apps.rfhs import states
from apps.rfhs.selectors import theirs
from apps.tickets.listing import KnownChoices


class OverFilter(KnownChoices):
    """Whether anybody still owes it something."""

    title = "open or over"
    parameter_name = "over"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        return [("no", "Open"), ("support", "Open, with support"), ("team", "Open, with a team"), ("yes", "Over")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "no":
                return queryset.filter(ended_at__isnull=True)
            case "support":
                return queryset.filter(state__in=[*states.WITH_SUPPORT, states.State.ANSWERED])
            case "team":
                return queryset.filter(state__in=states.WITH_A_TEAM)
            case "yes":
                return queryset.filter(ended_at__isnull=False)
        return queryset


class TeamFilter(KnownChoices):
    """Which team has it; only teams that ever had one."""

    title = "team"
    parameter_name = "team"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        asked = Team.objects.filter(Q(rfhs__isnull=False)).distinct().order_by("name")
        return [*asked.values_list("slug", "name"), ("-", "No team yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if chosen == "-":
            return queryset.filter(team=None)
        return queryset.filter(team__slug=chosen) if chosen else queryset


class MineFilter(KnownChoices):
    """What is whose, for whoever looks."""

    title = "mine"
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        return [
            ("any", "Mine in any way"),
            ("owned", "I work on it"),
            ("accountable", "I am accountable"),
            ("team", "My teams have it"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        me = request.user
        match self.value():
            case "any":
                return queryset.filter(theirs(me))  # type: ignore[arg-type]
            case "owned":
                return queryset.filter(owner=me)
            case "accountable":
                return queryset.filter(accountable=me)
            case "team":
                teams = Team.objects.filter(members=me.pk).values("pk")
                return queryset.filter(Q(team__in=teams) | Q(communicator__in=teams))
        return queryset
