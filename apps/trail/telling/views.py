"""Chosen events in the customer's language, to copy."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.dashboard.moments import letters
from apps.trail import reading
from apps.trail.access import READ, may_look, may_read
from apps.trail.events import known_as
from apps.trail.models import StoredEvent
from apps.trail.reading import Query
from apps.trail.streams import typed_stream
from apps.trail.telling import services
from apps.trail.telling.composing import compose
from apps.trail.telling.services import NotForCustomers
from apps.trail.telling.wordings import told, wordings
from apps.trail.zones import zone_named, zone_names

MOST = 200


@require_http_methods(["GET", "HEAD", "POST"])
def customer_copy_page(request: HttpRequest) -> HttpResponse:
    """What of a story a customer may be told, to choose from; and what was chosen as a text."""
    if not may_look(request.user):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    typed = given.get("stream", "")
    stream = typed_stream(typed)
    own = zone_named(timezone.get_current_timezone_name()) or ZoneInfo("UTC")
    zone = zone_named(given.get("zone", "")) or own
    events, is_cut = _tellable(request, stream)
    chosen = set(given.getlist("event"))
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "above": [{"title": "Trail", "link": reverse("trail")}] if request.user.has_perm(READ) else [],
        "title": f"For the customer: {stream}" if stream else "Copy for the customer",
        "typed": stream or typed,
        "stream": stream,
        "is_wrong": bool(typed.strip()) and not stream,
        "zone": zone,
        "zones": zone_names(),
        "lines": [(event, line.at, line.text) for event, line in events],
        "is_cut": is_cut,
        "chosen": chosen,
    }
    if given.get("zone") and zone_named(given["zone"]) is None:
        context["error"] = f"“{given['zone'][:40]}” is no time zone; choose one such as {own.key}."
    elif request.method == "POST":
        context |= _copied(request, stream, [event for event, _ in events], chosen, zone)
    return render(request, "trail/telling/page.html", context)


def _tellable(request: HttpRequest, stream: str) -> tuple[list[tuple[StoredEvent, Any]], bool]:
    """The newest events of the stream that customers are told of and this person may read, oldest first."""
    off = services.withheld()
    names = tuple(name for kind in wordings() if kind not in off for name in known_as(kind))
    if not stream or not names:
        return [], False
    read = reading.backwards(Query(stream=stream, types=names), limit=MOST + 1)
    readable = [event for event in read[:MOST] if may_read(request.user, event)]
    lines = [(event, told(event, withheld=off)) for event in readable]
    return sorted(((e, line) for e, line in lines if line is not None), key=lambda pair: pair[1].at), len(read) > MOST


def _copied(
    request: HttpRequest, stream: str, tellable: list[StoredEvent], chosen: set[str], zone: ZoneInfo
) -> dict[str, Any]:
    known = {str(event.position): event for event in tellable}
    if chosen - known.keys():
        return {"error": "Something you chose is not for customers, or not of this story. Choose again."}
    events = [known[position] for position in sorted(chosen, key=int)]
    try:
        with transaction.atomic():
            lines, entry = services.copy_for_customer(events, stream=stream, zone=zone.key, now=timezone.now())
    except NotForCustomers as refusal:
        return {"error": str(refusal)}
    return {"text": compose(lines, zone=zone, letters=letters), "entry": entry}
