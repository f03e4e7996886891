"""The page that exports the trail, and the file it gives out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.trail import reading
from apps.trail import services as trail
from apps.trail.access import EXPORT, READ
from apps.trail.context import current
from apps.trail.exporting.events import TrailExportPageViewed
from apps.trail.exporting.exports import STREAM, Export, NoRoom, Order
from apps.trail.exporting.forms import ExportForm, FormatForm
from apps.trail.exporting.selecting import first_few
from apps.trail.managed import stream_of
from apps.trail.reading import Query

# Who looks at the same again and again within it is on the trail once; of so many other looks it is remembered.
ONE_VIEW, MOST_VIEWS = timedelta(hours=1), 100


@never_cache
@require_http_methods(["GET", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """What could be exported; sent as a form, the ZIP itself."""
    if not (request.user.has_perm(READ) and request.user.has_perm(EXPORT)):
        raise PermissionDenied
    asked, formats = ExportForm(request.GET), FormatForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and asked.is_valid() and formats.is_valid():
        try:
            return _sent(request, asked, formats)
        except NoRoom as error:
            return _page(request, asked, formats, status=503, refusal=str(error))
    page = _page(request, asked, formats, status=400 if asked.errors or formats.errors else 200)
    if asked.is_valid():
        # After it was made: it does not show itself.
        _seen(request, asked, now=timezone.now())
    return page


def _sent(request: HttpRequest, asked: ExportForm, formats: FormatForm) -> StreamingHttpResponse:
    order = Order(
        wanted=asked.wanted,
        asked=asked.asked,
        formats=tuple(dict.fromkeys(formats.cleaned_data["format"])),
        about=_about(request, asked),
        by=current(),
        portal=settings.BASE_URL,
    )
    name = f"trail-{timezone.now():%Y-%m-%d-%H%M%S}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(Export(order, clock=timezone.now), content_type="application/zip", headers=headers)


def _about(request: HttpRequest, asked: ExportForm) -> tuple[str, ...]:
    """An export is about whoever made it, and about what was taken: a customer's is in the customer's story."""
    taken = (stream.removeprefix("audit:") for stream in asked.cleaned_data["stream"][:1])
    return (STREAM, stream_of(request.user), *taken)  # type: ignore[arg-type]


def _seen(request: HttpRequest, asked: ExportForm, *, now: datetime) -> None:
    actor = current().actor
    before = Query(
        stream=STREAM,
        types=(TrailExportPageViewed.__name__,),
        actors=(f"{actor.kind}:{actor.id}",),
        since=now - ONE_VIEW,
    )
    page = TrailExportPageViewed(asked=asked.asked)
    if page.as_payload() not in [event.payload for event in reading.backwards(before, limit=MOST_VIEWS)]:
        trail.record(page, about=_about(request, asked), now=now)


def _page(
    request: HttpRequest, asked: ExportForm, formats: FormatForm, *, status: int, refusal: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Export the trail",
        "asked": asked,
        "formats": formats,
        "query": request.GET.urlencode(),
        "refusal": refusal,
    }
    if asked.is_valid():
        events, whole = first_few(asked.wanted, below=reading.horizon())
        said = [(name, ", ".join(v) if isinstance(v, list) else v) for name, v in asked.asked.items()]
        context |= {"said": said, "events": events, "whole": whole}
    response = render(request, "trail/export.html", context, status=status)
    if refusal:
        response.headers["Retry-After"] = "60"
    return response
