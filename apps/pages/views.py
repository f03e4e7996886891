"""Pages from outside the admin: a mail that pages, and a person's own link to acknowledge."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from apps.pages import links, mail, services
from apps.pages.errors import PageError, UnknownTeam
from apps.pages.models import Page
from apps.pages.selectors import find, team_called
from apps.people.acting import Acting
from apps.people.models import Agent
from apps.trail.context import Actor, acting

HEADER = "X-SupportOps-Secret"
# A mail with its attachments, of which the text is read.
LONGEST_BODY = 26_214_400


@csrf_exempt
@require_POST
def mail_in(request: HttpRequest, team: str) -> JsonResponse:
    """A mail to the urgent address pages the team: 201, or 200 when it was posted before.

    401 without the secret, 400 not understood, 404 unknown team, 413 too long, 503 while there is no secret.
    """
    if not settings.PAGES_MAIL_SECRET:
        return _problem(503, "PAGES_MAIL_SECRET is not set, so no mail can be trusted.")
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length) > LONGEST_BODY:
        return _problem(413, f"A mail has at most {LONGEST_BODY // 1_048_576} MB, attachments included.")
    now = timezone.now()
    knows_it = mail.is_secret(settings.PAGES_MAIL_SECRET, _secrets(request))
    try:
        fields = _fields(request)
    except (RequestDataTooBig, TooManyFieldsSent):
        return _problem(413, "The mail's text is too long.") if knows_it else _unsigned()
    except (ValueError, UnreadablePostError, MultiPartParserError, RecursionError):
        return _problem(400, "The body is neither a form nor a JSON object.") if knows_it else _unsigned()
    if not (knows_it or mail.is_signed(settings.PAGES_MAIL_SECRET, fields, now)):
        return _unsigned()
    try:
        read = mail.read(fields)
        with acting(actor=Actor(kind="integration", id="mail", label=read.sender or "A mail")):
            page, fresh = services.open_page(
                team=team_called(team),
                message=read.text,
                subject=read.subject,
                origin=Page.Origin.MAIL,
                by=read.sender,
                key=f"mail:{team.lower()}:{read.key}",
                now=now,
            )
    except UnknownTeam as error:
        return _problem(404, str(error))
    except (mail.UnreadableMail, PageError) as error:
        return _problem(400, str(error))
    return JsonResponse({"id": page.pk, "state": page.state, "new": fresh}, status=201 if fresh else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody's own link: looking at it changes nothing, its button acknowledges the page for them."""
    context: dict[str, Any] = {"page": None, "problem": "", "done": ""}
    status = 200
    try:
        invited = links.read(token)
        agent = Agent.objects.filter(pk=invited.agent, is_active=True).first()
        page = find(invited.page)
        if agent is None:
            raise links.BadLink("This link is for somebody who does not work here any more.")
        if request.method == "POST" and page.state == Page.State.OPEN:
            with acting(actor=Actor(kind="user", id=str(agent.pk), label=str(agent))):
                services.acknowledge(page, by=Acting(agent), now=timezone.now())
            context["done"] = f"Thank you, {agent.called}: {page} is yours."
        context |= {"page": page, "agent": agent, "may_take": page.state == Page.State.OPEN}
    except links.BadLink as error:
        context["problem"], status = str(error), 404
    except PageError as error:
        # Somebody was quicker; the page says who.
        context |= {"problem": str(error)}
        status = 409
    response = TemplateResponse(request, "pages/take.html", context, status=status)
    # The address is a key: no search engine keeps it. Nobody else's site learns it, as on every page of ours; a browser
    # that sends no referrer at all would be refused its POST.
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _secrets(request: HttpRequest) -> Iterator[str]:
    """Where a provider can put it: a header, the address, or Basic's password in the address, as SendGrid does."""
    yield request.headers.get(HEADER, "")
    yield request.GET.get("secret", "")
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        yield value.strip()
    elif kind.lower() == "basic":
        try:
            yield base64.b64decode(value, validate=True).decode(errors="replace").partition(":")[2]
        except ValueError:
            return


def _fields(request: HttpRequest) -> Mapping[str, Any]:
    """The fields of a form or of a JSON object. Raises ValueError."""
    if "json" in (request.content_type or "").lower():
        read = json.loads(request.body)
        if not isinstance(read, dict):
            raise ValueError("The body is no JSON object.")
        return read
    return {name: value for name, value in request.POST.items() if isinstance(value, str)}


def _unsigned() -> JsonResponse:
    return _problem(
        401,
        f"The secret is missing or wrong: send it as {HEADER}, as ?secret=…, as Basic's password, or let "
        "Mailgun sign the mail with it.",
    )


def _problem(status: int, detail: str) -> JsonResponse:
    return JsonResponse({"status": status, "detail": detail}, status=status, content_type="application/problem+json")
