"""A new item straight from the board."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.people.acting import Acting
from apps.people.models import Team
from apps.rfhs import rights, services
from apps.rfhs.board.doors import back_of, filters_of, put_beside, query_of
from apps.rfhs.board.items.forms import ItemForm
from apps.rfhs.doors import viewer_of
from apps.rfhs.errors import BadRFH
from apps.rfhs.selectors import whose


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """An item that the team has at once; its owner is the primary on shift."""
    viewer = viewer_of(request)
    if not rights.may_begin(viewer):
        raise PermissionDenied
    if request.method == "GET":
        team = Team.objects.filter(slug=filters_of(request).team).first()
        return _page(request, ItemForm(initial={"team": team.pk} if team else None))
    form = ItemForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        rfh, _ = services.make_item(**form.item(), by=Acting(viewer), now=timezone.now())
    except BadRFH as refusal:
        put_beside(refusal, form)
        return _page(request, form, status=422)
    messages.success(request, whose(rfh))
    return HttpResponseRedirect(f"{back_of(request)}#rfh-{rfh.pk}")


def _page(request: HttpRequest, form: ItemForm, *, status: int = 200) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": "New item",
        "above": [{"title": "Board of requests", "link": back_of(request)}],
        "form": form,
        "back": query_of(request),
        "board": back_of(request),
    }
    return render(request, "rfhs/board/item.html", context, status=status)
