"""Choosing the team."""

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
from apps.rfhs.errors import RFHError
from apps.rfhs.form.doors import above, address, draft_for, page_of
from apps.rfhs.form.plan import plan_of
from apps.rfhs.form.showing import step_context
from apps.rfhs.form.steps import FormStep
from apps.rfhs.form.team.choosing import chosen, everybody, proposals
from apps.rfhs.states import WITH_SUPPORT

OTHER = "other"


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Step three."""
    agent, rfh, may_write = draft_for(request, pk)
    if rfh.at not in WITH_SUPPORT:
        return HttpResponseRedirect(page_of(rfh))
    options = proposals(rfh, today=timezone.localdate())
    errors: list[str] = []
    said = request.POST.get("choice", "")
    if request.method == "POST":
        key = request.POST.get("other", "") if said == OTHER or not said else said
        found = chosen(key)
        if found is None:
            errors = ["Choose who should help."]
        else:
            team, area, sub_team = found
            first = options[0].area if options else None
            decided = {"team": team.slug, "area": area.slug if area else "", "sub_team": sub_team}
            decided["proposed"] = first.slug if first else ""
            try:
                services.prepare(rfh, decided, by=Acting(agent), now=timezone.now(), version=version_of(request))
                stay = request.POST.get("do") == "stay"
                return HttpResponseRedirect(address(rfh, FormStep.TEAM if stay else FormStep.ISSUE))
            except RFHError as refusal:
                errors = [str(refusal)]
                rfh.refresh_from_db()
    plan = plan_of(rfh)
    now_chosen = "|".join((plan.team.slug, plan.area.slug if plan.area else "", plan.sub_team)) if plan.team else ""
    asks = list(dict.fromkeys(option.proposal.ask for option in options if option.proposal and option.proposal.ask))
    selected = said or now_chosen
    if not selected and options and not asks:
        selected = next((each.key for each in options if each.proposal and each.sub_team == each.proposal.sub_team), "")
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        **step_context(rfh, FormStep.TEAM),
        "title": f"{rfh}: Team",
        "above": above(rfh.ticket),
        "may_write": may_write,
        "errors": errors,
        "options": options,
        "asks": asks,
        "everybody": everybody(),
        "selected": selected,
        "is_other": bool(selected) and selected not in {option.key for option in options},
        "other": request.POST.get("other", "") or now_chosen,
        "plan": plan,
        "may_edit_table": agent.has_perm("rfhs.change_area"),
    }
    return render(request, "rfhs/form/team.html", context)
