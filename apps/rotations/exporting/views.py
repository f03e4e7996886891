"""Calendars to subscribe to, and the page on which their addresses are made and revoked."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_http_methods, require_safe

from apps.people.models import Agent, Team
from apps.rotations import services
from apps.rotations.errors import RotationError
from apps.rotations.exporting import entries
from apps.rotations.exporting.writing import write
from apps.rotations.models import CalendarAddress, Rotation
from apps.rotations.services.addresses import hashed

FRESH_FOR = 300


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponseBase:
    """The calendar of this secret address; nobody signs in, since calendar programs cannot."""
    address = CalendarAddress.objects.select_related("rotation", "agent").filter(hashed_token=hashed(token)).first()
    if address is None or (address.agent is not None and not address.agent.is_active):
        return _plain("There is no calendar at this address: it was revoked, or made anew. Ask for the new one.", 404)
    window = entries.Window.around(timezone.now())
    if address.rotation is not None:
        name, found = address.rotation.name, entries.of_rotation(address.rotation, window)
    else:
        assert address.agent is not None
        name, found = f"On duty: {address.agent}", entries.of_person(address.agent, window)
    # As new as the day: the same schedule is the same file until midnight, and need not be sent again.
    stamp = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    board = f"{settings.BASE_URL}{reverse('rotations_board:board')}" if settings.BASE_URL else ""
    body = write(name, found, stamp=stamp, page=board)
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="on-shift.ics"'
    answer = get_conditional_response(request, etag=etag, response=response)
    assert answer is not None
    answer["ETag"] = etag
    answer["Cache-Control"] = f"private, max-age={FRESH_FOR}"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_http_methods(["GET", "POST"])
def addresses(request: HttpRequest) -> HttpResponse:
    """One's own calendar's address, and those of rotations one may change."""
    agent = Agent.objects.get(email=request.user.get_username())
    if request.method == "POST":
        return _act(request, agent)
    return _page(request, agent, {})


def _act(request: HttpRequest, agent: Agent) -> HttpResponse:
    slug, verb = request.POST.get("rotation", ""), request.POST.get("do", "")
    of: Rotation | Agent = agent
    if slug:
        rotation = Rotation.objects.select_related("team").filter(slug=slug).first()
        if rotation is None or not _may_change(agent, rotation):
            raise PermissionDenied
        of = rotation
    there = CalendarAddress.objects.filter(**({"rotation": of} if slug else {"agent": of})).exists()
    if verb not in ("make", "revoke"):
        messages.error(request, "Choose what to do with the address.")
    elif there and not request.POST.get("sure"):
        # Programs that subscribed to it would stop hearing: ask first.
        return _page(request, agent, {"asked": {"of": of, "slug": slug, "verb": verb}})
    elif verb == "revoke":
        services.revoke_address(of, now=timezone.now())
        messages.success(request, f"The address of the calendar of {of} opens nothing any more.")
    else:
        try:
            secret = services.make_address(of, now=timezone.now())
        except RotationError as refusal:
            messages.error(request, str(refusal))
        else:
            # In the very answer: a message would keep it in a cookie or the session.
            path = reverse("calendar_feed", args=[secret])
            base = settings.BASE_URL or request.build_absolute_uri("/").rstrip("/")
            return _page(request, agent, {"made": {"of": of, "address": f"{base}{path}"}})
    return HttpResponseRedirect(reverse("calendar_addresses"))


def _page(request: HttpRequest, agent: Agent, more: dict[str, Any]) -> HttpResponse:
    rotations = Rotation.objects.filter(archived_at=None).select_related("team", "calendar_address")
    sees = agent.has_perm("rotations.view_rotation")
    context = {
        **admin.site.each_context(request),
        "title": "Calendars to subscribe to",
        "own": CalendarAddress.objects.filter(agent=agent).first(),
        "rotations": [
            {
                "rotation": rotation,
                "address": getattr(rotation, "calendar_address", None),
                "may": _may_change(agent, rotation),
            }
            for rotation in (rotations if sees else ())
        ],
        "now": timezone.now(),
        **more,
    }
    # Under admin_view, which has it stored nowhere.
    return render(request, "rotations/addresses.html", context)


def _may_change(agent: Agent, rotation: Rotation) -> bool:
    """A manager may; a lead's right ends at the own teams."""
    if not agent.has_perm("rotations.change_rotation"):
        return False
    return agent.has_perm("people.change_team") or Team.objects.filter(pk=rotation.team_id, members=agent).exists()


def _plain(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")
