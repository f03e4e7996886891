"""What is typed to override, to take a shift and to end an override. Part of a door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q

from apps.people.models import Agent
from apps.rotations.errors import Refused
from apps.rotations.models import Rotation
from apps.rotations.resolving.wallclock import first, last, on_the_wall
from apps.rotations.validation.overrides import LONGEST_REASON
from apps.trail.instants import slip_in

INPUT = {"class": "portal-input"}
PROBLEMS = {"starts_at": "start", "ends_at": "end"}


class ReasonForm(forms.Form):
    """Why; the rest is known."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        widget=forms.TextInput({**INPUT, "autofocus": True}),
        help_text="Those whose shifts move are told, and the trail keeps it.",
    )

    def tell(self, refused: Refused) -> None:
        """The service's words beside the fields at fault."""
        for name, sentences in refused.errors.items():
            field = PROBLEMS.get(name, name)
            self.add_error(field if field in self.fields else None, sentences)


class TakeForm(ReasonForm):
    """Whose shift is taken, where several are on."""

    instead_of = forms.ModelChoiceField(
        Agent.objects.none(), label="Whose shift", widget=forms.Select(INPUT), empty_label=None
    )
    field_order = ["instead_of", "reason"]

    def __init__(self, *args: Any, on: Iterable[Agent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = list(on)
        if len(people) > 1:
            self.fields["instead_of"].queryset = Agent.objects.filter(  # type: ignore[attr-defined]
                pk__in=[agent.pk for agent in people]
            )
        else:
            del self.fields["instead_of"]


class OverrideForm(ReasonForm):
    """A one-off replacement; times are on the clock of `zone`.

    What was given by the board is kept to the microsecond while the times are not touched: a shift that ends in the
    hour that comes twice, or where somebody took it over in the middle of a minute, ends there.
    """

    role = forms.ChoiceField(widget=forms.Select(INPUT))
    remove = forms.ModelChoiceField(
        Agent.objects.none(), label="Who is not on", required=False, widget=forms.Select(INPUT), empty_label="Nobody"
    )
    add = forms.ModelChoiceField(
        Agent.objects.none(), label="Who is on", required=False, widget=forms.Select(INPUT), empty_label="Nobody"
    )
    start = forms.CharField(
        label="From", required=False, widget=forms.DateTimeInput({**INPUT, "type": "datetime-local"}),
        help_text="Empty: now.",
    )  # fmt: skip
    end = forms.CharField(label="Until", widget=forms.DateTimeInput({**INPUT, "type": "datetime-local"}))
    given_start = forms.CharField(required=False, widget=forms.HiddenInput)
    given_end = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ["role", "remove", "add", "start", "end", "reason", "given_start", "given_end"]

    def __init__(self, *args: Any, rotation: Rotation, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.roles = {role.name: role for role in rotation.roles.all()}
        self.fields["role"].choices = [(name, name) for name in self.roles]  # type: ignore[attr-defined]
        known = list(
            Agent.objects.filter(Q(teams=rotation.team_id) | Q(turns__roster__layer__rotation=rotation)).distinct()
        )
        keys = {agent.pk for agent in known}
        others = [agent for agent in Agent.objects.filter(is_active=True) if agent.pk not in keys]
        # Somebody who left may have to be taken off, and is not put on.
        for name, offered in (("remove", known), ("add", [agent for agent in known if agent.is_active])):
            field: Any = self.fields[name]
            field.queryset = Agent.objects.all()
            field.choices = [
                ("", "Nobody"),
                (str(rotation.team), [(agent.pk, str(agent)) for agent in offered]),
                ("Everybody else", [(agent.pk, str(agent)) for agent in others]),
            ]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        said["starts_at"] = self._instant("start", first)
        said["ends_at"] = self._instant("end", last)
        said["role"] = self.roles.get(said.get("role", ""))
        return said

    def _instant(self, name: str, read: Any) -> datetime | None:
        """What was typed: of a time that comes twice the one that leaves no gap, of a skipped one what follows it."""
        text = self.cleaned_data.get(name, "").strip()
        if not text:
            return None
        given = instant(self.cleaned_data.get(f"given_{name}", ""))
        if given is not None and text in spellings(given, self.zone):
            return given
        try:
            local = datetime.fromisoformat(text)
            if slip := slip_in(local):
                self.add_error(name, slip)
                return None
            found: datetime = local.astimezone(UTC) if local.tzinfo is not None else read(local, self.zone)
        except (ValueError, OverflowError):
            self.add_error(name, "Write a day and a time, such as 2026-03-18 09:00.")
            return None
        return found


def given(said: Mapping[str, str], rotation: Rotation, zone: ZoneInfo, *, now: datetime) -> dict[str, Any]:
    """What the board's link fills in; what cannot be read is left out. A shift that runs is replaced from now on."""
    start, end = instant(said.get("start", "")), instant(said.get("end", ""))
    if start is not None and start <= now:
        start = None
    emails = [said.get(name, "").replace("\x00", "").lower()[:254] for name in ("remove", "add")]
    people = {agent.email: agent.pk for agent in Agent.objects.filter(email__in=emails)}
    return {
        "role": said.get("role", ""),
        "remove": people.get(said.get("remove", "").lower()),
        "add": people.get(said.get("add", "").lower()),
        "start": spellings(start, zone)[0] if start else "",
        "end": spellings(end, zone)[0] if end else "",
        "given_start": start.isoformat() if start else "",
        "given_end": end.isoformat() if end else "",
    }


def instant(text: str) -> datetime | None:
    """The aware instant that is written there; None when there is none, or it cannot be meant."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo and 1970 <= at.year < 2200 else None
    except (ValueError, OverflowError):
        return None


def spellings(at: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """How a field of the browser writes the instant: with seconds where there are some, and always with them."""
    local = on_the_wall(at, zone)
    exact = local.isoformat(timespec="seconds")
    return (exact if local.second else local.isoformat(timespec="minutes")), exact
