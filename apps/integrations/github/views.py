"""Where GitHub calls us."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.integrations.github.reading import Misread
from apps.integrations.github.webhook import HEADER, read, verify
from apps.rfhs.tracking import reading
from apps.trail.context import Actor, acting

# What a form may have in all; an issue and a comment of the longest GitHub takes are under that.
LONGEST_BODY = 1_048_576
FORM = "application/x-www-form-urlencoded"


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> JsonResponse:
    """A signed delivery: 200 with how many issues of ours it is about; 401 unsigned, 400 not understood, 413 too long.

    Delivered twice, or late, it changes nothing: comments have their key, and states their instant.
    """
    if not settings.GITHUB_WEBHOOK_SECRET:
        return _problem(503, "GITHUB_WEBHOOK_SECRET is not set, so no delivery can be trusted.")
    if int(request.headers.get("Content-Length") or 0) > LONGEST_BODY:
        return _problem(413, f"A delivery has at most {LONGEST_BODY} bytes.")
    if not verify(settings.GITHUB_WEBHOOK_SECRET, request.body, request.headers.get(HEADER, "")):
        return _problem(401, f"The signature in {HEADER} does not fit the body.")
    try:
        told = read(request.headers.get("X-GitHub-Event", ""), request.body, form=request.content_type == FORM)
    except Misread:
        return _problem(400, "The delivery is not understood.")
    now, heard = timezone.now(), 0
    with acting(actor=Actor(kind="integration", id="github", label="GitHub")), transaction.atomic():
        if told.issue:
            heard = reading.issue_told(told.issue, by=told.by or "GitHub", now=now)
        elif told.remark:
            heard = reading.remark_told(told.remark, gone=told.gone, by=told.by, now=now)
    return JsonResponse({"issues": heard})


def _problem(status: int, detail: str) -> JsonResponse:
    return JsonResponse({"status": status, "detail": detail}, status=status, content_type="application/problem+json")
