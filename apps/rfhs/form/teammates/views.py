"""Asking teammates, and moving on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.integrations.slack.messages import permalink
from apps.people.acting import Acting
from apps.rfhs import services
from apps.rfhs.doors import version_of
from apps.rfhs.errors import BadRFH, RFHError
from apps.rfhs.form.doors import above, address, draft_for, page_of
from apps.rfhs.form.showing import step_context
from apps.rfhs.form.steps import FormStep
from apps.rfhs.models import RFH, Note
from apps.rfhs.states import WITH_SUPPORT, State

# Before that, whoever moves on though nobody answered says why.
PATIENCE = timedelta(hours=1)
REASONS = (
    "It is urgent: the customer cannot work until it is solved.",
    "It is urgent: there is a date we cannot miss.",
    "Teammates who know this part have looked already.",
    "Engineering is in touch with the customer already.",
)
ASK_FIRST = "Ask teammates first, or say in a line why not: urgency is a reason, too."


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Step two."""
    agent, rfh, may_write = draft_for(request, pk)
    if rfh.at not in WITH_SUPPORT:
        return HttpResponseRedirect(page_of(rfh))
    now, errors = timezone.now(), {}
    if request.method == "POST":
        try:
            return HttpResponseRedirect(_do(request, rfh, Acting(agent), now))
        except BadRFH as refusal:
            errors = refusal.errors
        except RFHError as refusal:
            errors = {"": [str(refusal)]}
    rfh.refresh_from_db()
    chosen = request.POST.get("reason", "")
    asked = rfh.at == State.ASKED_TEAMMATES
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        **step_context(rfh, FormStep.TEAMMATES),
        "title": f"{rfh}: Teammates first",
        "above": above(rfh.ticket),
        "may_write": may_write,
        "errors": errors,
        "asked": asked,
        "defect": rfh.kind == RFH.Kind.DEFECT,
        "early": _is_early(rfh, now),
        "thread": permalink(rfh.teammates_channel, rfh.teammates_thread_ts)
        if rfh.teammates_channel and rfh.teammates_thread_ts
        else "",
        "replies": rfh.notes.filter(kind=Note.Kind.TEAMMATE),
        "reasons": REASONS,
        "chosen": chosen,
        "typed": {name: request.POST.get(name, "") for name in ("because", "answer", "answered_by")},
        "because": rfh.filing.get("because", ""),
    }
    return render(request, "rfhs/form/teammates.html", context)


def _do(request: HttpRequest, rfh: RFH, by: Acting, now: datetime) -> str:
    """What the button says; where it leads. Raises RFHError."""
    verb, version = request.POST.get("do", ""), version_of(request)
    if verb == "ask":
        services.ask_teammates(rfh, by=by, now=now, version=version)
        messages.success(request, "Your teammates are asked. Their answers show here and in the thread.")
        return address(rfh, FormStep.TEAMMATES)
    if verb == "solved":
        answered_by = " ".join(request.POST.get("answered_by", "").split())
        services.solved_by_teammate(rfh, answer=request.POST.get("answer", ""), answered_by=answered_by, by=by, now=now)
        messages.success(request, f"{rfh} is solved, and engineering was not needed.")
        return page_of(rfh)
    reason = request.POST.get("reason", "")
    own = " ".join(request.POST.get("because", "").split())
    because = own if reason in {"", "own"} else reason
    needed = _is_early(rfh, now) and not rfh.filing.get("because")
    if not because and needed:
        raise BadRFH("because", ASK_FIRST if rfh.at == State.DRAFT else "Say in a line why you do not wait for them.")
    if because:
        services.prepare(rfh, {"because": because}, by=by, now=now)
    return address(rfh, FormStep.TEAM)


def _is_early(rfh: RFH, now: datetime) -> bool:
    """Whether moving on now needs a reason: nobody was asked, or nobody had the time to answer."""
    if rfh.kind == RFH.Kind.DEFECT:
        return False
    if rfh.asked_teammates_at is None:
        return True
    return rfh.asked_teammates_at > now - PATIENCE and not rfh.notes.filter(kind=Note.Kind.TEAMMATE).exists()
