"""What the incidents of a period say. Each figure names the incidents behind it; what was none is in no figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Avg, Case, Count, DurationField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import TruncMonth

from apps.dashboard.reports.figures import Percentile
from apps.dashboard.reports.incidents.asking import Asked
from apps.incidents.models import SEVERITIES, Component, ImpactChange, Incident, Severity
from apps.incidents.states import OPEN, State

# Which column ends each time; all begin when the incident was reported.
ENDS: Mapping[str, str] = {"acknowledge": "acknowledged_at", "resolve": "closed_at", "tell": "published_at"}
NARROWED: Mapping[str, Q] = {
    "open": Q(status__in=sorted(OPEN)),
    "acknowledged": Q(acknowledged_at__isnull=False),
    "unacknowledged": Q(acknowledged_at__isnull=True),
    "resolved": Q(status=State.RESOLVED),
    "told": Q(published_at__isnull=False),
    "untold": Q(published_at__isnull=True),
}


@dataclass(frozen=True)
class Time:
    """How long something took: of so many incidents, on average, and half and nine tenths of them within."""

    incidents: int = 0
    mean: timedelta | None = None
    p50: timedelta | None = None
    p90: timedelta | None = None


@dataclass(frozen=True)
class Row:
    """The incidents of a month, a severity, a component, or all: how many, and how long each step took."""

    key: str
    name: str
    incidents: int = 0
    open: int = 0
    acknowledge: Time = Time()
    resolve: Time = Time()
    tell: Time = Time()


@dataclass(frozen=True)
class Report:
    """Everything that was asked. `by_severity` counts a month's incidents of each severity."""

    total: Row
    months: list[tuple[date, Row]]
    severities: list[Row]
    components: list[Row]
    by_severity: Mapping[tuple[date, str], int]


def counted(asked: Asked) -> QuerySet[Incident]:
    """The incidents asked for: reported in the period, and not found to be none."""
    period = asked.period
    found = Incident.objects.filter(reported_at__gte=period.start, reported_at__lt=period.end)
    found = found.exclude(status=State.INVALID).order_by()
    if asked.severity:
        found = found.filter(severity=asked.severity)
    if asked.component:
        found = found.filter(Exists(_hits().filter(incident=OuterRef("pk"), component=asked.component)))
    for each in asked.only:
        found = found.filter(~Exists(_hits().filter(incident=OuterRef("pk"))) if each == "unnamed" else NARROWED[each])
    return found


def report(asked: Asked) -> Report:
    """All figures, in a number of queries that does not depend on what is asked."""
    incidents = counted(asked)
    return Report(
        total=_row("", "All", incidents.aggregate(**_figures())),
        months=_months(incidents, asked),
        severities=_severities(incidents),
        components=_components(incidents, asked),
        by_severity=_by_severity(incidents, asked),
    )


def _hits() -> QuerySet[ImpactChange]:
    """Changes for the worse: whatever else an incident says of a component, by these it hit it."""
    return ImpactChange.objects.exclude(status=Component.Status.OPERATIONAL)


def _months(incidents: QuerySet[Incident], asked: Asked) -> list[tuple[date, Row]]:
    rows = _by_month(incidents, asked).values("month").annotate(**_figures())
    known = {row["month"].date(): row for row in rows}
    return [
        (month, _row(f"{month:%Y-%m}", f"{month:%b %Y}", known[month]) if month in known else _none(month))
        for month in asked.period.months
    ]


def _severities(incidents: QuerySet[Incident]) -> list[Row]:
    known = {row["severity"]: row for row in incidents.values("severity").annotate(**_figures())}
    meanings = dict(Severity.objects.values_list("severity", "meaning"))
    rows = []
    for severity, _ in SEVERITIES:
        name = f"{severity}, {meanings[severity]}" if meanings.get(severity) else severity
        rows.append(_row(severity, name, known[severity]) if severity in known else Row(severity, name))
    return rows


def _components(incidents: QuerySet[Incident], asked: Asked) -> list[Row]:
    """Those hit most first, then what no component was named for. An incident stands at every component it hit."""
    # Of an incident's changes of one component the first speaks for all: with each of them it would count again.
    earlier = _hits().filter(incident=OuterRef("incident"), component=OuterRef("component"), pk__lt=OuterRef("pk"))
    hits = _hits().filter(~Exists(earlier), incident__in=incidents.values("pk")).order_by()
    if asked.component:
        hits = hits.filter(component=asked.component)
    found = hits.values(key=F("component__slug"), name=F("component__name")).annotate(**_figures("incident__"))
    rows = sorted(
        (_row(row["key"], row["name"], row) for row in found), key=lambda row: (-row.incidents, row.name, row.key)
    )
    unnamed = incidents.filter(~Exists(_hits().filter(incident=OuterRef("pk")))).aggregate(**_figures())
    if unnamed["incidents"]:
        rows.append(_row("", "No component named", unnamed))
    return rows


def _by_severity(incidents: QuerySet[Incident], asked: Asked) -> dict[tuple[date, str], int]:
    rows = _by_month(incidents, asked).values("month", "severity").annotate(count=Count("pk"))
    return {(row["month"].date(), row["severity"]): row["count"] for row in rows}


def _by_month(incidents: QuerySet[Incident], asked: Asked) -> QuerySet[Any]:
    return incidents.annotate(month=TruncMonth("reported_at", tzinfo=asked.period.zone))


def _figures(through: str = "") -> dict[str, Any]:
    """The aggregates of a row, of incidents or of rows that point at one `through` a relation."""
    began = f"{through}reported_at"
    over: dict[str, Any] = {"incidents": Count("pk"), "open": Count("pk", filter=Q(**{f"{through}closed_at": None}))}
    for name, column in ENDS.items():
        end = f"{through}{column}"
        # Somebody may say later that it began after it was acknowledged: that took no time, not less.
        took = Case(
            When(**{f"{end}__gte": F(began)}, then=F(end) - F(began)),
            When(**{f"{end}__isnull": False}, then=Value(timedelta(0))),
            output_field=DurationField(),
        )
        over |= {f"{name}_incidents": Count(end), f"{name}_mean": Avg(took)}
        over |= {f"{name}_p50": Percentile(took, 0.5), f"{name}_p90": Percentile(took, 0.9)}
    return over


def _row(key: str, name: str, found: Mapping[str, Any]) -> Row:
    times = {which: Time(*(found[f"{which}_{part}"] for part in ("incidents", "mean", "p50", "p90"))) for which in ENDS}
    return Row(key, name, found["incidents"], found["open"], **times)


def _none(month: date) -> Row:
    return Row(f"{month:%Y-%m}", f"{month:%b %Y}")
