"""The pages on which shifts are asked about, taken and declined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_safe

from apps.dashboard.moments import zone_name
from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.errors import RotationError, SwapRefused
from apps.rotations.models import Role, Rotation, SwapRequest
from apps.rotations.selectors import without_slack
from apps.rotations.services.swaps import how_it_ended, parts_of, take_problems
from apps.rotations.showing import effect_context, effect_of
from apps.rotations.swapping.forms import FIELDS, AskForm, Theirs
from apps.rotations.swapping.selectors import (
    coming_shifts,
    leads,
    may_ask_for,
    roster_of,
    theirs_to_come,
    waiting_for,
)
from apps.rotations.timeline import Duty
from apps.trail.access import may_read_stream
from apps.trail.instants import slip_in
from apps.trail.selectors import story

SHOWN, STORY_LENGTH = 50, 200
# Of a shift that runs the rest is asked about, from a full quarter of an hour on.
QUARTER = timedelta(minutes=15)
RELATED = ("rotation", "role", "back_role", "person", "to", "asked_by", "taken_by")


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """What is asked of me, what I ask, and what my teams ask."""
    agent, now = _agent(request), timezone.now()
    everything = SwapRequest.objects.select_related(*RELATED)
    mine = everything.filter(Q(person=agent) | Q(asked_by=agent))
    waiting = waiting_for(agent, now=now).select_related(*RELATED).order_by("starts_at")
    of_teams = everything.filter(rotation__team__members=agent).exclude(pk__in=[each.pk for each in waiting])
    context = {
        "title": "Swaps",
        "sections": [
            ("asked", "Asked of me", waiting, "Nobody asks you to take a shift."),
            ("mine", "Mine", mine[:SHOWN], "You have asked nobody to take a shift of yours."),
            (
                "team",
                "Of my teams",
                of_teams.exclude(Q(person=agent) | Q(asked_by=agent))[:SHOWN],
                "Nobody else in your teams asks for a swap.",
            ),
        ],
    }
    return _page(request, "list", context)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask others to take a shift, or a part of it; without one in the address one chooses among one's own."""
    agent, now = _agent(request), timezone.now()
    said = request.GET if request.method != "POST" else request.POST
    asked = {name: said.get(name, "").replace("\x00", "") for name in ("person", "rotation", "role")}
    person = _person(asked["person"], agent)
    rotation = Rotation.objects.filter(slug=asked["rotation"], archived_at=None).first()
    role = Role.objects.filter(rotation=rotation, name=asked["role"]).first() if rotation else None
    if rotation is None or role is None:
        if person != agent and not (rotation and leads(agent, rotation)):
            raise PermissionDenied
        shifts = [(where, duty, _address(where, duty, person)) for where, duty in _choices(person, rotation, now)]
        return _page(request, "choose", {"title": "Ask for a swap", "person": person, "shifts": shifts, "me": agent})
    if not may_ask_for(agent, rotation, person):
        raise PermissionDenied
    theirs = _theirs(rotation, person, now)
    if request.method == "POST":
        form = AskForm(request.POST, theirs=theirs)
        if form.is_valid():
            try:
                made = services.ask_to_swap(
                    rotation,
                    role=role,
                    starts_at=form.cleaned_data["starts_at"],
                    ends_at=form.cleaned_data["ends_at"],
                    person=person,
                    to=form.asked_of(),
                    back=form.in_return(rotation),
                    message=form.cleaned_data["message"],
                    by=agent,
                    now=now,
                )
            except SwapRefused as refused:
                _say(form, refused)
            else:
                hears = " You hear in Slack what becomes of it." if agent.slack_id else ""
                messages.success(request, f"It is asked.{hears} It stands here as well.")
                return HttpResponseRedirect(reverse("rotations_swaps:swap", args=[made.pk]))
    else:
        form = AskForm(initial=_initial(request, rotation, role, person, now), theirs=theirs)
    context = {"title": "Ask for a swap", "form": form, "rotation": rotation, "role": role, "person": person}
    return _page(request, "ask", {**context, "me": agent})


@require_http_methods(["GET", "HEAD", "POST"])
def swap(request: HttpRequest, key: int) -> HttpResponse:
    """One request: what it changes, what became of it, and what the viewer may do about it."""
    agent, now = _agent(request), timezone.now()
    row = SwapRequest.objects.select_related(*RELATED).filter(pk=key).first()
    if row is None:
        raise Http404("There is no such request.")
    if request.method == "POST":
        return _act(request, row, agent, now)
    invited = list(row.invited.select_related("agent"))
    mine = next((each for each in invited if each.agent_id == agent.pk), None)
    is_open = row.is_open(now)
    may_take = is_open and mine is not None
    taker = agent if may_take else row.to
    problems = take_problems(row, taker, now=now) if is_open else []
    unreached = without_slack(each.agent.email for each in invited)
    context: dict[str, Any] = {
        "title": str(row),
        "swap": row,
        "invited": invited,
        "mine": mine,
        "is_open": is_open,
        "may_take": may_take,
        "may_withdraw": is_open and _may_withdraw(agent, row),
        "problems": problems,
        "ended": "" if is_open else "You have taken it." if row.taken_by == agent else how_it_ended(row, now=now),
        "unreached": [each.agent for each in invited if each.agent.email in unreached],
    }
    if may_read_stream(request.user, row.stream):
        newest_first = request.GET.get("story") != "oldest"
        told = story(row.stream, newest_first=newest_first, limit=STORY_LENGTH)
        context |= {"shown": row, "story": told, "story_limit": STORY_LENGTH, "newest_first": newest_first}
    if is_open and taker is not None and not problems:
        context |= _effect(row, taker, now)
    return _page(request, "swap", context)


def _act(request: HttpRequest, row: SwapRequest, agent: Agent, now: datetime) -> HttpResponse:
    verb = request.POST.get("do", "")
    try:
        if verb == "take":
            services.take_swap(row, by=agent, now=now)
            told = "is told" if row.person.slack_id else "has no Slack id: please tell them yourself"
            messages.success(request, f"You take it. {row.person} {told}.")
        elif verb == "decline":
            services.decline_swap(row, by=agent, now=now)
            messages.success(request, "You declined it.")
        elif verb == "withdraw":
            if not _may_withdraw(agent, row):
                raise PermissionDenied
            services.withdraw_swap(row, now=now)
            messages.success(request, "It is withdrawn: nobody is asked any more.")
        else:
            messages.error(request, "Choose what to do with it.")
    except RotationError as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("rotations_swaps:swap", args=[row.pk]))


def _effect(row: SwapRequest, taker: Agent, now: datetime) -> dict[str, Any]:
    """What it changes when the taker takes it: done, looked at, and taken back."""
    parts = parts_of(row, taker)

    def take() -> Rotation:
        services.take_swap(row, by=taker, now=now)
        return row.rotation

    start, end = min(part.start for part in parts), max(part.end for part in parts)
    try:
        tried = services.what_if(take, row.rotation, start=start, end=end)
    except RotationError as refused:
        return {"problems": [str(refused)]}
    assert tried.before is not None
    before, found = tried.before.window(start, end), effect_of(tried, start=start, end=end, rosters=False)
    # Of what is so anyway, and of whom it does not concern, there is nothing to say here.
    concerned = replace(
        found,
        gaps=tuple(gap for gap in found.gaps if gap not in before.gaps),
        doubles=tuple(double for double in found.doubles if double not in before.doubles),
        leaves=tuple(leave for leave in found.leaves if leave.person in found.affected),
        hours=tuple(each for each in found.hours if each.person in found.affected),
    )
    return {"taker": taker, **effect_context(tried, concerned, start=start, end=end)}


def _may_withdraw(agent: Agent, row: SwapRequest) -> bool:
    return agent.pk in (row.person_id, row.asked_by_id) or leads(agent, row.rotation)


def _choices(person: Agent, rotation: Rotation | None, now: datetime) -> Iterable[tuple[Rotation, Duty]]:
    return coming_shifts(person, now=now, rotation=rotation)


def _theirs(rotation: Rotation, person: Agent, now: datetime) -> Theirs:
    """Everybody who can be asked by name, with their shifts to come."""
    others = list(roster_of(rotation).exclude(pk=person.pk))
    shifts = theirs_to_come(others, rotation, now=now)
    return [(agent, [(_words(duty), duty) for duty in shifts[agent.email]]) for agent in others]


def _words(duty: Duty) -> str:
    start, end = timezone.localtime(duty.start), timezone.localtime(duty.end)
    return f"{duty.role}, {start:%a %-d %b %H:%M} to {end:%a %-d %b %H:%M} {zone_name(duty.end)}"


def _initial(request: HttpRequest, rotation: Rotation, role: Role, person: Agent, now: datetime) -> dict[str, Any]:
    """What the address says; where it says nothing, the next shift. Of a shift that runs, what is left of it."""
    start, end = (_instant(request.GET.get(name, "")) for name in ("start", "end"))
    if start is None or end is None:
        duties = (duty for _, duty in coming_shifts(person, now=now, rotation=rotation) if duty.role == role.name)
        if coming := next(duties, None):
            start, end = start or coming.start, end or coming.end
    if start is not None and end is not None and start <= now < end:
        quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + 2 * QUARTER
        start = min(quarter, end - QUARTER)
    return {"starts_at": start, "ends_at": end, "to": request.GET.get("to", "")}


def _instant(said: str) -> datetime | None:
    """The instant of an ISO text; None for what is none, has no zone, or cannot be meant."""
    try:
        # A plus that was not escaped comes as a blank.
        read = parse_datetime(said.strip().replace(" ", "+"))
    except ValueError:
        return None
    return read if read is not None and read.tzinfo is not None and not slip_in(read) else None


def _address(rotation: Rotation, duty: Duty, person: Agent) -> str:
    asked = {
        "rotation": rotation.slug,
        "role": duty.role,
        "start": duty.start.isoformat(),
        "end": duty.end.isoformat(),
        "person": person.email,
    }
    return f"{reverse('rotations_swaps:ask')}?{urlencode(asked)}"


def _person(said: str, agent: Agent) -> Agent:
    """Whose shift it is, by email; whoever asks when nobody is named. Raises Http404."""
    if not said:
        return agent
    found = Agent.objects.filter(email=said.lower()).first()
    if found is None:
        raise Http404("There is no such agent.")
    return found


def _say(form: AskForm, refused: SwapRefused) -> None:
    for path, sentences in refused.errors.items():
        name = FIELDS.get(path, path)
        form.add_error(name if name in form.fields else None, sentences)


def _agent(request: HttpRequest) -> Agent:
    """Who asks, if they may see rotations. Raises PermissionDenied."""
    if not request.user.has_perm("rotations.view_rotation"):
        raise PermissionDenied
    return Agent.objects.get(email=request.user.get_username())


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    above = [] if name == "list" else [{"title": "Swaps", "link": reverse("rotations_swaps:list")}]
    shared = {**admin.site.each_context(request), "above": above, "now": timezone.now()}
    return render(request, f"rotations/swaps/{name}.html", {**shared, **context})
