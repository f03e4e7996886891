"""The pages of hand-overs: all of them, and one to work on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.integrations.slack import membership
from apps.integrations.slack.gateway import configured
from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.errors import ContextChanged, RotationError
from apps.rotations.handovers import rights
from apps.rotations.handovers.board import Board, board, state_of
from apps.rotations.handovers.selectors import Side, on_side, places, with_people
from apps.rotations.models import Cycle, HandOver, HandOverPerson, Rotation
from apps.rotations.services import Chosen
from apps.trail.access import may_read
from apps.trail.selectors import story

PAST, STORY_LENGTH = 50, 100
SLACK = "https://slack.com/app_redirect?channel="


@require_http_methods(["GET", "POST"])
def every(request: HttpRequest) -> HttpResponse:
    """The hand-overs, those to work on first; a lead opens one here."""
    agent = _agent(request)
    now = timezone.now()
    if request.method == "POST":
        return _open(request, agent, now)
    rows = with_people(HandOver.objects.all())
    coming = rows.filter(Q(closed_at=None) | Q(changes_at__gt=now)).order_by("changes_at", "pk")
    past = rows.exclude(pk__in=coming.values("pk"))[:PAST]
    context = {
        **admin.site.each_context(request),
        "title": "Hand-overs",
        "coming": [_line(handover, now) for handover in coming],
        "past": [_line(handover, now) for handover in past],
        "openable": _openable(agent),
    }
    return render(request, "rotations/handovers.html", context)


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One hand-over: what is open on the one side, who takes it on the other."""
    agent = _agent(request)
    handover = _find(pk)
    if request.method == "POST":
        if not rights.may_take_part(agent, handover):
            raise PermissionDenied
        return _act(request, agent, handover)
    return _page(request, agent, handover, {})


def _act(request: HttpRequest, agent: Agent, handover: HandOver) -> HttpResponse:
    verb, _, what = request.POST.get("do", "").partition(":")
    now = timezone.now()
    try:
        match verb:
            case "context":
                text = request.POST.get("context", "")
                try:
                    services.write_context(handover, text, seen=request.POST.get("seen", ""), now=now)
                except ContextChanged as refusal:
                    return _page(request, agent, _find(handover.pk), {"typed": text, "refusal": str(refusal)})
                messages.success(request, "The context is saved.")
            case "confirm":
                return _confirm(request, agent, handover, what, now)
            case "one" | "note":
                _say(request, [_chosen(request, agent, handover, what, keep=verb == "note")], handover, agent, now)
            case "chosen" | "all":
                _many(request, agent, handover, verb, now)
            case _:
                messages.error(request, "Choose what to do.")
    except RotationError as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(_address(handover))


def _many(request: HttpRequest, agent: Agent, handover: HandOver, verb: str, now: datetime) -> None:
    """All rows as chosen in them, or all red ones to one person."""
    numbers = [name.removeprefix("item-") for name in request.POST if name.startswith("item-")]
    wanted = [_chosen(request, agent, handover, number) for number in numbers]
    if verb == "all":
        to = _to(request.POST.get("everything", ""), agent, handover)
        if to is None:
            messages.error(request, "Choose who gets all of it.")
            return
        red = {(row.provider, row.item.id) for row in board(handover).waiting if row.red or row.suggested}
        wanted = [replace(each, to=to) for each in wanted if (each.provider, each.item) in red]
    _say(request, wanted, handover, agent, now)


def _say(request: HttpRequest, wanted: list[Chosen], handover: HandOver, agent: Agent, now: datetime) -> None:
    """Do what is wanted, one by one: what one refuses keeps no other back."""
    given: dict[str, int] = {}
    noted = 0
    for chosen in wanted:
        if chosen.to is None and chosen.note == chosen.seen:
            continue
        try:
            changed = services.pass_on(handover, chosen, by=agent, now=now)
        except RotationError as refusal:
            messages.error(request, str(refusal))
            continue
        if changed and chosen.to:
            given[str(chosen.to)] = given.get(str(chosen.to), 0) + 1
        elif changed:
            noted += 1
    for name, count in given.items():
        messages.success(request, f"{name} has {count} more now." if count > 1 else f"{name} has it now.")
    if noted:
        messages.success(request, "The note is saved." if noted == 1 else f"{noted} notes are saved.")
    if not given and not noted:
        messages.info(request, "Nothing changed.")


def _chosen(request: HttpRequest, agent: Agent, handover: HandOver, number: str, *, keep: bool = False) -> Chosen:
    provider, _, item = request.POST.get(f"item-{number}", "").partition("|")
    return Chosen(
        provider=provider,
        item=item,
        to=None if keep else _to(request.POST.get(f"to-{number}", ""), agent, handover),
        note=request.POST.get(f"note-{number}", ""),
        seen=request.POST.get(f"seen-{number}", ""),
        owner=request.POST.get(f"owner-{number}"),
    )


def _to(email: str, agent: Agent, handover: HandOver) -> Agent | None:
    """Whom the form names; None: nobody. Raises PermissionDenied for whom they may not give to."""
    if not email:
        return None
    found = next((each for each in _takers(agent, handover) if each.email == email), None)
    if found is None:
        raise PermissionDenied
    return found


def _takers(agent: Agent, handover: HandOver) -> list[Agent]:
    """To whom they may give: a lead to all who come, anybody else of them to themselves."""
    coming = [person.agent for person in on_side(handover, Side.INCOMING)]
    return coming if rights.may_lead(agent, handover) else [each for each in coming if each == agent]


def _confirm(request: HttpRequest, agent: Agent, handover: HandOver, what: str, now: datetime) -> HttpResponse:
    """For one person, on both sides at once where they are on both."""
    asked = [person for person in handover.people.all() if person.signs and str(person.agent_id) == what]
    if not asked or not all(rights.may_confirm(agent, person, handover) for person in asked):
        raise PermissionDenied
    red = board(handover).red
    if red and not request.POST.get("sure"):
        return _page(request, agent, handover, {"asked": {"what": what, "red": red}})
    closed = services.confirm(handover, asked, by=agent, now=now)
    whom = "you" if asked[0].agent_id == agent.pk else str(asked[0].agent)
    messages.success(request, f"It is confirmed for {whom}.{' Everybody has: it is closed.' if closed else ''}")
    return HttpResponseRedirect(_address(handover))


def _page(request: HttpRequest, agent: Agent, handover: HandOver, more: dict[str, Any]) -> HttpResponse:
    now = timezone.now()
    shown = board(handover)
    may_lead, takes_part = rights.may_lead(agent, handover), rights.may_take_part(agent, handover)
    newest_first = request.GET.get("story") != "oldest"
    tone, words = state_of(handover, now)
    lead = services.lead_of(handover, now)
    context = {
        **admin.site.each_context(request),
        "title": str(handover),
        "above": [{"title": "Hand-overs", "link": reverse("rotations_handovers:list")}],
        "shown": handover,
        "short": handover.kind == HandOver.Kind.SHORT,
        "in_cycles": Cycle.objects.filter(rotation=handover.rotation).exists(),
        "changed": handover.changes_at <= now,
        "tone": tone,
        "state": words,
        "board": shown,
        "lead": lead,
        "outgoing": on_side(handover, Side.OUTGOING),
        "incoming": _incoming(handover, shown),
        "signing": _signing(agent, handover),
        "takers": _takers(agent, handover),
        "may_lead": may_lead,
        "takes_part": takes_part,
        "channels": [] if handover.changes_at <= now else _channels(handover, shown),
        "newest_first": newest_first,
        "story": story(
            handover.stream,
            newest_first=newest_first,
            limit=STORY_LENGTH,
            readable=partial(may_read, request.user),
        ),
        "story_limit": STORY_LENGTH,
        **more,
    }
    return render(request, "rotations/handover.html", context)


def _incoming(handover: HandOver, shown: Board) -> list[dict[str, Any]]:
    return [
        {
            "row": person,
            "items": shown.taken.get(person.agent.email, []),
            "left": sum(row.left and row.item.owner_email == person.agent.email for row in shown.waiting),
        }
        for person in on_side(handover, Side.INCOMING)
    ]


def _signing(agent: Agent, handover: HandOver) -> list[dict[str, Any]]:
    """Each who confirms it, once: whoever is on both sides confirms both."""
    rows: dict[int, list[HandOverPerson]] = {}
    for side in (Side.OUTGOING, Side.INCOMING):
        for person in on_side(handover, side):
            if person.signs:
                rows.setdefault(person.agent_id, []).append(person)
    return [
        {
            "agent": own[0].agent,
            "own": own[0].agent_id == agent.pk,
            "sides": " and ".join(str(person.side) for person in own),
            "role": own[0].role,
            "both": len(own) > 1,
            "signed_at": None if any(not person.signed_at for person in own) else own[0].signed_at,
            "signed_by": own[0].signed_by,
            "for_them": own[0].signed_by_id != own[0].agent_id,
            "may": any(not person.signed_at for person in own)
            and all(rights.may_confirm(agent, person, handover) for person in own),
        }
        for own in rows.values()
    ]


def _channels(handover: HandOver, shown: Board) -> list[dict[str, Any]]:
    """Where the incoming people must be, and who of them is not there, as far as anybody knows."""
    found = places(handover, shown.sections)
    known = membership.known([place.slack_id for place in found])
    coming = [person.agent for person in on_side(handover, Side.INCOMING)]
    lines = []
    for place in found:
        about = known.get(place.slack_id)
        there = about.member_ids if about and about.read_at else None
        lines.append(
            {
                "place": place,
                "url": f"{SLACK}{place.slack_id}",
                "read_at": about.read_at if about else None,
                "problem": about.problem if about else "" if configured() else "Slack is not connected.",
                "missing": []
                if there is None
                else [each for each in coming if each.slack_id and each.slack_id not in there],
                "unknown": [each for each in coming if not each.slack_id],
            }
        )
    return lines


def _open(request: HttpRequest, agent: Agent, now: datetime) -> HttpResponse:
    slug = request.POST.get("rotation", "")
    rotation = next((each for each in _openable(agent) if each.slug == slug), None)
    if rotation is None:
        raise PermissionDenied
    try:
        return HttpResponseRedirect(_address(services.open_by_hand(rotation, now=now)))
    except RotationError as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("rotations_handovers:list"))


def _openable(agent: Agent) -> list[Rotation]:
    """The rotations whose hand-over they may open."""
    return list(rights.led_by(agent, Rotation.objects.filter(archived_at=None)))


def _line(handover: HandOver, now: datetime) -> dict[str, Any]:
    tone, words = state_of(handover, now)
    return {
        "handover": handover,
        "tone": tone,
        "state": words,
        "outgoing": on_side(handover, Side.OUTGOING),
        "incoming": on_side(handover, Side.INCOMING),
        "missing": list(
            dict.fromkeys(
                str(person)
                for side in (Side.OUTGOING, Side.INCOMING)
                for person in on_side(handover, side)
                if person.signs and not person.signed_at
            )
        ),
    }


def _find(pk: int) -> HandOver:
    handover = with_people(HandOver.objects.filter(pk=pk)).first()
    if handover is None:
        raise Http404("There is no such hand-over.")
    return handover


def _agent(request: HttpRequest) -> Agent:
    agent = Agent.objects.get(email=request.user.get_username())
    if not agent.has_perm(rights.SEE):
        raise PermissionDenied
    return agent


def _address(handover: HandOver) -> str:
    return reverse("rotations_handovers:page", args=[handover.pk])
