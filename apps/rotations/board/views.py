"""The pages one looks at: all rotations, and one of them alone with more detail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.dashboard.moments import letters, zone_name
from apps.people.models import Agent, Team
from apps.rotations.board import drawing
from apps.rotations.board.asking import SHOWS, WEEKS, Asked, asked
from apps.rotations.board.boards import Board, boards
from apps.rotations.board.lines import Line, lines, planned, whose
from apps.rotations.effects import effect
from apps.rotations.models import Cycle, Rotation
from apps.rotations.rights import SEE, Rights, rights_of

HOUR = timedelta(hours=1)
A_PAGE = 12
# So many rotations are looked through at a glance; with more there is a search.
MANY = 6
# A rotation that hands over every hour has more segments in eight weeks than anybody reads.
MOST_LINES = 600
LEGEND = (
    ("person_off", "gap", "Nobody: a gap"),
    ("swap_horiz", "override", "By an override"),
    ("content_copy", "double", "In two roles at once"),
    ("beach_access", "leave", "On leave"),
)
NAMES = {"roles": "By role", "people": "By person", "table": "Table"}


@dataclass(frozen=True)
class Card:
    """One rotation on the page."""

    board: Board
    lines: list[Line]
    drawn: dict[str, Any] | None
    on_now: list[Line]
    address: str
    may_override: bool
    hidden: int

    @property
    def rotation(self) -> Rotation:
        return self.board.rotation

    @property
    def zone(self) -> str:
        return self.board.zone.key

    @property
    def ident(self) -> str:
        """The data's id on the page."""
        return f"board-{self.rotation.pk}"


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Every rotation in use that matches, the own teams' first, a dozen a page."""
    viewer, now = _viewer(request), timezone.now()
    said = asked(request.GET.dict(), today=timezone.localdate(now))
    rights = rights_of(viewer)
    found = Rotation.objects.filter(archived_at=None)
    total = found.count()
    if said.team:
        found = found.filter(team__slug=said.team)
    if said.search:
        found = found.filter(
            Q(name__icontains=said.search) | Q(slug__icontains=said.search) | Q(team__name__icontains=said.search)
        )
    order = sorted(
        found.order_by("name", "pk").values_list("pk", "team_id"), key=lambda each: each[1] not in rights.teams
    )
    pages = max(1, -(-len(order) // A_PAGE))
    said = said.but(page=min(max(said.page, 1), pages))
    keys = [key for key, _ in order[(said.page - 1) * A_PAGE : said.page * A_PAGE]]
    address = reverse("rotations_board:board")
    cards = _cards(Rotation.objects.filter(pk__in=keys), keys, said, rights, back=_to(address, said), now=now)
    context = {
        **_shared(request, said, address, cards, now=now),
        "title": "On-call board",
        "teams": Team.objects.filter(rotations__archived_at=None, rotations__isnull=False).distinct(),
        "total": total,
        "found": len(order),
        "searchable": total > MANY or bool(said.search),
        "newer": f"?{said.but(page=said.page - 1).query}" if said.page > 1 else "",
        "older": f"?{said.but(page=said.page + 1).query}" if said.page < pages else "",
        "pages": pages,
        "may_add": viewer.has_perm("rotations.add_rotation"),
        "wizard": wizard(),
    }
    return render(request, "rotations/board/board.html", context)


@require_safe
def rotation(request: HttpRequest, slug: str) -> HttpResponse:
    """One rotation, an archived one too, with its hours, overrides and layers."""
    viewer, now = _viewer(request), timezone.now()
    said = asked(request.GET.dict(), today=timezone.localdate(now))
    rights = rights_of(viewer)
    address = reverse("rotations_board:rotation", args=[slug])
    back = _to(address, said)
    cards = _cards(Rotation.objects.filter(slug=slug), [], said, rights, back=back, now=now)
    if not cards:
        raise Http404("There is no such rotation.")
    [card] = cards
    hours = effect(None, card.board.timeline).hours
    longest = max((each.after for each in hours), default=None)
    context = {
        **_shared(request, said, address, cards, now=now),
        "title": card.rotation.name,
        "above": [{"title": "On-call board", "link": reverse("rotations_board:board")}],
        "card": card,
        "hours": [
            (
                card.board.book.called(each.person),
                f"{each.after / HOUR:,.0f} h",
                round(100 * (each.after / longest)) if longest else 0,
            )
            for each in sorted(hours, key=lambda each: -each.after)
        ],
        "planned": planned(card.board, rights, now=now, back=back),
        "layers": [
            (layer, [(drawing.names(duty.people, card.board.book.called), duty) for duty in layer.duties])
            for layer in card.board.layers
        ],
        "has_cycle": Cycle.objects.filter(rotation=card.rotation).exists(),
        "may_see_trail": viewer.has_perm("trail.view_storedevent"),
    }
    return render(request, "rotations/board/rotation.html", context)


def wizard() -> str:
    """Where a SET cycle is set up step by step; "" where that is not there."""
    try:
        return reverse("rotations_cycles:new")
    except NoReverseMatch:
        return ""


def _spelled(at: datetime, board: Board) -> str:
    local = at.astimezone(board.zone)
    return f"{local:%-d %b %H:%M} {letters(local)}"


def _to(address: str, said: Asked) -> str:
    return f"{address}?{said.query}" if said.query else address


def _viewer(request: HttpRequest) -> Agent:
    viewer = cast(Agent, request.user)
    if not viewer.has_perm(SEE):
        raise PermissionDenied
    return viewer


def _cards(
    found: QuerySet[Rotation], keys: Sequence[int], said: Asked, rights: Rights, *, back: str, now: datetime
) -> list[Card]:
    zone = timezone.get_current_timezone()
    made = [_card(each, said, rights, back=back, now=now) for each in boards(found, said, zone)]
    return sorted(made, key=lambda card: keys.index(card.rotation.pk)) if keys else made


def _card(board: Board, said: Asked, rights: Rights, *, back: str, now: datetime) -> Card:
    told = lines(board, rights, now=now, back=back)
    shown = told[:MOST_LINES]
    found = [line.segment for line in shown]
    people = whose(board.people)
    hues = {email: place for place, email in enumerate(people)}
    words = drawing.Words(board.book.called, lambda at: _spelled(at, board), hues)
    drawn: dict[str, Any] | None = None
    if said.show == "people":
        drawn = drawing.by_person(people, found, words=words, zone=board.zone)
    elif said.show == "roles":
        drawn = drawing.by_role(board.timeline.roles, found, board.layers, board.acting, words=words, zone=board.zone)
        ends = {each.override.pk: each for each in planned(board, rights, now=now, back=back)}
        for segment in drawn["segments"]:
            if each := ends.get(segment.get("override")):
                act = {"label": each.end.label, "address": each.end.address} if each.end else None
                segment |= {"says": each.override.reason, "act": act}
    if drawn is not None:
        offset = now.astimezone(board.zone).strftime("%z")
        drawn |= {
            "since": said.since.isoformat(),
            "weeks": said.weeks,
            "offset": f"{offset[:3]}:{offset[3:5]}",
            "name": board.rotation.name,
            "movable": said.show == "people" and rights.may_override(board.rotation),
        }
    return Card(
        board=board,
        lines=shown,
        drawn=drawn,
        on_now=[line for line in told if line.running],
        address=reverse("rotations_board:rotation", args=[board.rotation.slug]),
        may_override=rights.may_override(board.rotation),
        hidden=len(told) - len(shown),
    )


def _shared(request: HttpRequest, said: Asked, address: str, cards: Sequence[Card], *, now: datetime) -> dict[str, Any]:
    def to(changed: Asked) -> str:
        return _to(address, changed)

    return {
        **admin.site.each_context(request),
        "asked": said,
        "cards": cards,
        "now": now,
        "zone": zone_name(),
        "address": address,
        "back": to(said),
        "last_day": said.until - timedelta(days=1),
        "earlier": to(said.moved(-1)),
        "later": to(said.moved(1)),
        "this_week": to(
            asked({}, today=timezone.localdate(now)).but(
                weeks=said.weeks, show=said.show, own_zone=said.own_zone, team=said.team, search=said.search
            )
        ),
        "widths": [(weeks, to(said.but(weeks=weeks)), weeks == said.weeks) for weeks in WEEKS],
        "shows": [(NAMES[show], to(said.but(show=show)), show == said.show) for show in SHOWS],
        "zones": [
            (f"Yours ({zone_name()})", to(said.but(own_zone=False)), not said.own_zone),
            ("The rotation's", to(said.but(own_zone=True)), said.own_zone),
        ],
        "legend": LEGEND,
        "is_fullwidth": "1",
    }
