"""Rotations, who is on, and overrides in JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from rest_framework import serializers

from apps.api.fields import Called, Instant, Strict
from apps.people.models import Agent, Team
from apps.rotations import services
from apps.rotations.api.definitions import LayerSerializer, start_of, valid
from apps.rotations.api.fields import Choice, Moment, Zone
from apps.rotations.api.preview import DoubleSerializer, GapSerializer
from apps.rotations.drafts import spec_of
from apps.rotations.models import Layer, Override, Roster, Rotation, Shift
from apps.rotations.services.history import held
from apps.rotations.specs import LayerSpec, RoleSpec, RotationSpec
from apps.rotations.validation.definitions import MOST_LAYERS, MOST_ROLES

EXAMPLE_PERSON = {"name": "Ana Torres", "email": "ana@example.com", "slack_id": "U024BE7LH"}
EXAMPLE_SHIFT: dict[str, Any] = {
    "role": "primary",
    "people": [EXAMPLE_PERSON],
    "start": "2026-03-30T08:00:00Z",
    "end": "2026-04-06T08:00:00Z",
    "because": "turn 2 of “primary weekly”",
}
EXAMPLE_ON_CALL: dict[str, Any] = {"rotation": "set", "team": "sustained-engineering", "shifts": [EXAMPLE_SHIFT]}
EXAMPLE_OVERRIDE: dict[str, Any] = {
    "id": 7,
    "start": "2026-03-31T08:00:00Z",
    "end": "2026-04-02T08:00:00Z",
    "remove": "ana@example.com",
    "add": "ben@example.com",
    "role": "primary",
    "reason": "Ana is on leave",
    "made_by": None,
    "made_at": "2026-03-30T10:12:00Z",
}


class OnDutySerializer(Strict):
    """Somebody who is on."""

    name = serializers.CharField()
    email = serializers.EmailField()
    slack_id = serializers.CharField(allow_null=True, help_text="Null: not known.")


class DutySerializer(Strict):
    """Who is on in a role from when until when, and why; nobody is an empty list."""

    role = serializers.CharField()
    people = OnDutySerializer(many=True)
    start = Instant(allow_null=True, help_text="Null: farther away than a year.")
    end = Instant(allow_null=True, help_text="Null: farther away than a year.")
    because = serializers.CharField()


class OnCallSerializer(Strict):
    """Who is on in a rotation, in every role."""

    rotation = serializers.CharField(help_text="Its slug.")
    team = serializers.CharField(help_text="The team's slug.")
    shifts = DutySerializer(many=True)


class ScheduleSerializer(Strict):
    """A rotation's final schedule in a window, cut to it."""

    shifts = DutySerializer(many=True)
    gaps = GapSerializer(many=True)
    doubles = DoubleSerializer(many=True)


class RoleSerializer(Strict):
    """What somebody on duty is; the first is asked first."""

    name = serializers.CharField(max_length=50)
    user_group = serializers.CharField(
        max_length=80, required=False, allow_blank=True, help_text="A Slack user group that follows who is on."
    )


class ComingSerializer(Strict):
    """Other people from an instant on."""

    effective_at = Instant()
    participants = serializers.ListField(child=serializers.JSONField())


class StoredLayerSerializer(LayerSerializer):
    """One rule that fills a role: by users, a rotation of turns, the shifts that people entered, or a calendar."""

    name = serializers.CharField(max_length=100, required=False, help_text="Left out: its role and number.")
    shifts = Choice(Shift.Kind.values, required=False, help_text="Which shifts of the team's people fill it.")
    calendar = serializers.CharField(
        max_length=100, required=False, help_text="The name of the calendar whose entries fill it."
    )
    entries = Choice(
        Shift.Kind.values, required=False, help_text="Which entries of the calendar; left out: those of both kinds."
    )
    coming = ComingSerializer(many=True, read_only=True, help_text="Rosters that will take over.")

    filled_by = ("users", "rotation", "calendar", "shifts")


class RotationSerializer(Strict):
    """Who of a team is on duty when. A change holds from now on, another roster from the next handoff."""

    slug = serializers.SlugField(max_length=50, help_text="It stays once given.")
    name = serializers.CharField(max_length=100)
    team = Called("slug", noun="team", queryset=Team.objects.all())
    time_zone = Zone(help_text="Handoffs follow its clock.")
    channel = serializers.CharField(
        max_length=20, required=False, allow_blank=True, allow_null=True, help_text="A Slack channel's id."
    )
    roles = RoleSerializer(many=True, max_length=MOST_ROLES)  # type: ignore[call-arg]
    layers = StoredLayerSerializer(many=True, max_length=MOST_LAYERS)  # type: ignore[call-arg]
    archived = serializers.BooleanField(required=False, help_text="Nobody is on by it; what was stays known.")

    def to_representation(self, instance: Rotation) -> dict[str, Any]:
        now: datetime = self.context["view"].now
        return {
            "slug": instance.slug,
            "name": instance.name,
            "team": instance.team.slug,
            "time_zone": instance.time_zone,
            "channel": instance.channel.slack_id if instance.channel else None,
            "roles": [{"name": role.name, "user_group": role.user_group} for role in instance.roles.all()],
            "layers": [shown_layer(layer, self.fields["layers"].child, now) for layer in instance.layers.all()],  # type: ignore[attr-defined]
            "archived": instance.archived_at is not None,
        }


def shown_layer(layer: Layer, shape: serializers.BaseSerializer[Any], now: datetime) -> dict[str, Any]:
    """The layer as it can be sent back; its roster is the one in force."""
    rosters = list(layer.rosters.all())
    in_force = [roster for roster in rosters if roster.effective_at is None or roster.effective_at <= now]
    turns = in_force[-1].turns if in_force else ()
    given: dict[str, Any] = {"name": layer.name, "role": layer.role.name, "priority": layer.priority}
    match layer.kind:
        case Layer.Kind.TURNS:
            given["rotation"] = {
                name: getattr(layer, name)
                for name in ("unit", "length", "start_local", "index_offset", "advance", "turn_active_minutes")
            } | {"participants": turns}
        case Layer.Kind.PEOPLE:
            given["users"] = [email for turn in turns for email in turn]
        case Layer.Kind.CALENDAR:
            given["calendar"] = layer.calendar.name if layer.calendar else ""
            if layer.shift_kind:
                given["entries"] = layer.shift_kind
        case _:
            given["shifts"] = layer.shift_kind
    if layer.active is not None:
        times = {"from": layer.active_from or time(0), "to": layer.active_to or time(0)}
        given["active"] = {**({"days": layer.active_days} if layer.active_days else {}), **times}
    given |= {"valid_from": layer.valid_from, "valid_until": layer.valid_until, "coming": _coming(rosters, now)}
    shown: dict[str, Any] = shape.to_representation(given)
    return shown


def _coming(rosters: Sequence[Roster], now: datetime) -> list[dict[str, Any]]:
    return [
        {"effective_at": roster.effective_at, "participants": [list(turn) for turn in roster.turns]}
        for roster in rosters
        if roster.effective_at and roster.effective_at > now
    ]


@transaction.atomic
def save(rotation: Rotation | None, *, now: datetime, **given: Any) -> Rotation:
    """The rotation says what was sent, and what was not sent stays. Raises RotationRefused."""
    # What was not sent stays as it is now, not as it was before somebody else changed it.
    before = spec_of(held(rotation)) if rotation else RotationSpec(team="", slug="", name="", time_zone="")
    archived: bool | None = given.pop("archived", None)
    changes: dict[str, Any] = {name: given[name] for name in ("slug", "name", "time_zone") if name in given}
    if "team" in given:
        changes["team"] = given["team"].slug
    if "channel" in given:
        changes["channel"] = given["channel"] or ""
    if "roles" in given:
        known = {role.name: role.user_group for role in before.roles}
        changes["roles"] = tuple(
            RoleSpec(role["name"], role.get("user_group", known.get(role["name"], ""))) for role in given["roles"]
        )
    if "layers" in given:
        zone = ZoneInfo(given.get("time_zone", before.time_zone))
        changes["layers"] = tuple(_layer(layer, zone, index) for index, layer in enumerate(given["layers"]))
    saved = services.save_rotation(rotation, replace(before, **changes), now=now)
    if archived is not None:
        (services.archive if archived else services.restore)(saved, now=now)
    return saved


def _layer(given: Mapping[str, Any], zone: ZoneInfo, index: int) -> LayerSpec:
    try:
        valid_from, valid_until = valid(given, zone)
    except serializers.ValidationError as refused:
        raise serializers.ValidationError({"layers": [*([{}] * index), refused.detail]}) from refused
    turns, active = given.get("rotation"), given.get("active")
    spec = LayerSpec(
        role=given["role"],
        name=given.get("name", ""),
        priority=given["priority"],
        kind=_kind(given),
        active_days=tuple(active.get("days", ())) if active else (),
        active_from=active["from"] if active else None,
        active_to=active["to"] if active else None,
        valid_from=valid_from,
        valid_until=valid_until,
        shift_kind=given.get("shifts") or given.get("entries", ""),
        calendar=given.get("calendar", ""),
    )
    if not turns:
        return replace(spec, participants=(tuple(given["users"]),) if given.get("users") else ())
    taken = {name: turns[name] for name in ("unit", "length", "index_offset", "advance", "participants")}
    return replace(
        spec,
        **taken,
        start_local=start_of(turns["start_local"], zone),
        turn_active_minutes=turns.get("turn_active_minutes"),
    )


def _kind(given: Mapping[str, Any]) -> str:
    kinds = {"rotation": "turns", "users": "people", "calendar": "calendar"}
    return next((kind for name, kind in kinds.items() if name in given), "shifts")


# What is kept and told of an override that a key made without saying why.
NO_REASON = "No reason was given through the API"


class OverrideSerializer(Strict):
    """remove is not on, add is on, or add is on for remove, while that is on."""

    id = serializers.IntegerField(read_only=True)
    start = Moment(help_text="Without an offset in the rotation's zone. One that has passed: from now on.")
    end = Moment(help_text="Without an offset in the rotation's zone.")
    remove = Called("email", noun="agent", queryset=Agent.objects.all(), required=False, allow_null=True)
    add = Called("email", noun="agent", queryset=Agent.objects.all(), required=False, allow_null=True)
    role = serializers.CharField(
        max_length=50, required=False, allow_null=True, allow_blank=True, help_text="Left out: in every role."
    )
    reason = serializers.CharField(
        max_length=500, default=NO_REASON, help_text="Those whose shifts move are told. Left out, that none was given."
    )
    made_by = serializers.EmailField(read_only=True, allow_null=True, help_text="Null: by a key, or a job.")
    made_at = Instant(read_only=True)

    def to_representation(self, instance: Override) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(
            {
                "id": instance.pk,
                "start": instance.starts_at,
                "end": instance.ends_at,
                "remove": instance.remove,
                "add": instance.add,
                "role": instance.role.name if instance.role else None,
                "reason": instance.reason,
                "made_by": instance.made_by.email if instance.made_by else None,
                "made_at": instance.made_at,
            }
        )
        return shown
