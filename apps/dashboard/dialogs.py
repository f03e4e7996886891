"""What a dialog does with what it asked about, and where one is after it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect


def do(
    request: HttpRequest, deed: Callable[[], str], *, refusals: tuple[type[Exception], ...], page: str
) -> HttpResponse:
    """`deed` is done, whole or not at all, and what it says is shown, or why it was refused; then back, see `leave`."""
    try:
        with transaction.atomic():
            said = deed()
        messages.success(request, said)
    except refusals as refusal:
        messages.error(request, str(refusal))
    return leave(request, page)


def leave(request: HttpRequest, page: str) -> HttpResponse:
    """Back to the page the dialog was opened on; without a script the dialog was a page itself, and `page` follows."""
    if request.headers.get("HX-Request"):
        # htmx goes where this header says, and stays where it is after a redirect.
        return HttpResponse(headers={"HX-Redirect": request.headers.get("HX-Current-URL") or page})
    return HttpResponseRedirect(page)
