"""The figures of incidents: their page, their table for other programs, and the incidents behind a figure."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.dashboard.reports.incidents import figures
from apps.dashboard.reports.incidents.asking import Asked, BadQuestion, understand
from apps.dashboard.reports.incidents.figures import Report, Row, Time
from apps.dashboard.reports.incidents.writing import as_csv
from apps.dashboard.reports.months import Period
from apps.dashboard.reports.writing import spelt
from apps.incidents import rights
from apps.incidents.models import SEVERITIES, Component, Incident
from apps.people.models import Agent

PAGE = 50
# Colours of a chart stand beside the words and numbers of a table, never alone.
COLOURS = {"sev-1": "#b91c1c", "sev-2": "#ea580c", "sev-3": "#ca8a04", "sev-4": "#2563eb", "sev-5": "#6b7280"}
ACKNOWLEDGE, TELL, RESOLVE = "#7c3aed", "#0891b2", "#2563eb"
TIMES = (
    ("acknowledge", "MTTA, to acknowledge", "acknowledged"),
    ("tell", "To the first public update", "told"),
    ("resolve", "MTTR, to resolve", "resolved"),
)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The figures of a period, by default of twelve months."""
    _must_see(request)
    asked, error = _asked(request)
    found = figures.report(asked)
    context = {
        **admin.site.each_context(request),
        "title": "Figures of incidents",
        "asked": asked,
        "error": error,
        "zone": settings.TIME_ZONE,
        "severities": [name for name, _ in SEVERITIES],
        "components": Component.objects.order_by("name"),
        "total": _row(found.total, asked),
        "times": [
            _time(name, getattr(found.total, which), replace(asked, only=(*asked.only, only)))
            for which, name, only in TIMES
        ],
        "months": [_row(row, replace(asked, period=_cut(asked.period, month))) for month, row in found.months],
        "by_severity": [_row(row, replace(asked, severity=row.key)) for row in found.severities],
        "by_component": _components(found, asked),
        "counts": _counts(found),
        "legend": [{"name": row.key, "colour": COLOURS[row.key], "count": row.incidents} for row in found.severities],
        "early": _line(found, "min", 60, (("MTTA", "acknowledge", ACKNOWLEDGE), ("First public update", "tell", TELL))),
        "late": _line(found, "h", 3600, (("MTTR", "resolve", RESOLVE),)),
        "csv": f"{reverse('incident_figures_csv')}?{urlencode(asked.said)}",
    }
    return render(request, "dashboard/reports/incidents.html", context, status=400 if error else 200)


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The same as CSV."""
    _must_see(request)
    asked, error = _asked(request)
    if error:
        return HttpResponse(error, status=400, content_type="text/plain; charset=utf-8")
    response = HttpResponse(as_csv(figures.report(asked)), content_type="text/csv; charset=utf-8")
    name = f"incidents-{asked.period.first}-{asked.period.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
def behind(request: HttpRequest) -> HttpResponse:
    """The incidents behind one figure, those reported last first."""
    _must_see(request)
    asked, error = _asked(request)
    shown = Paginator(figures.counted(asked).order_by("-reported_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    back = [(name, value) for name, value in asked.said if name != "only"]
    context = {
        **admin.site.each_context(request),
        "title": "Incidents behind the figure",
        "period": asked.period,
        "error": error,
        "what": asked.words,
        "page": shown,
        "rows": [_incident(incident) for incident in shown],
        "query": urlencode(asked.said),
        "back": f"{reverse('incident_figures')}?{urlencode(back)}",
    }
    return render(request, "dashboard/reports/behind.html", context, status=400 if error else 200)


def _must_see(request: HttpRequest) -> None:
    if not rights.may_see(cast(Agent, request.user)):
        raise PermissionDenied


def _asked(request: HttpRequest) -> tuple[Asked, str]:
    zone = ZoneInfo(settings.TIME_ZONE)
    today = timezone.now().astimezone(zone).date()
    try:
        return understand(request.GET.dict(), request.GET.getlist("only"), today=today, zone=zone), ""
    except BadQuestion as bad:
        return understand({}, today=today, zone=zone), str(bad)


def _behind(asked: Asked) -> str:
    return f"{reverse('incident_figures_behind')}?{urlencode(asked.said)}"


def _cut(period: Period, month: Any) -> Period:
    first, last = period.within(month)
    return Period(first, last, period.zone)


def _row(row: Row, asked: Asked) -> dict[str, Any]:
    def only(what: str) -> str:
        return _behind(replace(asked, only=(*asked.only, what)))

    return {
        "name": row.name,
        "incidents": row.incidents,
        "open": row.open,
        "mtta": spelt(row.acknowledge.mean),
        "told": spelt(row.tell.mean),
        "mttr": spelt(row.resolve.mean),
        "all": _behind(asked),
        "still_open": only("open"),
        "acknowledged": only("acknowledged"),
        "published": only("told"),
        "resolved": only("resolved"),
    }


def _time(name: str, time: Time, asked: Asked) -> dict[str, Any]:
    return {
        "name": name,
        "incidents": time.incidents,
        "mean": spelt(time.mean),
        "p50": spelt(time.p50),
        "p90": spelt(time.p90),
        "link": _behind(asked),
    }


def _components(found: Report, asked: Asked) -> list[dict[str, Any]]:
    known = Component.objects.in_bulk([row.key for row in found.components if row.key], field_name="slug")
    return [
        _row(
            row,
            replace(asked, component=known[row.key]) if row.key else replace(asked, only=(*asked.only, "unnamed")),
        )
        for row in found.components
    ]


def _counts(found: Report) -> str:
    """What the chart of counts draws: a bar a month, of a piece a severity."""
    datasets = [
        {
            "label": row.key,
            "data": [found.by_severity.get((month, row.key), 0) for month, _ in found.months],
            "backgroundColor": COLOURS[row.key],
            "stack": "all",
            "borderRadius": 0,
            "maxBarThickness": 32,
            "displayYAxis": True,
        }
        for row in found.severities
        if row.incidents
    ]
    return json.dumps({"labels": _labels(found), "datasets": datasets})


def _line(found: Report, suffix: str, unit: int, lines: tuple[tuple[str, str, str], ...]) -> str:
    """What a chart of times draws: a point a month, none where there was no incident to count."""
    # What nobody sees, so that the axis begins at nothing.
    zero = {"label": "", "data": [0] * len(found.months), "borderColor": "transparent", "pointHitRadius": 0}
    datasets: list[dict[str, Any]] = [zero]
    for label, which, colour in lines:
        means = [getattr(row, which).mean for _, row in found.months]
        datasets.append(
            {
                "label": f"{label}, {suffix}",
                "data": [None if mean is None else round(mean.total_seconds() / unit, 1) for mean in means],
                "borderColor": colour,
                "backgroundColor": colour,
                "pointStyle": "circle",
                "pointRadius": 4,
                "spanGaps": True,
                "displayYAxis": True,
                "suffixYAxis": suffix,
            }
        )
    return json.dumps({"labels": _labels(found), "datasets": datasets})


def _labels(found: Report) -> list[str]:
    return [f"{month:%b %Y}" for month, _ in found.months]


def _incident(incident: Incident) -> dict[str, Any]:
    words = [f"{incident.severity}, {incident.get_status_display().lower()}"]
    for column, done in (("acknowledged_at", "acknowledged"), ("published_at", "public"), ("closed_at", "resolved")):
        at = getattr(incident, column)
        words.append(f"{done} after {spelt(at - incident.reported_at)}" if at else f"not {done}")
    return {
        "link": reverse("incidents:story", args=[incident.pk]),
        "name": incident.number,
        "about": incident.title,
        "at": incident.reported_at,
        "requests": [{"link": "", "words": each} for each in words],
    }
