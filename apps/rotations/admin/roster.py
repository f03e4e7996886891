"""Who takes a layer's turns, from when: in a line for each roster, and on a page on which it is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from apps.dashboard.effect_first import CONFIRMED, EDIT
from apps.dashboard.moments import letters
from apps.rotations import services
from apps.rotations.admin.effects import AHEAD, effect_page
from apps.rotations.errors import RotationError, RotationRefused
from apps.rotations.forms import RosterForm, written
from apps.rotations.models import Layer, Roster, Rotation
from apps.rotations.services.rosters import next_in


class RosterPage:
    """The rotations' admin with a page for each layer's roster. `own` gives the rotation to who may change it."""

    opts: Any
    admin_site: Any
    own: Callable[[HttpRequest, str], Rotation]

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.roster)
        return [
            path("<int:object_id>/roster/<int:layer_id>/", view, name="rotations_rotation_roster"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def roster(self, request: HttpRequest, object_id: int, layer_id: int) -> HttpResponse:
        """Who takes a layer's turns, from when: typed, shown with its effect, saved."""
        rotation = self.own(request, str(object_id))
        layer = (
            Layer.objects.select_related("rotation", "role")
            .prefetch_related("rosters__participants__agent")
            .filter(pk=layer_id, rotation=rotation)
            .first()
        )
        if layer is None:
            raise Http404("There is no such layer.")
        now = timezone.now()
        if request.method == "POST" and "withdraw" in request.POST:
            return self._withdraw(request, rotation, layer, now)
        form = RosterForm(request.POST if request.method == "POST" else None, initial=_in_force(layer, now))
        if request.method == "POST" and EDIT not in request.POST and form.is_valid():
            turns, at = form.cleaned_data["people"], form.cleaned_data["effective_at"]

            def change() -> Rotation:
                services.change_roster(layer, turns, effective_at=at, now=now)
                return rotation

            try:
                if CONFIRMED in request.POST:
                    change()
                    messages.success(request, f"The roster of {layer} is saved.")
                    return HttpResponseRedirect(reverse("admin:rotations_rotation_change", args=[rotation.pk]))
                end = max(now, at or now) + AHEAD
                tried = services.what_if(change, rotation, start=now, end=end)
                return effect_page(
                    self, request, tried, what=f"the roster of {layer}", original=rotation, start=now, end=end
                )
            except RotationRefused as refused:
                for name, sentences in refused.errors.items():
                    form.add_error(name if name in form.fields else "people", sentences)
        handoff = next_in(layer, now=now)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": rotation,
            "title": f"Who takes the turns of {layer}",
            "form": form,
            "layer": layer,
            "handoff": handoff.at if handoff else None,
            "coming": [roster for roster in layer.rosters.all() if roster.effective_at and roster.effective_at > now],
            "members": rotation.team.members.filter(is_active=True),
        }
        return TemplateResponse(request, "admin/rotations/roster.html", context)

    def _withdraw(self, request: HttpRequest, rotation: Rotation, layer: Layer, now: datetime) -> HttpResponse:
        key = request.POST["withdraw"]
        roster = Roster.objects.filter(pk=key, layer=layer).first() if key.isdecimal() else None
        try:
            if roster is not None:
                services.withdraw_roster(roster, now=now)
                messages.success(request, "The planned roster is withdrawn; the one before it goes on.")
        except RotationError as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(reverse("admin:rotations_rotation_roster", args=[rotation.pk, layer.pk]))


def told_rosters(layer: Layer, now: datetime) -> Iterator[tuple[str, str]]:
    """The roster in force and those to come, each as from when and who."""
    return ((_from(roster), _people(roster)) for roster in layer.rosters.all() if _is_shown(roster, layer, now))


def _in_force(layer: Layer, now: datetime) -> dict[str, Any]:
    rosters = [roster for roster in layer.rosters.all() if roster.effective_at is None or roster.effective_at <= now]
    return {"people": written(rosters[-1].turns)} if rosters else {}


def _is_shown(roster: Roster, layer: Layer, now: datetime) -> bool:
    """Whether it is in force or will be."""
    in_force = [each for each in layer.rosters.all() if each.effective_at is None or each.effective_at <= now]
    return roster not in in_force[:-1]


def _from(roster: Roster) -> str:
    if roster.effective_at is None:
        return ""
    local = timezone.localtime(roster.effective_at)
    return f"From {local:%-d %b %Y %H:%M} {letters(local)}: "


def _people(roster: Roster) -> str:
    by_place: dict[int, list[str]] = {}
    for participant in roster.participants.all():
        by_place.setdefault(participant.place, []).append(str(participant.agent))
    return " → ".join(" with ".join(by_place[place]) for place in sorted(by_place)) or "nobody"
