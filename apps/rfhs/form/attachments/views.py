"""Files of a request: downloaded, and added on its page while it lasts."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from apps.people.acting import Acting
from apps.rfhs import rights, services
from apps.rfhs.doors import rfh_of, viewer_of
from apps.rfhs.errors import RFHError
from apps.rfhs.files import SHOWN, UNKNOWN
from apps.rfhs.form.doors import bounded, page_of
from apps.rfhs.form.uploading import TOO_MUCH, Bounded
from apps.rfhs.models import Attachment

# Of a file nothing runs, whatever is in it.
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@require_GET
def file(request: HttpRequest, pk: int, attachment: int) -> HttpResponse:
    """A file of a request: never a page of ours, whatever is in it."""
    viewer_of(request)
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


# Exempt outside and protected inside, as the form's first step is.
@csrf_exempt
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """A team often asks for a log once it has the request: what is sent here is attached, whatever else is refused."""
    bounds = bounded(request)
    return _add(request, pk, bounds) if bounds else HttpResponse(TOO_MUCH, status=413, content_type="text/plain")


@csrf_protect
def _add(request: HttpRequest, pk: int, bounds: Bounded) -> HttpResponse:
    agent, rfh = viewer_of(request), rfh_of(pk)
    if not rights.may_change(agent, rfh):
        raise PermissionDenied
    files, by, now = request.FILES.getlist("files"), Acting(agent), timezone.now()
    refused, added = list(bounds.refused), 0
    for each in files:
        try:
            added += services.attach(rfh, name=each.name or "", content=each.read(), by=by, now=now)[1]
        except RFHError as refusal:
            refused.append(str(refusal))
    if not files and not refused:
        refused = ["Choose the files first."]
    if added:
        messages.success(request, "1 file is attached." if added == 1 else f"{added} files are attached.")
    elif not refused:
        messages.info(request, "These files were there already.")
    for sentence in refused:
        messages.error(request, sentence)
    return HttpResponseRedirect(f"{page_of(rfh)}#related")


def _disposition(name: str, *, inline: bool) -> str:
    return content_disposition_header(not inline, name) or "attachment"
