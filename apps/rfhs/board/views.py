"""The board of requests, in columns or as all teams' queues in one list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.escalations.rfh_selectors import Promised, promises_of
from apps.people.models import Agent, Customer
from apps.rfhs import rights
from apps.rfhs.board.asking import Asked, asked
from apps.rfhs.board.cards import Card, Shown, board, queue
from apps.rfhs.board.loads import Load, loads, why_all
from apps.rfhs.doors import viewer_of
from apps.rfhs.models import Desk


@dataclass(frozen=True)
class Chip:
    """A link that narrows the board, or widens it again."""

    words: str
    link: str
    on: bool


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What the address asks for; the page's script fetches the cards alone every few seconds."""
    viewer, now = viewer_of(request), timezone.now()
    said = asked(request.GET.dict())
    carried = loads()
    why = why_all(carried, team=said.team)
    as_one = said.view == "all" or (said.view == "" and bool(why))
    shown: list[Shown] = [] if as_one else board(said, viewer, now=now)
    cards: list[Card] = queue(said, viewer, now=now) if as_one else []
    shown_cards = cards if as_one else [card for each in shown for card in each.cards]
    context = {
        "promised": _promised(shown_cards, now),
        "asked": said,
        "as_one": as_one,
        "why": why,
        "columns": shown,
        "queue": cards,
        "now": now,
        "total": len(cards) if as_one else sum(len(each.cards) for each in shown),
        "loads": carried,
        "back": said.query,
        "everything": reverse("rfhs:board"),
        "may_begin": rights.may_begin(viewer),
    }
    if "cards" in request.GET:
        return render(request, "rfhs/board/cards.html", context)
    return render(
        request,
        "rfhs/board/board.html",
        {**admin.site.each_context(request), **context, **_tools(said, viewer, carried)},
    )


def _promised(cards: list[Card], now: datetime) -> dict[int, Promised]:
    """By request the promise that falls due first; that of a daily update has its own mark."""
    found = promises_of([card.rfh for card in cards if not card.rfh.is_over], now=now)
    daily = {card.rfh.pk for card in cards if card.update_due_at is not None}
    return {
        key: awaited[0]
        for key, promises in found.items()
        if (awaited := [each for each in promises if each.is_running and not (key in daily and each.of_updates)])
    }


def _tools(said: Asked, viewer: Agent, carried: list[Load]) -> dict[str, Any]:
    people = Agent.objects.filter(
        Q(rfhs_owned__ended_at=None, rfhs_owned__isnull=False)
        | Q(rfhs_accountable__ended_at=None, rfhs_accountable__isnull=False)
    )
    named = Agent.objects.filter(email=said.person) if said.person else Agent.objects.none()
    customers = Customer.objects.filter(Q(rfhs__ended_at=None, rfhs__isnull=False) | Q(slug=said.customer))
    desk = Desk.objects.filter(is_set=True).select_related("team").first()
    chips = [
        Chip(
            "Mine",
            _to(said.but(person="" if said.person == viewer.email else viewer.email)),
            said.person == viewer.email,
        ),
        Chip("SET items", _to(said.but(set_only=not said.set_only)), said.set_only),
        Chip("Stuck", _to(said.but(stuck_only=not said.stuck_only)), said.stuck_only),
    ]
    if desk is not None:
        on = said.team == desk.team.slug
        chips.insert(0, Chip(f"{desk.team}’s view", _to(said.but(team="" if on else desk.team.slug)), on))
    query = said.query
    return {
        "title": "Board of requests",
        "is_fullwidth": "1",
        "people": (people | named).distinct().order_by("first_name", "last_name", "email"),
        "customers": customers.distinct().order_by("name"),
        "teams": [each.team for each in carried],
        "chips": chips,
        "fresh": f"{reverse('rfhs:board')}?{query}{'&' if query else ''}cards=1",
        "as_columns": _to(said.but(view="columns")),
        "as_list": _to(said.but(view="all")),
        "new": f"{reverse('rfhs:item')}?{_to(said).partition('?')[2]}",
    }


def _to(said: Asked) -> str:
    return f"{reverse('rfhs:board')}{'?' if said.query else ''}{said.query}"
