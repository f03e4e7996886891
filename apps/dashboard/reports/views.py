"""The report on engineering's help: its page, its table for other programs, and the tickets behind a figure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
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

from apps.dashboard.reports import figures
from apps.dashboard.reports.months import GOAL, BadPeriod, Period, read
from apps.dashboard.reports.writing import as_csv, spelt
from apps.people.models import Agent
from apps.rfhs import rights
from apps.rfhs.models import RFH
from apps.tickets.models import Ticket

PAGE = 50
TITLES = {"team": "Team", "area": "Area", "customer": "Customer", "agent": "Accountable"}
# Colours of the chart stand beside words and patterns of the table, never alone.
HELP, LINE = "#7c3aed", "#dc2626"


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The figures of a period, by default of twelve months."""
    _must_see(request)
    period, error = _period(request)
    found = figures.report(period)
    said = _said(period)
    context = {
        **admin.site.each_context(request),
        "title": "Engineering’s help",
        "period": period,
        "error": error,
        "zone": settings.TIME_ZONE,
        "goal": f"{GOAL:.0%}",
        "report": found,
        "share": _percent(found.share),
        "over": found.share is not None and found.share > GOAL,
        "months": [_month(month, period) for month in found.months],
        "chart": _chart(found),
        "slices": [_slices(which, rows, found, said) for which, rows in found.slices.items()],
        "times": [_times(row, {**said, "priority": row.key}) for row in found.times],
        "completeness": [_times(row, {**said, "completeness": row.key}) for row in found.completeness],
        "all_tickets": _behind(said),
        "needed": _behind({**said, "only": "needed"}),
        "asked": _behind({**said, "teammates": "asked"}),
        "solved": _behind({**said, "teammates": "solved"}),
        "csv": f"{reverse('engineering_help_csv')}?{urlencode(said)}",
    }
    return render(request, "dashboard/reports/engineering_help.html", context, status=400 if error else 200)


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The same as CSV."""
    _must_see(request)
    period, error = _period(request)
    if error:
        return HttpResponse(error, status=400, content_type="text/plain; charset=utf-8")
    response = HttpResponse(as_csv(figures.report(period)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="engineering-help-{period.first}-{period.last}.csv"'
    return response


@require_safe
def behind(request: HttpRequest) -> HttpResponse:
    """The tickets, or the requests, behind one figure."""
    _must_see(request)
    period, error = _period(request)
    asked = {name: value.replace("\x00", "") for name, value in request.GET.dict().items()}
    of_requests = any(name in asked for name in ("priority", "completeness", "teammates"))
    rows: Any
    if of_requests:
        rows = figures.requests_behind(period, asked).select_related("ticket", "team", "customer").order_by("-pk")
    else:
        rows = (
            figures.behind(period, asked)
            .select_related("customer")
            .prefetch_related("rfhs__team")
            .order_by("-opened_at", "-pk")
        )
    shown = Paginator(rows, PAGE).get_page(asked.pop("page", "1"))
    context = {
        **admin.site.each_context(request),
        "title": "Requests behind the figure" if of_requests else "Tickets behind the figure",
        "period": period,
        "error": error,
        "what": _in_words(asked),
        "page": shown,
        "rows": [_request(row) if of_requests else _ticket(row) for row in shown],
        "query": urlencode(asked),
        "back": f"{reverse('engineering_help')}?{urlencode(_said(period))}",
    }
    return render(request, "dashboard/reports/behind.html", context, status=400 if error else 200)


def _must_see(request: HttpRequest) -> None:
    viewer = cast(Agent, request.user)
    if not (rights.may_see(viewer) and viewer.has_perm("tickets.view_ticket")):
        raise PermissionDenied


def _period(request: HttpRequest) -> tuple[Period, str]:
    zone = ZoneInfo(settings.TIME_ZONE)
    today = timezone.now().astimezone(zone).date()
    try:
        return read(request.GET.get("from", ""), request.GET.get("until", ""), today=today, zone=zone), ""
    except BadPeriod as bad:
        return read("", "", today=today, zone=zone), str(bad)


def _said(period: Period) -> dict[str, str]:
    return {"from": str(period.first), "until": str(period.last)}


def _behind(said: Mapping[str, str]) -> str:
    return f"{reverse('engineering_help_behind')}?{urlencode(said)}"


def _month(month: figures.Month, period: Period) -> dict[str, Any]:
    first, last = period.within(month.first)
    said = {"from": str(first), "until": str(last)}
    return {
        "name": f"{month.first:%B %Y}",
        "tickets": month.tickets,
        "needed": month.needed,
        "share": _percent(month.share),
        "over": month.share is not None and month.share > GOAL,
        "all": _behind(said),
        "helped": _behind({**said, "only": "needed"}),
    }


def _slices(which: str, rows: list[figures.Slice], report: figures.Report, said: Mapping[str, str]) -> dict[str, Any]:
    if which == "agent":
        agents = Agent.objects.filter(email__in=[row.key for row in rows])
        rows = figures.names(rows, {agent.email: str(agent) for agent in agents})
    return {
        "title": TITLES[which],
        "rows": [
            {
                "name": row.name,
                "tickets": row.tickets,
                "requests": row.requests,
                "share": _percent(row.tickets / report.tickets if report.tickets else None),
                "link": _behind({**said, "only": "needed", which: row.key}),
            }
            for row in rows
        ],
    }


def _times(row: figures.Times, said: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": row.name,
        "requests": row.requests,
        "acknowledged": row.acknowledged,
        "answered": row.answered,
        "acknowledge_p50": spelt(row.acknowledge_p50),
        "acknowledge_p90": spelt(row.acknowledge_p90),
        "answer_p50": spelt(row.answer_p50),
        "answer_p90": spelt(row.answer_p90),
        "link": _behind(said),
    }


def _chart(report: figures.Report) -> str:
    """What the chart draws: a bar a month, and the goal as a line, in percent."""
    shares = [None if month.share is None else round(100 * month.share, 1) for month in report.months]
    return json.dumps(
        {
            "labels": [f"{month.first:%b %Y}" for month in report.months],
            "datasets": [
                {"label": "Needed engineering, %", "data": shares, "backgroundColor": HELP},
                {
                    "label": "Goal, %",
                    "type": "line",
                    "data": [100 * GOAL] * len(shares),
                    "borderColor": LINE,
                    "borderDash": [6, 4],
                    "pointRadius": 0,
                },
            ],
        }
    )


def _ticket(ticket: Ticket) -> dict[str, Any]:
    requests = [rfh for rfh in ticket.rfhs.all() if rfh.filed_at is not None]
    return {
        "link": reverse("admin:tickets_ticket_change", args=[ticket.pk]),
        "name": str(ticket),
        "about": ticket.subject,
        "customer": str(ticket.customer or ""),
        "at": ticket.opened_at,
        "requests": [_named(rfh) for rfh in requests],
    }


def _request(rfh: RFH) -> dict[str, Any]:
    at: datetime = rfh.filed_at or rfh.opened_at
    named = _named(rfh)
    return {
        "link": named["link"],
        "name": str(rfh),
        "about": rfh.summary,
        "customer": str(rfh.customer or ""),
        "at": at,
        "requests": [{"link": "", "words": named["words"].partition(" ")[2]}],
    }


def _named(rfh: RFH) -> dict[str, str]:
    who = f"{rfh.team}, " if rfh.team else ""
    return {
        "link": reverse("admin:rfhs_rfh_change", args=[rfh.pk]),
        "words": f"{rfh} {rfh.get_kind_display().lower()}, {who}{rfh.get_state_display().lower()}",
    }


def _in_words(asked: Mapping[str, str]) -> str:
    return ", ".join(_narrowed(asked))


def _narrowed(asked: Mapping[str, str]) -> Iterable[str]:
    if asked.get("only") == "needed":
        yield "needed engineering’s help"
    for which, title in TITLES.items():
        if which in asked:
            yield f"{title.lower()} {asked[which] or 'not said'}"
    if asked.get("priority"):
        yield asked["priority"]
    for key, _, _, name in figures.COMPLETENESS:
        if asked.get("completeness") == key:
            yield f"context {name}"
    if asked.get("teammates"):
        yield "solved by a teammate" if asked["teammates"] == "solved" else "teammates were asked"


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{100 * share:.1f} %"
