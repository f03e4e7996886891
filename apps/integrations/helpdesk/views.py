"""Where a help desk calls us."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.integrations.helpdesk import services
from apps.integrations.helpdesk.webhook import HEADER, InvalidMessage, read, verify
from apps.tickets.errors import TicketError, UnknownTicket
from apps.trail.context import Actor, acting

LONGEST_BODY = 262_144


@csrf_exempt
@require_POST
def events(request: HttpRequest) -> JsonResponse:
    """A signed message: 200 with the ticket; 401 unsigned, 400 not understood, 404 unknown ticket, 413 too long."""
    if not settings.HELPDESK_WEBHOOK_SECRET:
        return _problem(503, "HELPDESK_WEBHOOK_SECRET is not set, so no message can be trusted.")
    if int(request.headers.get("Content-Length") or 0) > LONGEST_BODY:
        return _problem(413, f"A message has at most {LONGEST_BODY} bytes.")
    if not verify(settings.HELPDESK_WEBHOOK_SECRET, request.body, request.headers.get(HEADER, "")):
        return _problem(401, f"The signature in {HEADER} does not fit the body.")
    try:
        message = read(request.body)
        name = settings.HELPDESK or "help desk"
        with acting(actor=Actor(kind="integration", id=name, label=name.capitalize())), transaction.atomic():
            ticket = services.follow(message, now=timezone.now())
    except InvalidMessage as error:
        return _problem(400, str(error))
    except UnknownTicket as error:
        return _problem(404, str(error))
    except TicketError as error:
        return _problem(400, str(error))
    return JsonResponse({"number": ticket.number, "status": ticket.status})


def _problem(status: int, detail: str) -> JsonResponse:
    return JsonResponse({"status": status, "detail": detail}, status=status, content_type="application/problem+json")
