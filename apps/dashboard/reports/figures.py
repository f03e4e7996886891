"""What the requests for help say of a period. Each figure names the tickets behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth

from apps.dashboard.reports.months import Period
from apps.rfhs.models import RFH
from apps.tickets.models import Ticket

# By what the tickets can be told apart: the request's column, and the column that says what it is called.
SLICES: Mapping[str, tuple[str, str]] = {
    "team": ("team__slug", "team__name"),
    "area": ("area__slug", "area__name"),
    "customer": ("ticket__customer__slug", "ticket__customer__name"),
    "agent": ("accountable__email", "accountable__email"),
}
# How complete the context was when it was filed, in percent: from, below, in words.
COMPLETENESS = (
    ("low", 0.0, 0.34, "up to a third known"),
    ("middle", 0.34, 0.67, "up to two thirds known"),
    ("high", 0.67, 1.01, "more than two thirds known"),
)


class Percentile(Aggregate):
    """PostgreSQL's percentile_cont of durations; None of nothing."""

    function = "percentile_cont"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()

    def __init__(self, expression: Any, share: float, **extra: Any) -> None:
        super().__init__(expression, share=share, **extra)


@dataclass(frozen=True)
class Month:
    """A month's tickets, and how many of them needed engineering's help."""

    first: date
    tickets: int
    needed: int

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None of a month without tickets."""
        return self.needed / self.tickets if self.tickets else None


@dataclass(frozen=True)
class Slice:
    """Tickets that needed help, of one team, area, customer or agent. `key` is empty where nobody said which."""

    key: str
    name: str
    tickets: int
    requests: int


@dataclass(frozen=True)
class Times:
    """How many requests, and how long they took to be acknowledged and answered: half of them, nine tenths."""

    name: str
    requests: int
    acknowledged: int = 0
    answered: int = 0
    acknowledge_p50: timedelta | None = None
    acknowledge_p90: timedelta | None = None
    answer_p50: timedelta | None = None
    answer_p90: timedelta | None = None
    key: str = ""


@dataclass(frozen=True)
class Report:
    """Everything of one period."""

    months: list[Month]
    slices: dict[str, list[Slice]]
    times: list[Times]
    completeness: list[Times]
    asked_teammates: int
    solved_by_teammates: int
    tickets: int = field(default=0)
    needed: int = field(default=0)

    @property
    def share(self) -> float | None:
        return self.needed / self.tickets if self.tickets else None


def counted() -> QuerySet[RFH]:
    """Requests that count as engineering's help: filed, and no defect (Sourcegraph, Engaging other teams)."""
    return RFH.objects.filter(filed_at__isnull=False, needed_engineering=True).exclude(kind=RFH.Kind.DEFECT)


def opened(period: Period) -> QuerySet[Ticket]:
    """The tickets of the period."""
    return Ticket.objects.filter(opened_at__gte=period.start, opened_at__lt=period.end)


def helped(period: Period) -> QuerySet[Ticket]:
    """Those of them that needed engineering's help."""
    return opened(period).filter(Exists(counted().filter(ticket=OuterRef("pk"))))


def filed(period: Period) -> QuerySet[RFH]:
    """The requests that a team got in the period, defects too: their times count alike."""
    return RFH.objects.filter(filed_at__gte=period.start, filed_at__lt=period.end)


def months(period: Period) -> list[Month]:
    """Every month of the period, those without a ticket too."""
    tickets, needed = _by_month(opened(period), period), _by_month(helped(period), period)
    return [Month(first, tickets.get(first, 0), needed.get(first, 0)) for first in period.months]


def report(period: Period) -> Report:
    """All figures of the period, in a number of queries that does not depend on it."""
    found = months(period)
    asked = RFH.objects.filter(asked_teammates_at__gte=period.start, asked_teammates_at__lt=period.end)
    teammates = asked.aggregate(asked=Count("pk"), solved=Count("pk", filter=Q(outcome=RFH.Outcome.SOLVED_BY_TEAMMATE)))
    return Report(
        months=found,
        slices={name: slices(period, name) for name in SLICES},
        times=times(filed(period)),
        completeness=[
            _times(filed(period).filter(completeness_filed__gte=least, completeness_filed__lt=below), name, key)
            for key, least, below, name in COMPLETENESS
        ],
        asked_teammates=teammates["asked"],
        solved_by_teammates=teammates["solved"],
        tickets=sum(month.tickets for month in found),
        needed=sum(month.needed for month in found),
    )


def slices(period: Period, which: str) -> list[Slice]:
    """The tickets that needed help by team, area, customer or agent, most first.

    A ticket with requests to two teams stands at both, so the sum may be more than the whole.
    """
    key, name = SLICES[which]
    rows = (
        counted()
        .filter(ticket__opened_at__gte=period.start, ticket__opened_at__lt=period.end)
        .values(which_key=F(key), which_name=F(name))
        .annotate(tickets=Count("ticket", distinct=True), requests=Count("pk"))
        .order_by("-tickets", "which_name")
    )
    return [
        Slice(row["which_key"] or "", row["which_name"] or "nobody said", row["tickets"], row["requests"])
        for row in rows
    ]


def times(requests: QuerySet[RFH]) -> list[Times]:
    """All of them, then by priority."""
    return [
        _times(requests, "All", ""),
        *(_times(requests.filter(priority=value), label, value) for value, label in RFH.Priority.choices),
    ]


def behind(period: Period, asked: Mapping[str, str]) -> QuerySet[Ticket]:
    """The tickets behind a figure: all of the period's, or those that needed help, of one slice."""
    if asked.get("only") != "needed":
        return opened(period)
    requests = counted().filter(ticket=OuterRef("pk"))
    for which, (column, _) in SLICES.items():
        if which in asked:
            requests = requests.filter(**{column: asked[which]} if asked[which] else {f"{column}__isnull": True})
    return opened(period).filter(Exists(requests))


def requests_behind(period: Period, asked: Mapping[str, str]) -> QuerySet[RFH]:
    """The requests behind a time: all filed in the period, of one priority, or as complete as said."""
    found = filed(period)
    if asked.get("teammates"):
        found = RFH.objects.filter(asked_teammates_at__gte=period.start, asked_teammates_at__lt=period.end)
        if asked["teammates"] == "solved":
            found = found.filter(outcome=RFH.Outcome.SOLVED_BY_TEAMMATE)
    if asked.get("priority") in RFH.Priority.values:
        found = found.filter(priority=asked["priority"])
    for key, least, below, _ in COMPLETENESS:
        if asked.get("completeness") == key:
            found = found.filter(completeness_filed__gte=least, completeness_filed__lt=below)
    return found


def _by_month(tickets: QuerySet[Ticket], period: Period) -> dict[date, int]:
    rows: Any = (
        tickets.order_by()
        .annotate(month=TruncMonth("opened_at", tzinfo=period.zone))
        .values("month")
        .annotate(count=Count("pk"))
    )
    return {row["month"].date(): row["count"] for row in rows}


def _times(requests: QuerySet[RFH], name: str, key: str) -> Times:
    acknowledge, answer = F("first_acknowledged_at") - F("filed_at"), F("first_answered_at") - F("filed_at")
    row = requests.order_by().aggregate(
        requests=Count("pk"),
        acknowledged=Count("first_acknowledged_at"),
        answered=Count("first_answered_at"),
        acknowledge_p50=Percentile(acknowledge, 0.5),
        acknowledge_p90=Percentile(acknowledge, 0.9),
        answer_p50=Percentile(answer, 0.5),
        answer_p90=Percentile(answer, 0.9),
    )
    return Times(name=name, key=key, **row)


def names(found: Sequence[Slice], called: Mapping[str, str]) -> list[Slice]:
    """The slices with people called by their names."""
    return [Slice(each.key, called.get(each.key, each.name), each.tickets, each.requests) for each in found]
