"""Addresses a browser asks for by itself, and what somebody sees who may not see a page."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.defaults import permission_denied
from django.views.generic import RedirectView

logger = logging.getLogger(__name__)


class Icon(RedirectView):
    """Where browsers look for the icon of what is no page of ours, such as an error or JSON."""

    def get_redirect_url(self, *args: Any, **kwargs: Any) -> str:
        return static("supportops/icon.svg")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The refusal within the portal, menu and all, for those signed in; else, or when that fails, on its own."""
    if getattr(request, "user", None) is not None and admin.site.has_permission(request):
        try:
            context = {**admin.site.each_context(request), "title": "You may not look here"}
            return render(request, "admin/forbidden.html", context, status=403)
        except Exception:
            # The menu needs the database, which may be the very thing that is away.
            logger.exception("The page that refuses could not be rendered within the portal")
    return permission_denied(request, exception)
