"""The pages of cycles: all of them, a run with its checklist, and its digest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from apps.dashboard.effect_first import CONFIRMED, EDIT
from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.cycles import rights, selectors
from apps.rotations.cycles.doors import address, agent_of, place
from apps.rotations.cycles.forms import DigestForm, ItemForm
from apps.rotations.errors import CycleRefused, RotationError
from apps.rotations.handovers.selectors import sections
from apps.rotations.leading import lead_at
from apps.rotations.models import Cycle, CycleRun, RunItem
from apps.rotations.schedules import on_call

PAST_RUNS = 20


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """Every rotation that runs in cycles: where its run is, and who leads."""
    agent = agent_of(request)
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
    agent = agent_of(request)
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
                    place(refused, form)
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
    return HttpResponseRedirect(f"{address(run.cycle)}{anchor}")


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
        # Of a run that is yet to come: who leads then.
        "lead": lead_at(cycle, max(now, run.starts_at) if run is not None else now),
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
    agent = agent_of(request)
    cycle = _cycle(slug)
    run = _run(cycle, "")
    if run is None or run.state != "running":
        messages.error(request, "No cycle runs now, so there is nothing to tell of.")
        return HttpResponseRedirect(address(cycle))
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
        place(refused, form)
        return _digest(request, cycle, run, form)
    except RotationError as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(address(cycle))
    count = len(said["people"]) + len(said["channels"])
    messages.success(request, f"The digest is on its way to {count} {'place' if count == 1 else 'places'}.")
    return HttpResponseRedirect(address(cycle))


def _digest(
    request: HttpRequest, cycle: Cycle, run: CycleRun, form: DigestForm, *, looked_at: bool = False
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": f"Digest of {run}",
        "above": [
            {"title": "Cycles", "link": reverse("rotations_cycles:list")},
            {"title": str(cycle.rotation), "link": address(cycle)},
        ],
        "cycle": cycle,
        "run": run,
        "form": form,
        "looked_at": looked_at,
        "anybody": cycle.stakeholders.exists() or cycle.channels.exists(),
    }
    return render(request, "rotations/cycles/digest.html", context)


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


def _handover(pk: int) -> str:
    try:
        return reverse("rotations_handovers:page", args=[pk])
    except NoReverseMatch:
        return ""
