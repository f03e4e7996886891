"""The pages of cycles: all of them, a new one, a run with its checklist, and its digest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.cycles import rights, selectors
from apps.rotations.cycles.defaults import checklist
from apps.rotations.cycles.forms import (
    MOST_ROWS,
    ROWS_AT_FIRST,
    DigestForm,
    GroupForm,
    ItemForm,
    WizardForm,
    groups_of,
    next_monday,
    people_choices,
)
from apps.rotations.cycles.preview import Preview, preview
from apps.rotations.errors import CycleRefused, Refused, RotationError, RotationRefused
from apps.rotations.handovers.selectors import sections
from apps.rotations.models import Cycle, CycleRun, RunItem
from apps.rotations.schedules import on_call

PAST_RUNS = 20
# The wizard's buttons.
ADD, EDIT, CONFIRMED = "_add", "_edit", "_confirmed"
# Where the service's words about a spec stand in the wizard.
FIELDS = {"team": "team", "slug": "slug", "name": "name", "time_zone": "time_zone", "channel": "channel"}


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """Every rotation that runs in cycles: where its run is, and who leads."""
    agent = _agent(request)
    now = timezone.now()
    found = list(selectors.cycles())
    current = on_call(now)
    rows = []
    for cycle in found:
        # Fetched once for all of them.
        run = next(iter(cycle.open_runs), None)  # type: ignore[attr-defined]
        if run is not None:
            run.cycle = cycle
        running = run is not None and run.state == "running"
        listed = selectors.rows(run, run.listed, now) if run is not None and running else []  # type: ignore[attr-defined]
        lines = selectors.checklists(listed)
        rows.append({"cycle": cycle, "run": run, "lists": lines, "on": current.get(cycle.rotation, [])})
    context = {
        **admin.site.each_context(request),
        "title": "Cycles",
        "rows": rows,
        "may_create": rights.teams_to_create_for(agent).exists(),
    }
    return render(request, "rotations/cycles/list.html", context)


# --- one run


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The run of now with its checklist, or the one asked for; a lead ticks, adds and gives items here."""
    agent = _agent(request)
    cycle = _cycle(slug)
    run = _run(cycle, request.GET.get("run", ""))
    if request.method == "POST":
        if run is None or not rights.may_change(agent, cycle.rotation):
            raise PermissionDenied
        return _act(request, agent, run)
    return _page(request, agent, cycle, run, ItemForm())


def _act(request: HttpRequest, agent: Agent, run: CycleRun) -> HttpResponse:
    verb, _, key = request.POST.get("do", "").partition(":")
    now, anchor = timezone.now(), f"#item-{key}"
    try:
        match verb:
            case "add":
                form = ItemForm(request.POST)
                if not form.is_valid():
                    return _page(request, agent, run.cycle, run, form)
                try:
                    item = services.add_item(run, **form.cleaned_data, now=now)
                except CycleRefused as refused:
                    _place(refused, form)
                    return _page(request, agent, run.cycle, run, form)
                anchor = f"#item-{item.pk}"
            case "tick":
                services.tick(_item(run, key), by=agent, now=now)
            case "untick":
                services.untick(_item(run, key), now=now)
            case "change":
                item = _item(run, key)
                owner = _owner(run, request.POST.get("owner", ""), had=item.owner)
                services.change_item(item, owner=owner, note=request.POST.get("note", ""), now=now)
                messages.success(request, "It is saved.")
            case "give":
                anchor = "#ongoing"
                _give(request, agent, run, key, now)
            case _:
                messages.error(request, "Choose what to do.")
    except RotationError as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(f"{_address(run.cycle)}{anchor}")


def _give(request: HttpRequest, agent: Agent, run: CycleRun, key: str, now: datetime) -> None:
    """What is open goes to whom the form names."""
    provider, _, item = key.partition("|")
    to = _owner(run, request.POST.get("to", ""))
    if to is None:
        raise CycleRefused({"to": ["Choose who gets it."]})
    services.give(run, provider=provider, item=item, owner=request.POST.get("was", ""), to=to, by=agent, now=now)
    messages.success(request, f"{to} has it now.")


def _page(request: HttpRequest, agent: Agent, cycle: Cycle, run: CycleRun | None, form: ItemForm) -> HttpResponse:
    now = timezone.now()
    rotation = cycle.rotation
    may = rights.may_change(agent, rotation)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": str(run) if run else str(cycle),
        "above": [{"title": "Cycles", "link": reverse("rotations_cycles:list")}],
        "cycle": cycle,
        "rotation": rotation,
        "run": run,
        "may_change": may,
        "lead": services.lead_at(cycle, now),
        "runs": list(cycle.runs.order_by("-starts_at")[:PAST_RUNS]),
    }
    if run is not None:
        context |= _shown(run, now, may=may) | {"form": form}
    return render(request, "rotations/cycles/page.html", context)


def _shown(run: CycleRun, now: datetime, *, may: bool) -> dict[str, Any]:
    """What the page shows of the run; of one that does not run what was or will be in it."""
    running, rotation = run.state == "running", run.cycle.rotation
    shown: dict[str, Any] = {
        "steps": selectors.steps(run),
        "lists": selectors.checklists(selectors.rows_of(run, now), over=not running),
        "may_act": may and running,
        "late": run.state == "planned" and run.starts_at <= now,
        "handovers": [(each, _handover(each.pk)) for each in selectors.handovers_of(run)],
    }
    if not running:
        return shown
    on = selectors.on_duty(rotation, now)
    following = min((each.end for each in on if each.end), default=None)
    found = sections(rotation.team)
    return shown | {
        "on": on,
        "next_at": following,
        "next": selectors.on_duty(rotation, following) if following else [],
        "ongoing": selectors.ongoing(run, found, on),
        "problems": [each.problem for each in found if each.problem],
        "owners": list(selectors.owners_of(run)) if may else [],
    }


# --- the digest


@require_http_methods(["GET", "POST"])
def digest(request: HttpRequest, slug: str) -> HttpResponse:
    """The lead writes how the cycle goes, looks at it, and sends it."""
    agent = _agent(request)
    cycle = _cycle(slug)
    run = _run(cycle, "")
    if run is None or run.state != "running":
        messages.error(request, "No cycle runs now, so there is nothing to tell of.")
        return HttpResponseRedirect(_address(cycle))
    if not rights.may_change(agent, cycle.rotation):
        raise PermissionDenied
    now = timezone.now()
    if request.method == "GET":
        initial = {
            "text": selectors.first_words(run, now=now),
            "people": list(cycle.stakeholders.values_list("pk", flat=True)),
            "channels": list(cycle.channels.values_list("pk", flat=True)),
            "seen": run.digests,
        }
        return _digest(request, cycle, run, DigestForm(cycle=cycle, initial=initial))
    form = DigestForm(request.POST, cycle=cycle)
    if not form.is_valid() or EDIT in request.POST:
        return _digest(request, cycle, run, form)
    said = form.cleaned_data
    if CONFIRMED not in request.POST:
        if not said["people"] and not said["channels"]:
            form.add_error(None, "Say who gets it: people, channels, or both.")
            return _digest(request, cycle, run, form)
        return _digest(request, cycle, run, form, looked_at=True)
    try:
        services.send_digest(run, by=agent, now=now, **said)
    except CycleRefused as refused:
        _place(refused, form)
        return _digest(request, cycle, run, form)
    except RotationError as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(_address(cycle))
    count = len(said["people"]) + len(said["channels"])
    messages.success(request, f"The digest is on its way to {count} {'place' if count == 1 else 'places'}.")
    return HttpResponseRedirect(_address(cycle))


def _digest(
    request: HttpRequest, cycle: Cycle, run: CycleRun, form: DigestForm, *, looked_at: bool = False
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": f"Digest of {run}",
        "above": [
            {"title": "Cycles", "link": reverse("rotations_cycles:list")},
            {"title": str(cycle.rotation), "link": _address(cycle)},
        ],
        "cycle": cycle,
        "run": run,
        "form": form,
        "looked_at": looked_at,
        "anybody": cycle.stakeholders.exists() or cycle.channels.exists(),
    }
    return render(request, "rotations/cycles/digest.html", context)


# --- a new one


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A rotation in cycles: who, from when, in which form; what comes of it is shown before it is made."""
    agent = _agent(request)
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
    if not all([form.is_valid(), *(row.is_valid() for row in rows)]):
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
        _place(refused, form)
        return _wizard(request, form, rows)
    messages.success(request, f"{cycle.rotation} runs in cycles. Say in its settings who gets the digest.")
    return HttpResponseRedirect(_address(cycle))


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
        "typed": [
            (name, value)
            for name, values in request.POST.lists()
            if name not in ("csrfmiddlewaretoken", ADD, EDIT, CONFIRMED)
            for value in values
        ],
    }
    return render(request, "rotations/cycles/preview.html", context)


def _count(request: HttpRequest) -> int:
    said = request.POST.get("rows", "")
    return max(1, min(int(said), MOST_ROWS)) if said.isdecimal() and len(said) < 4 else ROWS_AT_FIRST


def _of_group(request: HttpRequest, n: int) -> dict[str, str]:
    prefix = f"group-{n}-"
    return {name.removeprefix(prefix): value for name, value in request.POST.dict().items() if name.startswith(prefix)}


# --- what all of them need


def _agent(request: HttpRequest) -> Agent:
    agent = Agent.objects.get(email=request.user.get_username())
    if not rights.may_see(agent):
        raise PermissionDenied
    return agent


def _cycle(slug: str) -> Cycle:
    rows = Cycle.objects.select_related("rotation__team", "rotation__channel", "lead", "lead_role")
    found = rows.filter(rotation__slug=slug).first()
    if found is None:
        raise Http404("No rotation of this name runs in cycles.")
    return found


def _run(cycle: Cycle, number: str) -> CycleRun | None:
    """The one of this number; without one the one that runs, else the next, else the last."""
    runs = cycle.runs.order_by("starts_at")
    if number:
        found = runs.filter(number=int(number)).first() if number.isdecimal() and len(number) < 9 else None
        if found is None:
            raise Http404("There is no such cycle.")
    else:
        waiting = runs.filter(ended_at=None)
        found = waiting.exclude(started_at=None).first() or waiting.first() or runs.last()
    if found is not None:
        found.cycle = cycle
    return found


def _item(run: CycleRun, key: str) -> RunItem:
    found = RunItem.objects.filter(run=run, pk=key).first() if key.isdecimal() and len(key) < 18 else None
    if found is None:
        raise Http404("There is no such item in this cycle.")
    return found


def _owner(run: CycleRun, key: str, had: Agent | None = None) -> Agent | None:
    """Whom the form names: of the team, of those who serve, or who had it."""
    if not key:
        return None
    found = selectors.owners_of(run).filter(pk=key).first() if key.isdecimal() and len(key) < 18 else None
    if found is None and had is not None and key == str(had.pk):
        found = had
    if found is None:
        raise CycleRefused({"owner": ["Choose somebody of the team."]})
    return found


def _place(refused: Refused, form: forms.Form) -> None:
    """Each of the service's sentences beside its field; about people and turns above them all."""
    for path, sentences in refused.errors.items():
        name = FIELDS.get(path, path if path in form.fields else "")
        name = "start" if path.endswith("start_local") and "start" in form.fields else name
        form.add_error(name or None, list(dict.fromkeys(sentences)))


def _address(cycle: Cycle) -> str:
    return reverse("rotations_cycles:page", args=[cycle.rotation.slug])


def _handover(pk: int) -> str:
    try:
        return reverse("rotations_handovers:page", args=[pk])
    except NoReverseMatch:
        return ""
