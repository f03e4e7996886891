"""The status page's doors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from apps.statuspage.serving import serve


def read(request: HttpRequest, **_: str) -> HttpResponse:
    """What was rendered for this very path."""
    return serve(request, request.path_info)
