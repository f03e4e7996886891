"""The portal as gunicorn serves it, with one more address: a view of constant bytes, which `status_page` is held to."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from supportops.wsgi import application

__all__ = ["application"]

# As much as a page of a dozen components.
BYTES = b"x" * 36_000


def bare(request: HttpRequest) -> HttpResponse:
    """Constant bytes."""
    return HttpResponse(BYTES)


urlpatterns = [path("bare/", bare), path("", include("supportops.urls"))]
# Before the first request reads it.
settings.ROOT_URLCONF = __name__
