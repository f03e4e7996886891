"""Seeing the issue before there is one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.people.acting import Acting
from apps.rfhs import services
from apps.rfhs.doors import version_of
from apps.rfhs.errors import BadRFH, RFHError
from apps.rfhs.form.doors import above, address, draft_for, page_of
from apps.rfhs.form.issue.marking import Part, parts
from apps.rfhs.form.merging import plain
from apps.rfhs.form.plan import Plan, plan_of
from apps.rfhs.form.showing import step_context
from apps.rfhs.form.steps import FormStep
from apps.rfhs.models import RFH
from apps.rfhs.services.filing import Preview, Tracker, preview
from apps.rfhs.states import WITH_SUPPORT

FIELDS = {"title": "Title", "body": "Text", "summary": "Summary", "description": "Description"}


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Step four."""
    agent, rfh, may_write = draft_for(request, pk)
    if rfh.at not in WITH_SUPPORT:
        return HttpResponseRedirect(page_of(rfh))
    errors: dict[str, list[str]] = {}
    typed: dict[str, str] = {}
    if request.method == "POST":
        typed = {name: plain("description", request.POST.get(name, "")) for name in ("title", "body", "issue")}
        try:
            _keep(request, rfh, Acting(agent), typed)
            verb = request.POST.get("do", "")
            if verb == "next" and not (public_places := _public_places(rfh)):
                return HttpResponseRedirect(address(rfh, FormStep.COLLABORATE))
            if verb != "next":
                return HttpResponseRedirect(f"{address(rfh, FormStep.ISSUE)}#preview")
            errors["tracker"] = [
                f"{len(public_places)} places are not for the public. Say it without, or file privately."
            ]
        except BadRFH as refusal:
            errors = refusal.errors
        except RFHError as refusal:
            errors = {"tracker": [str(refusal)]}
        rfh.refresh_from_db()
    plan = plan_of(rfh)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        **step_context(rfh, FormStep.ISSUE),
        "title": f"{rfh}: GitHub issue",
        "above": above(rfh.ticket),
        "may_write": may_write,
        "errors": errors,
        "plan": plan,
        "defect": rfh.kind == RFH.Kind.DEFECT,
        "issue": typed.get("issue", plan.issue),
        # A choice that was refused is still the person's: only what it lacks is asked for.
        "tracker": request.POST.get("tracker", plan.tracker) if errors else plan.tracker,
    }
    if plan.engineering:
        shown = _preview(rfh, plan)
        context |= {
            "shown": shown,
            "body": (typed.get("body") if errors else "") or shown.body,
            "heading": (typed.get("title") if errors else "") or shown.title,
            "marked": _marked(rfh, shown),
            "by_hand": bool(plan.title or plan.body),
        }
    return render(request, "rfhs/form/issue.html", context)


def _keep(request: HttpRequest, rfh: RFH, by: Acting, typed: dict[str, str]) -> None:
    """The decisions are kept; words that are the template's own are not, so that they follow the draft."""
    now, verb = timezone.now(), request.POST.get("do", "")
    tracker = request.POST.get("tracker", str(Tracker.PRIVATE))
    several = bool(request.POST.get("affects_several"))
    plan = plan_of(rfh)
    if tracker not in Tracker.values:
        tracker = str(Tracker.PRIVATE)
    if tracker == Tracker.PUBLIC and rfh.kind != RFH.Kind.DEFECT:
        raise BadRFH("tracker", "Only a defect goes to the public tracker; everything else is filed privately.")
    if tracker == Tracker.PUBLIC and not several:
        raise BadRFH(
            "affects_several", "Public is for a defect that affects several customers: say so, or file it privately."
        )
    if several != rfh.affects_several:
        services.change(rfh, {"affects_several": several}, by=by, now=now, version=version_of(request))
    decided = {"tracker": tracker if plan.engineering else "none", "issue": typed["issue"]}
    if verb == "template":
        decided |= {"title": "", "body": ""}
    elif verb == "neutral":
        made = _preview(rfh, plan, tracker=str(Tracker.PUBLIC))
        decided |= {"title": made.proposed_title, "body": made.proposed_body}
    elif plan.engineering:
        for each in Tracker.values:
            made = _preview(rfh, Plan(team=plan.team, area=plan.area, sub_team=plan.sub_team), tracker=each)
            typed = {
                name: "" if text == plain("description", getattr(made, name, text)) else text
                for name, text in typed.items()
            }
        decided |= {"title": typed["title"], "body": typed["body"]}
    services.prepare(rfh, decided, by=by, now=now)


def _preview(rfh: RFH, plan: Plan, *, tracker: str = "") -> Preview:
    return preview(
        rfh,
        tracker=tracker or plan.tracker,
        team=plan.team,
        area=plan.area,
        sub_team=plan.sub_team,
        title=plan.title,
        body=plan.body,
    )


def _public_places(rfh: RFH) -> list[Any]:
    plan = plan_of(rfh)
    return _preview(rfh, plan).places if plan.engineering and not plan.issue else []


def _marked(rfh: RFH, shown: Preview) -> list[tuple[str, list[Part]]]:
    """The texts in which something is private, each cut where it is."""
    labels = FIELDS | {f"context.{detail.name}": detail.label for detail in rfh.details}
    texts = {"title": shown.title, "body": shown.body, "summary": rfh.summary, "description": rfh.description}
    texts |= {f"context.{name}": str(text) for name, text in rfh.context.items()}
    names = dict.fromkeys(place.field for place in shown.places)
    return [
        (labels.get(name, name), parts(texts.get(name, ""), [place for place in shown.places if place.field == name]))
        for name in names
    ]
