"""Where one is after a dialog did what it asked about."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect


def leave(request: HttpRequest, page: str) -> HttpResponse:
    """Back to the page the dialog was opened on; without a script the dialog was a page itself, and `page` follows."""
    if request.headers.get("HX-Request"):
        # htmx goes where this header says, and stays where it is after a redirect.
        return HttpResponse(headers={"HX-Redirect": request.headers.get("HX-Current-URL") or page})
    return HttpResponseRedirect(page)
