"""Beginning a draft, writing it, and saving it as it is typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from apps.people.acting import Acting
from apps.people.models import Agent
from apps.rfhs import rights
from apps.rfhs.doors import rfh_of, viewer_of
from apps.rfhs.errors import BadRFH, RFHError
from apps.rfhs.form import showing
from apps.rfhs.form.context.adding import do
from apps.rfhs.form.context.page import show
from apps.rfhs.form.doors import address, bounded, event_named, page_of
from apps.rfhs.form.keeping import Kept, begin, keep, stored_in, typed_in
from apps.rfhs.form.merging import seal
from apps.rfhs.form.steps import FormStep, after
from apps.rfhs.form.uploading import TOO_MUCH, Bounded
from apps.rfhs.models import RFH
from apps.rfhs.priority import P1
from apps.rfhs.selectors import suggested_priority
from apps.rfhs.states import WITH_SUPPORT
from apps.tickets import services as tickets
from apps.tickets.errors import TicketError
from apps.tickets.models import Ticket
from apps.trail.models import StoredEvent


# Exempt outside and protected inside: whoever checks the token reads the form, and its files, before a view can say
# how much of them is kept.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A draft that is not begun yet: it is with the first that is saved."""
    bounds = bounded(request)
    return _new(request, bounds) if bounds else HttpResponse(TOO_MUCH, status=413, content_type="text/plain")


@csrf_exempt
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The first step of a draft."""
    bounds = bounded(request)
    return _page(request, pk, bounds) if bounds else HttpResponse(TOO_MUCH, status=413, content_type="text/plain")


@csrf_protect
def _new(request: HttpRequest, bounds: Bounded) -> HttpResponse:
    agent = viewer_of(request)
    if not rights.may_begin(agent):
        raise PermissionDenied("You may read requests for help, and not begin one.")
    if request.method == "POST":
        return _first(request, agent, bounds)
    ticket, error = _asked_ticket(request)
    if ticket is not None and "fresh" not in request.GET and (mine := _my_draft(agent, ticket)):
        return HttpResponseRedirect(reverse("rfhs:form", args=[mine.pk]))
    about_it = RFH(ticket=ticket, customer=ticket.customer if ticket else None)
    typed = {"ticket": _asked(request, "ticket")[:64], "kind": "help"}
    suggested = suggested_priority(about_it)
    typed |= {"priority": suggested.priority, "priority_because": suggested.because if suggested.priority == P1 else ""}
    said = {name: _asked(request, name)[:200] for name in ("summary", "kind", "customer")}
    typed |= {name: value for name, value in said.items() if value}
    kept = Kept(None, errors={"ticket": [error]} if error else {})
    more: dict[str, Any] = {"event": request.GET.get("event", "")[:200]}
    if more["event"]:
        try:
            about = event_named(more["event"], agent)
            more |= {"about": about, "event": str(about.position)}
            ticket = ticket or _ticket_about(about)
            typed |= {"ticket": ticket.number if ticket else "", "kind": request.GET.get("kind") or "question"}
        except BadRFH as refusal:
            kept.errors["event"] = [str(refusal)]
    return show(request, agent, None, kept, typed, ticket=ticket, more=more)


def _first(request: HttpRequest, agent: Agent, bounds: Bounded) -> HttpResponse:
    """What was typed begins a draft; nothing at all does not."""
    typed = typed_in(request.POST)
    said = {name for name, value in typed.items() if value} - {"ticket", "customer", "kind", "priority"}
    if not said and not request.FILES and not request.POST.get("event") and not bounds.refused:
        kept = Kept(None, errors={"summary": ["Say in a line what you need."]})
        return show(request, agent, None, kept, typed, ticket=_ticket_called(typed.get("ticket", "")))
    kept = begin(typed, key=_key(request), by=Acting(agent), now=timezone.now())
    assert kept.rfh
    return _done(request, agent, kept.rfh, kept, typed, bounds)


@csrf_protect
def _page(request: HttpRequest, pk: int, bounds: Bounded) -> HttpResponse:
    agent, rfh = viewer_of(request), rfh_of(pk)
    if rfh.at not in WITH_SUPPORT:
        if request.method == "POST":
            messages.warning(request, f"{rfh} was filed meanwhile: what you typed was not saved. Post it as an update.")
        return HttpResponseRedirect(page_of(rfh))
    if request.method == "GET":
        return show(request, agent, rfh)
    if not rights.may_change(agent, rfh):
        raise PermissionDenied
    typed = typed_in(request.POST)
    kept = keep(rfh, typed, _seals(request.POST), by=Acting(agent), now=timezone.now())
    return _done(request, agent, rfh, kept, typed, bounds)


def _done(
    request: HttpRequest, agent: Agent, rfh: RFH, kept: Kept, typed: Mapping[str, str], bounds: Bounded
) -> HttpResponse:
    """What was typed is kept; do what the button says beside, and go where it leads. What is refused is shown here."""
    verb, _, what = request.POST.get("do", "save").partition(":")
    said = place = ""
    try:
        said, place = do(request, agent, rfh, verb, what, now=timezone.now())
    except BadRFH as refusal:
        kept.errors |= refusal.errors
    except RFHError as refusal:
        kept.errors["files"] = [str(refusal)]
    if bounds.refused:
        kept.errors["files"] = [*kept.errors.get("files", []), *bounds.refused]
    if verb == "next" and not rfh.summary and "summary" not in kept.errors:
        kept.errors["summary"] = ["Say in a line what you need."]
    if not kept.whole:
        return show(request, agent, rfh, kept, typed)
    if said:
        messages.success(request, said)
    following = after(FormStep.CONTEXT) if verb == "next" else None
    return HttpResponseRedirect(address(rfh, following or FormStep.CONTEXT) + place)


@require_POST
def save(request: HttpRequest) -> JsonResponse:
    """What is being typed, saved without leaving the page: 200 with what is still missing, 409 when somebody wrote too.

    422 for fields that cannot be kept as they are, while the others are; 410 once it is filed.
    """
    agent = viewer_of(request)
    typed, by, now = typed_in(request.POST), Acting(agent), timezone.now()
    try:
        if request.POST.get("rfh"):
            rfh = rfh_of(request.POST["rfh"])
            if not rights.may_change(agent, rfh):
                raise PermissionDenied
            if rfh.at not in WITH_SUPPORT:
                said = f"{rfh} is filed: what is typed here is not saved any more."
                return JsonResponse({"said": said, "page": page_of(rfh)}, status=410)
            kept = keep(rfh, typed, _seals(request.POST), by=by, now=now)
        elif rights.may_begin(agent):
            kept = begin(typed, key=_key(request), by=by, now=now)
        else:
            raise PermissionDenied
    except RFHError as refusal:
        return JsonResponse({"said": str(refusal)}, status=409)
    return JsonResponse(_saved(request, kept, typed), status=409 if kept.conflicts else 422 if kept.errors else 200)


def _saved(request: HttpRequest, kept: Kept, typed: Mapping[str, str]) -> dict[str, Any]:
    rfh = kept.rfh
    assert rfh
    stored = stored_in(rfh)
    about = showing.completeness(rfh.details, rfh.context)
    similar = {"similar": showing.similar_answers(f"{rfh.summary} {rfh.description}", besides=rfh)}
    return {
        "rfh": rfh.pk,
        "name": str(rfh),
        "address": address(rfh, FormStep.CONTEXT),
        "save": reverse("rfhs:form_save"),
        "version": rfh.version,
        "errors": kept.errors,
        "conflicts": kept.conflicts,
        "theirs": kept.theirs,
        # What the page remembers from now on; of a conflict, once somebody decided.
        "was": {name: seal(stored.get(name, "")) for name in typed},
        "missing": about["missing_names"],
        "question": about["question"],
        "completeness_html": render_to_string("rfhs/form/completeness.html", about, request),
        "progress_html": render_to_string(
            "rfhs/form/progress.html", showing.step_context(rfh, FormStep.CONTEXT), request
        ),
        "similar_html": render_to_string("rfhs/form/similar.html", similar, request),
    }


def _seals(data: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix("was-"): value for name, value in data.items() if name.startswith("was-")}


def _key(request: HttpRequest) -> str:
    """What makes a form that is sent twice one draft: whoever sends it, and the page it stood on."""
    key = request.POST.get("key", "").replace("\x00", "")[:64]
    return f"{request.user.pk}:{key or uuid4()}"


def _ticket_called(number: str) -> Ticket | None:
    try:
        return tickets.find(number) if number else None
    except TicketError:
        return None


def _asked(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "").strip()


def _asked_ticket(request: HttpRequest) -> tuple[Ticket | None, str]:
    try:
        number = _asked(request, "ticket")
        return (tickets.find(number), "") if number else (None, "")
    except TicketError as refusal:
        return None, str(refusal)


def _ticket_about(event: StoredEvent) -> Ticket | None:
    """The ticket the event is about, when it is about one."""
    numbers = [stream.partition(":")[2] for stream in event.about if stream.startswith("ticket:")]
    return _ticket_called(numbers[0]) if len(numbers) == 1 else None


def _my_draft(agent: Agent, ticket: Ticket) -> RFH | None:
    """The draft they began about the ticket and did not file."""
    states = [str(state) for state in WITH_SUPPORT]
    return ticket.rfhs.filter(accountable=agent, state__in=states).order_by("-opened_at", "-pk").first()
