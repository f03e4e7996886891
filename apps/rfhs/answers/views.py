"""The page of answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.people.models import Agent, Customer, Team
from apps.rfhs import rights
from apps.rfhs.answers.finding import GOOD, Wanted, find, shown
from apps.rfhs.models import RFH, AnsweredHere, Area
from apps.tickets.listing import BoundedPaginator

PER_PAGE, LONGEST_WORDS = 20, 200


@require_safe
def answers(request: HttpRequest) -> HttpResponse:
    """What we learned, by words, area, team and customer."""
    if not (isinstance(request.user, Agent) and rights.may_see(request.user)):
        raise PermissionDenied
    wanted = Wanted(
        words=request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_WORDS],
        **{name: _slug(request, name) for name in ("area", "team", "customer")},
    )
    found = BoundedPaginator(find(wanted), PER_PAGE)
    page = found.get_page(request.GET.get("page"))
    asked = {"q": wanted.words, "area": wanted.area, "team": wanted.team, "customer": wanted.customer}
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Answers",
        "wanted": wanted,
        "listed": page,
        "count": found.count,
        "answers": shown(page.object_list, wanted.words),
        "query": urlencode({name: value for name, value in asked.items() if value}),
        **_choices(),
    }
    return render(request, "rfhs/answers.html", context)


def _choices() -> dict[str, Any]:
    """Only what has an answer."""
    good = RFH.objects.filter(GOOD).order_by()
    teams = good.values("team").union(AnsweredHere.objects.order_by().values("team"))
    return {
        "areas": Area.objects.filter(pk__in=good.values("area")).order_by("name"),
        "teams": Team.objects.filter(pk__in=[row["team"] for row in teams if row["team"]]).order_by("name"),
        "customers": Customer.objects.filter(pk__in=good.values("customer")).order_by("name"),
    }


def _slug(request: HttpRequest, name: str) -> str:
    said = request.GET.get(name, "")
    return said if said.replace("-", "").replace("_", "").isalnum() else ""
