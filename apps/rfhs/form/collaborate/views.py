"""The last look, and the filing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.people.acting import Acting
from apps.rfhs import services
from apps.rfhs.doors import version_of
from apps.rfhs.errors import BadRFH, PrivateText, RFHError
from apps.rfhs.form.doors import above, address, draft_for, page_of
from apps.rfhs.form.keeping import keep, typed_in
from apps.rfhs.form.plan import Plan, plan_of
from apps.rfhs.form.showing import Fields, step_context
from apps.rfhs.form.steps import NAMES, FormStep, passes_teammates
from apps.rfhs.models import RFH
from apps.rfhs.services.filing import preview
from apps.rfhs.states import WITH_SUPPORT

TIMELINES = (
    "Today, please: the customer cannot work.",
    "Tomorrow is fine.",
    "It is okay to look at this later in the week.",
)
# Which step mends what is refused.
MENDED_IN = {
    "summary": FormStep.CONTEXT,
    "skip_teammates_because": FormStep.TEAMMATES,
    "team": FormStep.TEAM,
    "area": FormStep.TEAM,
    "tracker": FormStep.ISSUE,
    "title": FormStep.ISSUE,
    "body": FormStep.ISSUE,
    "issue": FormStep.ISSUE,
}


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Step five."""
    agent, rfh, may_write = draft_for(request, pk)
    if rfh.at not in WITH_SUPPORT:
        if request.method == "POST":
            messages.info(request, f"{rfh} is filed already.")
        return HttpResponseRedirect(page_of(rfh))
    errors: list[tuple[str, str]] = []
    kept, typed = None, typed_in(request.POST)
    if request.method == "POST":
        by, now = Acting(agent), timezone.now()
        was = {name.removeprefix("was-"): str(value) for name, value in request.POST.items() if name.startswith("was-")}
        seen = version_of(request)
        untouched = rfh.version == seen
        kept = keep(rfh, typed, was, by=by, now=now)
        if request.POST.get("do") != "file":
            if kept.whole:
                return HttpResponseRedirect(address(rfh, FormStep.COLLABORATE))
        elif not untouched:
            errors = [
                (f"Somebody changed {rfh} since you looked. This is what it is now: look again, then file it.", "")
            ]
        elif kept.whole:
            errors = _file(rfh, by, now)
            if not errors:
                messages.success(request, f"{rfh} is filed: {rfh.team} was asked.")
                return HttpResponseRedirect(page_of(rfh))
        rfh.refresh_from_db()
    plan = plan_of(rfh)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        **step_context(rfh, FormStep.COLLABORATE),
        "title": f"{rfh}: Collaborate",
        "above": above(rfh.ticket),
        "may_write": may_write,
        "errors": errors,
        "field": Fields(rfh, kept, typed).make("timeline", "By when?", longest=300),
        "timelines": TIMELINES,
        "plan": plan,
        "heard": plan.reach,
        "open": _open(rfh, plan),
        "shown": preview(
            rfh,
            tracker=plan.tracker,
            team=plan.team,
            area=plan.area,
            sub_team=plan.sub_team,
            title=plan.title,
            body=plan.body,
        )
        if plan.engineering
        else None,
    }
    return render(request, "rfhs/form/collaborate.html", context)


def _file(rfh: RFH, by: Acting, now: datetime) -> list[tuple[str, str]]:
    """File it as planned; else why not, each with the address of the step that mends it."""
    plan = plan_of(rfh)
    if missing := _open(rfh, plan):
        return missing
    assert plan.team
    try:
        services.file(
            rfh,
            team=plan.team,
            area=plan.area,
            sub_team=plan.sub_team,
            proposed_area=plan.proposed,
            tracker=plan.tracker if plan.engineering else "",
            title=plan.title,
            body=plan.body,
            issue=plan.issue,
            skip_teammates_because=plan.because,
            by=by,
            now=now,
            version=rfh.version,
        )
    except BadRFH as refusal:
        return [
            (sentence, address(rfh, MENDED_IN[name]) if name in MENDED_IN else "")
            for name, sentences in refusal.errors.items()
            for sentence in sentences
        ]
    except PrivateText as refusal:
        return [(str(refusal), address(rfh, FormStep.ISSUE))]
    except RFHError as refusal:
        return [(str(refusal), "")]
    return []


def _open(rfh: RFH, plan: Plan) -> list[tuple[str, str]]:
    """What must be decided before it can be filed."""
    found = []
    if not rfh.summary:
        found.append((FormStep.CONTEXT, "there is no summary yet"))
    if not passes_teammates(rfh):
        found.append((FormStep.TEAMMATES, "ask them, or say in a line why not"))
    if plan.team is None:
        found.append((FormStep.TEAM, "choose who should help"))
    elif plan.reach and not plan.reach.possible:
        found.append((FormStep.TEAM, " ".join(plan.reach.lacks)))
    return [(f"{NAMES[step]}: {words}", address(rfh, step)) for step, words in found]
