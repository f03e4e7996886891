"""The forms that the board's segments lead to. Each shows what saving does before it does it, and comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from apps.dashboard.effect_first import CONFIRMED, EDIT, typed_again
from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.board.changes.forms import OverrideForm, ReasonForm, TakeForm, given
from apps.rotations.effects import Effect
from apps.rotations.errors import OverrideRefused, RotationError
from apps.rotations.models import Override, Rotation
from apps.rotations.rights import SEE, Rights, rights_of
from apps.rotations.schedules import Current, on_call
from apps.rotations.services.overrides import TAKEN_FOR
from apps.rotations.showing import effect_context, effect_of

# What the effect looked like when it was looked at.
SEEN = "_seen"


@dataclass(frozen=True)
class Change:
    """Something that may be saved: the title of the page that shows its effect, what it does, and when it does it."""

    title: str
    make: Callable[[], object]
    start: datetime
    end: datetime
    saved: str


@require_http_methods(["GET", "POST"])
def override(request: HttpRequest, slug: str) -> HttpResponse:
    """Somebody is on, or is not, from then until then."""
    rotation, rights = _rotation(request, slug)
    if not rights.may_override(rotation):
        raise PermissionDenied(_why_not(rotation, "make overrides"))
    now, zone = timezone.now(), timezone.get_current_timezone()
    form = OverrideForm(
        request.POST or None, initial=given(request.GET.dict(), rotation, zone, now=now), rotation=rotation, zone=zone
    )

    def change() -> Change:
        said = form.cleaned_data
        fields = {name: said[name] for name in ("role", "starts_at", "ends_at", "remove", "add", "reason")}
        start = max(said["starts_at"] or now, now)
        return Change(
            title="What the override does",
            make=lambda: services.add_override(rotation, **fields, by=rights.agent, now=now),
            start=min(start, said["ends_at"]),
            end=said["ends_at"],
            saved="The override is saved. Those whose shifts move are told.",
        )

    return _flow(request, rotation, form, change, {"title": f"Override in {rotation}", "times": True})


@require_http_methods(["GET", "POST"])
def take(request: HttpRequest, slug: str) -> HttpResponse:
    """Whoever asks is on from now until the running shift ends."""
    rotation, rights = _rotation(request, slug)
    if not rights.may_take(rotation):
        raise PermissionDenied(_why_not(rotation, "take shifts"))
    now = timezone.now()
    asked = request.GET.get("role", "")
    role = next((each for each in rotation.roles.all() if each.name == asked), None)
    if role is None:
        raise Http404("There is no such role in this rotation.")
    current = _current(rotation, role.name, now)
    form = TakeForm(
        request.POST or None, initial={"reason": f"{rights.agent} takes over this shift"}, on=current.people
    )

    def change() -> Change:
        said = form.cleaned_data
        return Change(
            title=f"What your taking over as {role} does",
            make=lambda: services.take_shift(
                rotation, role, by=rights.agent, instead_of=said.get("instead_of"), reason=said["reason"], now=now
            ),
            start=now,
            end=current.end or now + TAKEN_FOR,
            saved=f"You are {role} now. Those whose shifts move are told.",
        )

    who = " and ".join(current.names) or "nobody"
    told = {
        "title": f"Take over as {role} of {rotation}",
        "says": f"On as {role} now: {who}. You are on instead from now until the shift ends.",
        "until": current.end,
    }
    return _flow(request, rotation, form, change, told)


@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    """An override in progress ends now; one to come is withdrawn."""
    rotation, rights = _rotation(request, slug)
    if not rights.may_override(rotation):
        raise PermissionDenied(_why_not(rotation, "end overrides"))
    now = timezone.now()
    found = Override.objects.select_related("role", "add", "remove", "rotation").filter(pk=key, rotation=rotation)
    row = found.first()
    if row is None:
        messages.info(request, "That override is not there any more: somebody ended or withdrew it.")
        return HttpResponseRedirect(_back(request, rotation))
    if row.ends_at <= now:
        messages.info(request, "This override is over: it says who was on duty, so it stays.")
        return HttpResponseRedirect(_back(request, rotation))
    begun = row.starts_at <= now
    form = ReasonForm(request.POST or None)

    def change() -> Change:
        return Change(
            title=f"What {'ending' if begun else 'withdrawing'} the override does",
            make=lambda: services.end_override(row, reason=form.cleaned_data["reason"], now=now),
            start=max(row.starts_at, now),
            end=row.ends_at,
            saved="The override is ended." if begun else "The override is withdrawn.",
        )

    told = {
        "title": f"{'End' if begun else 'Withdraw'} an override of {rotation}",
        "says": f"{row}: {row.reason}",
        "since": row.starts_at,
        "until": row.ends_at,
    }
    return _flow(request, rotation, form, change, told)


def _flow(
    request: HttpRequest,
    rotation: Rotation,
    form: ReasonForm,
    change: Callable[[], Change],
    told: dict[str, Any],
) -> HttpResponse:
    """The form, then the effect, then it is saved: what was looked at is what is saved, or it is shown again."""
    if request.method == "POST" and EDIT not in request.POST and form.is_valid():
        asked = change()
        try:
            tried = services.what_if(_then(asked.make, rotation), rotation, start=asked.start, end=asked.end)
            found = effect_of(tried, start=asked.start, end=asked.end, rosters=False)
            seen = _digest(found, asked.start)
            if CONFIRMED in request.POST and request.POST.get(SEEN, "") == seen:
                asked.make()
                messages.success(request, asked.saved)
                return HttpResponseRedirect(_back(request, rotation))
            if CONFIRMED in request.POST:
                messages.warning(request, "The schedule changed since you looked: this is what saving does now.")
            context = effect_context(tried, found, start=asked.start, end=asked.end)
            return _effect_page(request, rotation, asked.title, seen, context)
        except OverrideRefused as refused:
            form.tell(refused)
        except RotationError as refused:
            form.add_error(None, str(refused))
    context = {
        **_about(request, rotation),
        "form": form,
        "zone": timezone.get_current_timezone_name(),
        **told,
    }
    return render(request, "rotations/board/form.html", context)


def _effect_page(
    request: HttpRequest, rotation: Rotation, title: str, seen: str, context: dict[str, Any]
) -> HttpResponse:
    again = typed_again(request, without={SEEN, CONFIRMED})
    again["typed"] = [*again["typed"], (SEEN, seen)]
    shown = {**_about(request, rotation), **again, **context, "title": title}
    return render(request, "admin/rotations/effect.html", shown)


def _then(make: Callable[[], object], rotation: Rotation) -> Callable[[], Rotation]:
    def made() -> Rotation:
        make()
        return rotation

    return made


def _digest(found: Effect, start: datetime) -> str:
    """The same while whose shifts move is the same; what begins now begins a little later at every look."""
    moved = [
        (
            each.role,
            "" if each.start == start else each.start.isoformat(),
            each.end.isoformat(),
            each.before,
            each.after,
        )
        for each in found.moved
    ]
    return sha256(repr(moved).encode()).hexdigest()[:16]


def _rotation(request: HttpRequest, slug: str) -> tuple[Rotation, Rights]:
    viewer = cast(Agent, request.user)
    if not viewer.has_perm(SEE):
        raise PermissionDenied
    rotation = Rotation.objects.select_related("team").filter(slug=slug).first()
    if rotation is None:
        raise Http404("There is no such rotation.")
    return rotation, rights_of(viewer)


def _current(rotation: Rotation, role: str, now: datetime) -> Current:
    [current] = on_call(now, Rotation.objects.filter(pk=rotation.pk)).values()
    return next((each for each in current if each.role == role), Current(role, (), (), (), None, None, ""))


def _about(request: HttpRequest, rotation: Rotation) -> dict[str, Any]:
    page = reverse("rotations_board:rotation", args=[rotation.slug])
    return {
        **admin.site.each_context(request),
        "rotation": rotation,
        "back": _back(request, rotation),
        "above": [
            {"title": "On-call board", "link": reverse("rotations_board:board")},
            {"title": rotation.name, "link": page},
        ],
    }


def _back(request: HttpRequest, rotation: Rotation) -> str:
    """The board as it was left; the rotation's own page when that is not said."""
    back = request.GET.get("back", "")
    ours = back.startswith(reverse("rotations_board:board")) and url_has_allowed_host_and_scheme(back, None)
    return back if ours else reverse("rotations_board:rotation", args=[rotation.slug])


def _why_not(rotation: Rotation, what: str) -> str:
    if rotation.archived_at is not None:
        return f"{rotation} is archived, so nobody is on duty by it."
    return f"You may not {what} in {rotation}: its team's leads and support managers may."
