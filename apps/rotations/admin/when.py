"""Whether an interval is now, to come or behind us, for lists of shifts and of overrides."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter


class Interval(Protocol):
    """Half-open, both aware."""

    starts_at: datetime
    ends_at: datetime


class WhenFilter(DropdownFilter):  # type: ignore[misc]
    """Now, upcoming, or what `ended` calls it afterwards: a word for the address."""

    title = "when"
    parameter_name = "when"
    ended = "past"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", "Now"), ("upcoming", "Upcoming"), (self.ended, self.ended.capitalize())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now, wanted = timezone.now(), self.value()
        if wanted == "now":
            return queryset.filter(starts_at__lte=now, ends_at__gt=now)
        if wanted == "upcoming":
            return queryset.filter(starts_at__gt=now)
        return queryset.filter(ends_at__lte=now) if wanted == self.ended else queryset


def when(interval: Interval, *, ended: str) -> str:
    """Upcoming, Now, or the word for what has ended."""
    now = timezone.now()
    if interval.starts_at > now:
        return "Upcoming"
    return "Now" if interval.ends_at > now else ended
