"""Where a draft goes on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET

from apps.rfhs.doors import rfh_of, viewer_of
from apps.rfhs.form.doors import address, page_of
from apps.rfhs.form.steps import first_open
from apps.rfhs.states import WITH_SUPPORT


@require_GET
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """To the first step that is open; of what is filed, to its own page."""
    viewer_of(request)
    rfh = rfh_of(pk)
    return HttpResponseRedirect(address(rfh, first_open(rfh)) if rfh.at in WITH_SUPPORT else page_of(rfh))
