"""The ticket list's filters and paging. Part of a door: built so that a million tickets cost what ten thousand do.

Every choice is known beforehand (no DISTINCT over the table), and whatever speaks of a due joins running clocks
alone, which a partial index covers.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.paginator import Paginator
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from unfold.contrib.filters.admin import DropdownFilter
from unfold.views import ChangeList

from apps.people.models import Plan
from apps.sla.models import Policy

DUE = [
    ("breached", "Breached, still unanswered"),
    ("15m", "Within 15 min"),
    ("1h", "Within 1 h"),
    ("4h", "Within 4 h"),
    ("today", "Today"),
]
WITHIN = {"15m": timedelta(minutes=15), "1h": timedelta(hours=1), "4h": timedelta(hours=4)}


def with_running_clock(tickets: QuerySet[Any]) -> QuerySet[Any]:
    """Only tickets with a running promise: `running_due` and `running_policy` are its clock's.

    PostgreSQL makes an inner join of it because the due is asked for, and starts from the partial index.
    """
    if "running_due" in tickets.query.annotations:
        return tickets
    found: QuerySet[Any] = (
        tickets.alias(running=FilteredRelation("clocks", condition=Q(clocks__state="running")))
        .alias(running_due=F("running__due_at"), running_policy=F("running__policy_id"))
        .filter(running_due__isnull=False)
    )
    return found


def due_between(choice: str, now: datetime) -> tuple[datetime | None, datetime]:
    """After which instant (None: any) and until which a due belongs to the choice; today ends in the viewer's zone."""
    if choice == "breached":
        return None, now
    if choice == "today":
        local = timezone.localtime(now)
        midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        return now, timezone.make_aware(midnight)
    return now, now + WITHIN[choice]


class KnownChoices(DropdownFilter):
    """A filter that says so when it is given what it does not offer: an old link, or one mistyped."""

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(request, *args)
        chosen = self.value()
        if chosen and chosen not in {str(key) for key, _ in self.lookup_choices}:
            messages.warning(
                request, f"“{str(chosen)[:40]}” is no choice of the filter “{self.title}”, so it was left out."
            )


class DueFilter(KnownChoices):
    """How soon the promise falls due."""

    title = "due"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        return DUE

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in dict(DUE):
            return queryset
        # Part of a door, so it reads the clock.
        after, until = due_between(str(self.value()), timezone.now())  # noqa: TID251
        found = with_running_clock(queryset).filter(running_due__lte=until)
        return found if after is None else found.filter(running_due__gt=after)


class PolicyFilter(KnownChoices):
    """Which policy's promise is running."""

    title = "policy"
    parameter_name = "policy"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        return [(str(key), name) for key, name in Policy.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if not chosen or not chosen.isdecimal():
            return queryset
        return with_running_clock(queryset).filter(running_policy=int(chosen[:18]))


class PlanFilter(KnownChoices):
    """The ticket's plan."""

    title = "plan"
    parameter_name = "plan"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        # The keys, not the slugs: with a plan's key in hand the index on plan and time serves page and order.
        return [*((str(key), name) for key, name in Plan.objects.values_list("pk", "name")), ("-", "No plan")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if chosen == "-":
            return queryset.filter(plan=None)
        if not chosen or not chosen.isdecimal():
            return queryset
        return queryset.filter(plan_id=int(chosen[:18]))


class Counted(int):
    """A count that stopped at a bound, and says so."""

    bounded = False

    def __str__(self) -> str:
        return f"more than {int(self):,}" if self.bounded else f"{int(self):,}"


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts to a bound: nobody turns a hundred pages, and counting a million rows takes a second."""

    most = 1_000

    @cached_property
    def count(self) -> int:
        # The order does not matter for counting, and sorting first would read every row.
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        counted = Counted(rows.order_by()[: self.most + 1].count())
        if counted > self.most:
            counted = Counted(self.most)
            counted.bounded = True
        return counted


class TicketList(ChangeList):
    """The list; sorted by due, or filtered by what only a running promise has, it starts from running clocks."""

    root_queryset: QuerySet[Any]
    _order: list[Any]

    def by_due(self) -> bool:
        """Whether the rows come in the order of their dues."""
        return any("running_due" in str(field) for field in self._order)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        order = list(super().get_ordering(request, queryset))
        asks_for_clocks = request.GET.get("due") in dict(DUE) or request.GET.get("policy", "").isdecimal()
        if not self.params.get("o") and asks_for_clocks:
            order = ["running_due", "-pk"]
        self._order = order
        return order

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        self.get_ordering(request, self.root_queryset)
        if self.by_due():
            self.root_queryset = with_running_clock(self.root_queryset)
        found: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return found
