"""Who is on shift by what people entered and by what calendars say: one look for both; and who is away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from apps.people.models import Agent
from apps.rotations.effects import Leave
from apps.rotations.models import CalendarEntry, Shift


@dataclass(frozen=True)
class OnShift:
    """One agent's interval on support, or embedded in a product; `calendar` is the one that says so, if one does."""

    agent: Agent
    kind: str
    product: str
    starts_at: datetime
    ends_at: datetime
    calendar: str = ""

    @property
    def embedded(self) -> bool:
        return self.kind == Shift.Kind.EMBEDDED

    @property
    def what(self) -> str:
        """ "support", "embedded in Boards"."""
        return f"embedded in {self.product}" if self.product else "embedded" if self.embedded else "support"

    @property
    def says(self) -> str:
        """The same, and which calendar says so."""
        return f"{self.what}, by the calendar “{self.calendar}”" if self.calendar else self.what


def on_shift(at: datetime) -> list[OnShift]:
    """Everybody who works here and is on shift at the instant, a line a shift; who began first comes first."""
    shifts = Shift.objects.at(at).filter(agent__is_active=True).select_related("agent").order_by("starts_at", "pk")
    entries = CalendarEntry.objects.at(at).filter(kind__in=Shift.Kind.values)
    return sorted([*_entered(shifts), *_in_calendars(entries)], key=lambda line: line.starts_at)


def next_on_shift(now: datetime) -> OnShift | None:
    """The first shift to begin after now."""
    shifts = (
        Shift.objects.filter(starts_at__gt=now, agent__is_active=True)
        .select_related("agent")
        .order_by("starts_at", "pk")[:1]
    )
    entries = (
        CalendarEntry.objects.filter(
            calendar__enabled=True, starts_at__gt=now, kind__in=Shift.Kind.values, people__is_active=True
        )
        .order_by("starts_at", "pk")
        .distinct()[:1]
    )
    found = [*_entered(shifts), *_in_calendars(entries)]
    return min(found, key=lambda line: line.starts_at, default=None)


def leaves(start: datetime, end: datetime) -> tuple[Leave, ...]:
    """Who is away at some time in [start, end), as the calendars of leave say: for the warnings of a rotation."""
    entries = CalendarEntry.objects.filter(
        calendar__enabled=True, kind=CalendarEntry.Kind.LEAVE, starts_at__lt=end, ends_at__gt=start
    ).prefetch_related("people")
    return tuple(
        Leave(agent.email, entry.starts_at, entry.ends_at, entry.summary)
        for entry in entries
        for agent in entry.people.all()
    )


def without_slack(emails: Iterable[str]) -> list[str]:
    """Who of them works here and cannot be told anything in Slack, by email."""
    here = Agent.objects.filter(email__in=list(emails), is_active=True)
    return list(here.filter(Q(slack_id=None) | Q(slack_id="")).values_list("email", flat=True))


def _entered(shifts: QuerySet[Shift]) -> Iterator[OnShift]:
    for shift in shifts:
        yield OnShift(shift.agent, shift.kind, shift.product, shift.starts_at, shift.ends_at)


def _in_calendars(entries: QuerySet[CalendarEntry]) -> Iterator[OnShift]:
    for entry in entries.select_related("calendar").prefetch_related("people"):
        for agent in entry.people.all():
            if agent.is_active:
                yield OnShift(agent, entry.kind, entry.product, entry.starts_at, entry.ends_at, entry.calendar.name)
