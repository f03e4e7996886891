"""Where Slack calls us."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.integrations.slack import inbox
from apps.integrations.slack.signing import is_genuine

# Slack sends a few kilobytes; Django itself reads no body over DATA_UPLOAD_MAX_MEMORY_SIZE.
LONGEST_BODY = 1_000_000
TOO_LONG = f"A body has less than {LONGEST_BODY:,} bytes."


@csrf_exempt
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """Events, commands and interactivity: 401 unless Slack signed it within five minutes, 413 when too long.

    503 without a signing secret: nothing can be trusted then, and Slack says so where the app is set up.
    """
    if not settings.SLACK_SIGNING_SECRET:
        return _refuse(503, "SLACK_SIGNING_SECRET is not set, so no request can be trusted.")
    try:
        raw = request.body
    except RequestDataTooBig:
        return _refuse(413, TOO_LONG)
    except UnreadablePostError:
        return _refuse(400, "The body did not arrive whole.")
    if len(raw) >= LONGEST_BODY:
        return _refuse(413, TOO_LONG)
    if not is_genuine(raw, request.headers, secret=settings.SLACK_SIGNING_SECRET, now=timezone.now()):
        return _refuse(401, "The signature does not fit, or the request is older than five minutes.")
    status, content_type, body = inbox.dispatch(raw, request.headers)
    return HttpResponse(body, status=status, content_type=content_type)


def _refuse(status: int, detail: str) -> JsonResponse:
    return JsonResponse({"status": status, "detail": detail}, status=status, content_type="application/problem+json")
