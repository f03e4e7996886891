"""Readers of the status page leave no trace and carry none."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Whatever is below is the same for everybody.
PUBLIC = ("/status/", "/api/v2/", "/badge/", "/history.atom", "/list", "/ping")


def no_cookies(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Cookies are neither read nor set, so that nobody's session is looked up: the database may be away."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PUBLIC):
            return get_response(request)
        request.COOKIES = {}
        response = get_response(request)
        response.cookies.clear()
        # The session's middleware says that the answer depends on cookies, and no proxy would keep it.
        if response.headers.get("Vary", "").lower() != "accept-encoding":
            others = [name.strip() for name in response.headers.get("Vary", "").split(",")]
            kept = [name for name in others if name and name.lower() != "cookie"]
            if kept:
                response.headers["Vary"] = ", ".join(kept)
            else:
                response.headers.pop("Vary", None)
        return response

    return middleware
