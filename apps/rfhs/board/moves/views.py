"""Moving one card. Each answers the board's script, or leads back to the board where there is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from apps.people.acting import Acting
from apps.rfhs import rights, services
from apps.rfhs.board import happened
from apps.rfhs.board.cards import cards, matching
from apps.rfhs.board.columns import BY_KEY, NEEDS_WORDS, column_of, step_into
from apps.rfhs.board.doors import NOT_YOURS, back_of, by_script, filters_of, put_beside, query_of, tell
from apps.rfhs.board.moves.forms import FORMS, MEANING, StepForm, SureForm
from apps.rfhs.board.moves.steps import do
from apps.rfhs.doors import rfh_of, version_of, viewer_of
from apps.rfhs.errors import BadRFH, ChangedMeanwhile, IllegalStep, RFHError
from apps.rfhs.models import RFH
from apps.rfhs.states import NAMES, RULES, Step, check, steps_from


@require_POST
def move(request: HttpRequest, number: int) -> HttpResponse:
    """The card goes to the column `to`, or makes the step `step`; what needs words gets its form first."""
    viewer, rfh = viewer_of(request), rfh_of(number)
    if not rights.may_change(viewer, rfh):
        return tell(request, NOT_YOURS, status=403)
    version = version_of(request)
    if version is not None and version != rfh.version:
        return _second(request, rfh)

    def go() -> HttpResponse:
        step = _step(request, rfh)
        if step in NEEDS_WORDS:
            return _ask(request, rfh, step, version)
        return tell(request, do(step, rfh, {}, by=Acting(viewer), now=timezone.now(), version=version))

    return _unless_refused(request, rfh, go)


@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, number: int, which: str) -> HttpResponse:
    """The form of a step. What was typed stays, also when somebody was quicker."""
    viewer, rfh = viewer_of(request), rfh_of(number)
    try:
        wanted = Step(which.replace("-", "_"))
    except ValueError:
        raise Http404("A request knows no such step.") from None
    if not rights.may_change(viewer, rfh):
        return tell(request, NOT_YOURS, status=403)
    if wanted is Step.FILE:
        return _ask(request, rfh, wanted, None)
    made = FORMS.get(wanted, SureForm)
    if request.method == "GET":
        try:
            check(wanted, rfh.at)
        except IllegalStep as refusal:
            return tell(request, str(refusal), status=409, legal_from=refusal.legal_from)
        return _form(request, rfh, wanted, made(rfh=rfh, initial={"answer": rfh.answer}))
    form = made(request.POST, rfh=rfh)
    if not form.is_valid():
        return _form(request, rfh, wanted, form, status=422)
    try:
        said = do(wanted, rfh, form.cleaned_data, by=Acting(viewer), now=timezone.now(), version=version_of(request))
    except ChangedMeanwhile:
        happens = happened.last(rfh)
        form.add_error(None, f"Somebody was quicker, and what you typed is still here. {happens}")
        return _form(request, rfh, wanted, form, status=409)
    except BadRFH as refusal:
        put_beside(refusal, form)
        return _form(request, rfh, wanted, form, status=422)
    except RFHError as refusal:
        form.add_error(None, str(refusal))
        return _form(request, rfh, wanted, form, status=409)
    return tell(request, said)


@require_POST
def place(request: HttpRequest, number: int) -> HttpResponse:
    """The card stands between its new neighbours; one up or down in its column; or where its rank puts it."""

    def deed(rfh: RFH, by: Acting, now: datetime) -> str:
        version = version_of(request)
        if request.POST.get("do") == "rank":
            services.back_to_rank(rfh, by=by, now=now, version=version)
            return f"{rfh} stands where its rank puts it."
        above, below = _neighbours(request, rfh, now)
        if above is None and below is None:
            return f"{rfh} is the only one here."
        services.place(rfh, above=above, below=below, by=by, now=now, version=version)
        return f"{rfh} was moved by hand."

    return _do(request, number, deed)


@require_POST
def nudge(request: HttpRequest, number: int) -> HttpResponse:
    """Its owner, else its team, is asked how it stands."""

    def deed(rfh: RFH, by: Acting, now: datetime) -> str:
        services.nudge(rfh, text=request.POST.get("text", ""), by=by, now=now)
        return f"{rfh.owner or rfh.team or 'Support'} was asked how {rfh} stands."

    return _do(request, number, deed)


@require_POST
def take(request: HttpRequest, number: int) -> HttpResponse:
    """Whoever asks owns the work from now on."""

    def deed(rfh: RFH, by: Acting, now: datetime) -> str:
        assert by.agent
        services.assign(rfh, to=by.agent, by=by, now=now, because="taken over", version=version_of(request))
        return f"{rfh} is yours."

    return _do(request, number, deed)


def _do(request: HttpRequest, number: int, deed: Callable[[RFH, Acting, datetime], str]) -> HttpResponse:
    viewer, rfh = viewer_of(request), rfh_of(number)
    if not rights.may_change(viewer, rfh):
        return tell(request, NOT_YOURS, status=403)
    return _unless_refused(request, rfh, lambda: tell(request, deed(rfh, Acting(viewer), timezone.now())))


def _unless_refused(request: HttpRequest, rfh: RFH, go: Callable[[], HttpResponse]) -> HttpResponse:
    """What `go` answers; a refusal says what happened, and what would have been legal."""
    try:
        return go()
    except ChangedMeanwhile:
        return _second(request, rfh)
    except IllegalStep as refusal:
        return tell(request, str(refusal), status=409, legal_from=refusal.legal_from)
    except RFHError as refusal:
        return tell(request, str(refusal), status=422)


def _second(request: HttpRequest, rfh: RFH) -> HttpResponse:
    """Somebody moved it since the board was drawn: what happened, and nothing of theirs is undone."""
    return tell(request, f"Somebody was quicker, so nothing was moved. {happened.last(rfh)}", status=409)


def _step(request: HttpRequest, rfh: RFH) -> Step:
    said = request.POST.get("step", "")
    if said:
        if said not in set(Step):
            raise BadRFH("step", "A request knows no such step.")
        check(Step(said), rfh.at)
        return Step(said)
    column = BY_KEY.get(request.POST.get("to", ""))
    if column is None:
        raise BadRFH("to", "The board has no such column.")
    return step_into(column, rfh.at, was_filed=rfh.filed_at is not None)


def _ask(request: HttpRequest, rfh: RFH, step: Step, version: int | None) -> HttpResponse:
    if step is Step.FILE:
        # The team is chosen there, with what the table proposes, and what is still missing is asked for.
        guided = reverse("rfhs:form", args=[rfh.pk])
        return tell(request, "", go=guided) if by_script(request) else HttpResponseRedirect(guided)
    known = {"version": str(version or rfh.version), "back": query_of(request)}
    address = f"{reverse('rfhs:step', args=[rfh.pk, step.replace('_', '-')])}?{urlencode(known)}"
    if by_script(request):
        return tell(request, f"{RULES[step].words} {rfh}: say what is needed.", needs=address)
    return HttpResponseRedirect(address)


def _form(request: HttpRequest, rfh: RFH, step: Step, form: StepForm, *, status: int = 200) -> HttpResponse:
    context = {
        "rfh": rfh,
        "form": form,
        "words": RULES[step].words,
        "meaning": MEANING.get(step, ""),
        "state": NAMES[rfh.at],
        "legal": step in steps_from(rfh.at),
        "version": rfh.version,
        "action": reverse("rfhs:step", args=[rfh.pk, step.replace("_", "-")]),
        "back": query_of(request),
        "board": back_of(request),
    }
    if by_script(request):
        return render(request, "rfhs/board/step.html", context, status=status)
    page = {
        **admin.site.each_context(request),
        "title": f"{RULES[step].words}: {rfh}",
        "above": [{"title": "Board of requests", "link": back_of(request)}],
    }
    return render(request, "rfhs/board/step_page.html", {**page, **context}, status=status)


def _neighbours(request: HttpRequest, rfh: RFH, now: datetime) -> tuple[int | None, int | None]:
    """Between which requests, by number: as the script says, or one up or down among what the viewer sees."""
    wanted = request.POST.get("do", "")
    if wanted not in {"up", "down"}:
        above, below = (
            int(said) if said.isascii() and said.isdecimal() and len(said) <= 18 else None
            for said in (request.POST.get("above", ""), request.POST.get("below", ""))
        )
        return above, below
    said = filters_of(request)
    seen = cards(matching(said, now=now), viewer_of(request), said, now=now)
    if request.POST.get("among") != "all":
        seen = [card for card in seen if card.rfh.at in column_of(rfh.at).states]
    numbers = [card.rfh.pk for card in seen if not card.rfh.is_over]
    if rfh.pk not in numbers:
        return None, None
    at = numbers.index(rfh.pk)
    rest = [None, *(each for each in numbers if each != rfh.pk), None]
    # Among the rest it stood between rest[at] and rest[at + 1].
    to = max(0, at - 1) if wanted == "up" else min(len(rest) - 2, at + 1)
    return rest[to], rest[to + 1]
