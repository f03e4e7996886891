"""Times in the zone of whoever looks."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from apps.trail.zones import known_zones

# Set by the page's script from the browser's own zone.
COOKIE = "time_zone"


def viewer_time_zone(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """The zone chosen in the profile, else the browser's, else the portal's."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = getattr(request.user, "time_zone", "") or unquote(request.COOKIES.get(COOKIE, ""))
        if chosen and chosen in known_zones():
            with timezone.override(chosen):
                return get_response(request)
        return get_response(request)

    return middleware
