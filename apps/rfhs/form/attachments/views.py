"""A file of a request, as a download."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from apps.rfhs.files import SHOWN, UNKNOWN
from apps.rfhs.form.doors import agent_of
from apps.rfhs.models import Attachment

# Of a file nothing runs, whatever is in it.
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@require_GET
def file(request: HttpRequest, pk: int, attachment: int) -> HttpResponse:
    """A file of a request: never a page of ours, whatever is in it."""
    agent_of(request)
    found = Attachment.objects.filter(rfh=pk, pk=attachment).first()
    if found is None:
        raise Http404("There is no such file: somebody may have removed it.")
    kind = found.content_type if found.content_type in SHOWN else UNKNOWN
    response = HttpResponse(bytes(found.content), content_type=kind)
    inline = kind in SHOWN and "view" in request.GET
    response.headers["Content-Disposition"] = _disposition(found.name, inline=inline)
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _disposition(name: str, *, inline: bool) -> str:
    return content_disposition_header(not inline, name) or "attachment"
