"""The wizard: a rotation in cycles in a few choices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.dashboard.effect_first import CONFIRMED, EDIT, typed_again
from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.cycles import rights
from apps.rotations.cycles.defaults import checklist
from apps.rotations.cycles.doors import address, agent_of, place
from apps.rotations.cycles.forms import (
    MOST_ROWS,
    ROWS_AT_FIRST,
    GroupForm,
    WizardForm,
    groups_of,
    next_monday,
    people_choices,
)
from apps.rotations.cycles.wizard.preview import Preview, preview
from apps.rotations.errors import RotationRefused

# The button that asks for room for four more.
ADD = "_add"
LONG_AGO = timedelta(days=366)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A rotation in cycles: who, from when, in which form; what comes of it is shown before it is made."""
    agent = agent_of(request)
    teams = rights.teams_to_create_for(agent)
    if not teams.exists():
        raise PermissionDenied
    now = timezone.now()
    people = people_choices(Agent.objects.filter(is_active=True))
    if request.method == "GET":
        zone = timezone.get_current_timezone_name()
        only = teams.first() if teams.count() == 1 else None
        initial = {
            "team": only,
            "channel": only.channel if only else None,
            "time_zone": zone,
            "start": next_monday(now, ZoneInfo(zone)),
        }
        rows = [GroupForm(people=people, asked=n == 0, prefix=f"group-{n}") for n in range(ROWS_AT_FIRST)]
        return _wizard(request, WizardForm(teams=teams, initial=initial), rows)
    count = _count(request)
    if ADD in request.POST or EDIT in request.POST:
        # As it was typed, without a word on what is not finished yet.
        typed = WizardForm(teams=teams, initial=request.POST.dict())
        rows = [
            GroupForm(
                people=people,
                asked=n == 0,
                prefix=f"group-{n}",
                initial=_of_group(request, n),
            )
            for n in range(min(count + (ADD in request.POST), MOST_ROWS))
        ]
        return _wizard(request, typed, rows)
    form = WizardForm(request.POST, teams=teams)
    rows = [GroupForm(request.POST, people=people, asked=n == 0, prefix=f"group-{n}") for n in range(count)]
    if not all([form.is_valid(), *(row.is_valid() for row in rows)]) or _began_long_ago(form, now):
        return _wizard(request, form, rows)
    groups = groups_of(rows)
    spec, start = form.spec(groups), form.cleaned_data["start"]
    try:
        if CONFIRMED not in request.POST:
            return _looked_at(request, form, preview(spec, groups, start_local=start, now=now))
        template = checklist(asks_a_day=form.cleaned_data["asks_a_day"])
        cycle = services.create_in_cycles(spec, start_local=start, template=template, now=now)
        # One whose first cycle has begun already does not wait for the job.
        services.advance(cycle, now=now)
    except RotationRefused as refused:
        place(refused, form)
        return _wizard(request, form, rows)
    messages.success(request, f"{cycle.rotation} runs in cycles. Say in its settings who gets the digest.")
    return HttpResponseRedirect(address(cycle))


def _wizard(request: HttpRequest, form: WizardForm, rows: Sequence[GroupForm]) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": "A rotation in cycles",
        "above": [{"title": "Cycles", "link": reverse("rotations_cycles:list")}],
        "form": form,
        "rows": rows,
        "may_add": len(rows) < MOST_ROWS,
    }
    return render(request, "rotations/cycles/new.html", context)


def _looked_at(request: HttpRequest, form: WizardForm, found: Preview) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": f"What {form.cleaned_data['name']} will be",
        "above": [{"title": "Cycles", "link": reverse("rotations_cycles:list")}],
        "preview": found,
        **typed_again(request, without={ADD, EDIT, CONFIRMED}),
    }
    return render(request, "rotations/cycles/preview.html", context)


def _began_long_ago(form: WizardForm, now: datetime) -> bool:
    """A year is a slip of the finger more easily than the start of cycles that have gone on for so long."""
    start = form.cleaned_data["start"].replace(tzinfo=ZoneInfo(form.cleaned_data["time_zone"]))
    if start > now - LONG_AGO:
        return False
    form.add_error("start", "More than a year ago. Cycles that go on already: choose the beginning of a later one.")
    return True


def _count(request: HttpRequest) -> int:
    said = request.POST.get("rows", "")
    return max(1, min(int(said), MOST_ROWS)) if said.isdecimal() and len(said) < 4 else ROWS_AT_FIRST


def _of_group(request: HttpRequest, n: int) -> dict[str, str]:
    prefix = f"group-{n}-"
    return {name.removeprefix(prefix): value for name, value in request.POST.dict().items() if name.startswith(prefix)}
